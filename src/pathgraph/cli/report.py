"""``pathgraph report``: pages to be printed, as files that open without a server."""

from __future__ import annotations

import enum
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pathgraph.cli.asking import Question, opened
from pathgraph.cli.options import AsOfOption, GraphOption, SuppressOption, settings_of
from pathgraph.cli.terminal import say, terminal_progress
from pathgraph.errors import StorageError, UsageError

__all__ = ["group"]

_TIMEOUT_S = 600.0
_BEGIN = 2_000
"""Characters in which a file says what made it."""

group = typer.Typer(no_args_is_help=True, help="Write reports to be printed.")


class Tongue(enum.StrEnum):
    """Languages of a report."""

    NB = "nb"
    NN = "nn"
    EN = "en"


@group.callback()
def _report() -> None:
    """Hold the commands together; without it Typer would take a single one for the whole."""


@group.command("municipalities")
def municipalities_command(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the pages; is made.")
    ],
    graph: GraphOption = None,
    lang: Annotated[Tongue, typer.Option("--lang", help="Language of the pages.")] = Tongue.NB,
    as_of: AsOfOption = None,
    suppress_below: SuppressOption = None,
) -> None:
    """Write a page for each municipality of the health community, and one for all.

    Each is one sheet of A4 when printed, holds all that it shows, and opens without a server. On a
    municipality's page no other one is named. Reports that this command wrote before are written
    anew; any other file in the way is left as it is, and nothing is written.
    """
    from pathgraph.api.asking import Asker
    from pathgraph.api.language import language_of
    from pathgraph.api.municipality_reports import all_page, municipality_page, report_name
    from pathgraph.queries.caller import LOCAL
    from pathgraph.queries.municipality_reports import answers_for
    from pathgraph.queries.run import Answers

    settings, progress, language = settings_of(context), terminal_progress(), language_of(lang)
    threshold = settings.suppress_below if suppress_below is None else suppress_below
    with opened(settings, Question(graph=graph)) as engine:
        asker = Asker(engine, LOCAL, Answers(), threshold, _TIMEOUT_S)
        progress.start("Asked", unit="answers")
        answers = answers_for(asker, as_of)
        progress.finish()
    codes = ["", *(place["municipality_code"] for place in answers.places)]
    _refuse_others(out, [report_name(code) for code in codes])
    progress.start("Written", total=len(codes), unit="pages")
    for code in codes:
        place = answers.place(code)
        text = (
            all_page(answers, language, is_file=True)
            if place is None
            else municipality_page(answers, place, language, is_file=True)
        )
        _write(out / report_name(code), text)
        progress.advance(1)
    progress.finish()
    say(f"{len(codes)} pages in {out}. Open {report_name()} in a browser, and print.")


def _refuse_others(out: Path, names: Sequence[str]) -> None:
    """Make the folder, and refuse to replace what is no report of ours."""
    from pathgraph.api.municipality_reports import GENERATOR

    mark = f'<meta name="generator" content="{GENERATOR}">'
    try:
        out.mkdir(parents=True, exist_ok=True)
        others = [
            name
            for name in names
            if (out / name).exists() and mark not in (out / name).read_bytes()[:_BEGIN].decode(
                "utf-8", "replace"
            )
        ]  # fmt: skip
    except OSError as error:
        raise StorageError(
            f"The folder {out} cannot be used: {error.strerror}. Choose another."
        ) from None
    if others:
        raise UsageError(
            f"In {out} there are other files of these names: {', '.join(others)}. Nothing was "
            "written. Choose another folder, or move them."
        )


def _write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".report-") as beside:
            whole = Path(beside) / path.name
            whole.write_text(text, encoding="utf-8")
            whole.replace(path)
    except OSError as error:
        reason = error.strerror or "the disk does not take it"
        raise StorageError(
            f"{path} could not be written: {reason}. Choose another place."
        ) from None
