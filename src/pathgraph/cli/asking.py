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
from pathgraph.queries.spec import Value
from pathgraph.settings import Settings

if TYPE_CHECKING:
    from pathgraph.engine.base import Engine
    from pathgraph.queries.result import Result

__all__ = ["TABLE_ROWS", "Question", "answer", "opened", "show_query"]

TABLE_ROWS = 40
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
    with opened(settings, question) as engine:
        result = _ask(engine, finding_id, settings, question, format_)
    write_result(result, format_, question.out)


def show_query(settings: Settings, finding_id: str, question: Question) -> None:
    """Write the Cypher that would be sent, and the parameters with it, instead of the answer."""
    from pathgraph.queries.run import explain

    with opened(settings, question) as engine:
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


@contextmanager
def opened(settings: Settings, question: Question) -> Iterator[Engine]:
    """Hold the graph open that the question is put to."""
    from pathgraph.engine import open_engine

    with closing(open_engine(question.graph or settings.graph)) as engine:
        yield engine


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
        limit=question.limit or (TABLE_ROWS if on_screen else None),
        timeout_s=question.timeout_s,
    )
