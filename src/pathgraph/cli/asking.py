"""Questions to a graph, and their answers in the format that was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pathgraph.cli.options import Format
from pathgraph.cli.output import chosen_format, write_document, write_result, write_text
from pathgraph.cli.terminal import say
from pathgraph.errors import StorageError, TableNotLoadedError, UsageError
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.spec import Value
from pathgraph.settings import Settings

if TYPE_CHECKING:
    from pathgraph.engine.base import Engine
    from pathgraph.queries.result import Result

__all__ = ["Question", "answer", "answer_all", "show_query"]

_TABLE_ROWS = 40
"""Rows that a table on the terminal shows unless ``--limit`` says otherwise; files have all."""


@dataclass(frozen=True, slots=True)
class Question:
    """What stood on the command line; ``None`` where nothing did."""

    graph: str | None = None
    as_of: str | None = None
    profile: str | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    limit: int | None = None
    suppress_below: int | None = None
    timeout_s: float | None = None
    format: Format | None = None
    out: Path | None = None


def answer(settings: Settings, finding_id: str, question: Question) -> None:
    """Ask one finding and write the answer."""
    format_ = chosen_format(question.format, question.out)
    with _opened(settings, question) as engine:
        result = _ask(engine, finding_id, settings, question, format_)
    write_result(result, format_, question.out)


def show_query(settings: Settings, finding_id: str, question: Question) -> None:
    """Write the Cypher that would be sent, and the parameters with it, instead of the answer."""
    from pathgraph.queries.run import explain

    with _opened(settings, question) as engine:
        cypher, parameters = explain(
            engine,
            finding_id,
            question.parameters,
            as_of=question.as_of,
            profile=question.profile,
        )
    if question.format is Format.JSON:
        document = {"finding": finding_id, "engine": engine.name, "cypher": cypher}
        write_document({**document, "parameters": parameters}, question.out)
        return
    values = "".join(f"// ${name}: {json.dumps(value)}\n" for name, value in parameters.items())
    write_text(f"{values}{cypher}\n", question.out)


def answer_all(settings: Settings, question: Question) -> None:
    """Ask every finding and write the answers: one document, or a file each in a folder.

    Raises
    ------
    UsageError
        When the format needs a folder and none was given.
    """
    format_ = _format_of_all(question)
    with _opened(settings, question) as engine:
        given = list(_answers(engine, settings, question, format_))
    if format_ is Format.JSON:
        documents = [
            {"finding": id_, "error": answer} if isinstance(answer, str) else answer.document()
            for id_, answer in given
        ]
        write_document({"findings": documents}, question.out)
        return
    folder = None if question.out is None else _made(question.out)
    said: set[str] = set()
    for id_, answer in given:
        if isinstance(answer, str):
            say(f"{id_}: {answer}")
            continue
        file = None if folder is None else folder / f"{id_}.{_ending(format_)}"
        write_result(answer, format_, file, said=said)
        if folder is None:
            said.update(answer.manifest["notes"])
            write_text("\n", None)


@contextmanager
def _opened(settings: Settings, question: Question) -> Iterator[Engine]:
    from pathgraph.engine import open_engine

    with closing(open_engine(question.graph or settings.graph)) as engine:
        yield engine


def _answers(
    engine: Engine, settings: Settings, question: Question, format_: Format
) -> Iterator[tuple[str, Result | str]]:
    """Yield each finding's answer, or the sentence why it has none."""
    for finding_id in catalogue():
        try:
            yield finding_id, _ask(engine, finding_id, settings, question, format_)
        except TableNotLoadedError as error:
            yield finding_id, str(error)


def _ask(
    engine: Engine, finding_id: str, settings: Settings, question: Question, format_: Format
) -> Result:

    from pathgraph.queries.run import run

    on_screen = format_ is Format.TABLE and question.out is None
    threshold = question.suppress_below
    return run(
        engine,
        finding_id,
        question.parameters,
        as_of=question.as_of,
        profile=question.profile,
        suppress_below=settings.suppress_below if threshold is None else threshold,
        limit=question.limit or (_TABLE_ROWS if on_screen else None),
        timeout_s=question.timeout_s,
    )


def _format_of_all(question: Question) -> Format:
    """Return the format of ``find all``, where ``--out`` is a folder unless it is one document."""
    out, given = question.out, question.format
    if given is None and out is not None:
        given = Format.JSON if out.suffix.lower() == ".json" else Format.CSV
    given = given or Format.TABLE
    if out is None and given not in (Format.TABLE, Format.JSON):
        raise UsageError(f"All findings as {given.value} are a file each. Add --out FOLDER.")
    return given


def _ending(format_: Format) -> str:
    return "txt" if format_ is Format.TABLE else format_.value


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be made: {error.strerror}. Choose another."
        ) from None
    return folder
