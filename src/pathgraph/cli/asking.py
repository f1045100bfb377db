"""Questions to a graph, and their answers in the format that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pathgraph.cli.options import Format
from pathgraph.cli.output import chosen_format, write_document, write_result, write_text
from pathgraph.cli.terminal import say
from pathgraph.door import Graph, open_graph
from pathgraph.errors import StorageError, TableNotLoadedError, UsageError
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.result import Result
from pathgraph.queries.run import explain, run
from pathgraph.queries.spec import Value
from pathgraph.settings import Settings

__all__ = ["Question", "answer", "answer_all", "answers", "show_query"]

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
    with open_graph(question.graph or settings.graph) as graph:
        result = _ask(graph, finding_id, settings, question, format_)
    write_result(result, format_, question.out)


def show_query(settings: Settings, finding_id: str, question: Question) -> None:
    """Write the Cypher that would be sent, and the parameters with it, instead of the answer."""
    with open_graph(question.graph or settings.graph) as graph:
        cypher, parameters = explain(
            graph.engine,
            finding_id,
            question.parameters,
            as_of=question.as_of,
            profile=question.profile,
        )
        engine_name = graph.engine.name
    if chosen_format(question.format, question.out) is Format.JSON:
        document = {"finding": finding_id, "engine": engine_name, "cypher": cypher}
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
    with open_graph(question.graph or settings.graph) as graph:
        if format_ is Format.JSON:
            documents: list[Mapping[str, object]] = [
                given.document() if isinstance(given, Result) else {"finding": id_, "error": given}
                for id_, given in answers(graph, settings, question, format_)
            ]
            write_document({"findings": documents}, question.out)
            return
        folder = question.out
        for id_, given in answers(graph, settings, question, format_):
            if not isinstance(given, Result):
                say(f"{id_}: {given}")
                continue
            file = None if folder is None else _made(folder) / f"{id_}.{_ending(format_)}"
            write_result(given, format_, file)
            if folder is None:
                print()


def answers(
    graph: Graph, settings: Settings, question: Question, format_: Format
) -> list[tuple[str, Result | str]]:
    """Return each finding's answer, or the sentence why it has none."""
    given: list[tuple[str, Result | str]] = []
    for finding_id in catalogue():
        try:
            given.append((finding_id, _ask(graph, finding_id, settings, question, format_)))
        except TableNotLoadedError as error:
            given.append((finding_id, str(error)))
    return given


def _ask(
    graph: Graph, finding_id: str, settings: Settings, question: Question, format_: Format
) -> Result:
    on_screen = format_ is Format.TABLE and question.out is None
    return run(
        graph.engine,
        finding_id,
        question.parameters,
        as_of=question.as_of,
        profile=question.profile,
        suppress_below=settings.suppress_below
        if question.suppress_below is None
        else question.suppress_below,
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
