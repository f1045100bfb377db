"""``command_line.md``: every command with its arguments and options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperArgument

from pathgraph.cli import app
from pathgraph.cli.load import source_lines
from pathgraph.docgen.markdown import GENERATED, table

__all__ = ["command_line_document"]


def command_line_document() -> str:
    """Return the command line as Markdown, read from the commands themselves."""
    root = typer.main.get_command(app)
    lines = [
        GENERATED,
        "# The command line",
        "",
        "Answers go to standard output, everything else to standard error. Progress is shown only "
        "where standard error is a terminal. `pathgraph --install-completion` sets up completion "
        "for the shell.",
        "",
        str(getattr(root, "epilog", None) or ""),
    ]
    for path, command in _commands(root, "pathgraph"):
        lines += ["", f"## {path}", "", _plain(command.help), *_parameter_lines(command)]
        if path == "pathgraph load":
            lines += ["", *(f"* {line}" for line in source_lines())]
    return "\n".join(lines) + "\n"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with the words that call it, in order of words."""
    context = typer.Context(command, info_name=path)
    if not hasattr(command, "list_commands"):
        yield path, command
        return
    if command.invoke_without_command:
        yield path, command
    for name in sorted(command.list_commands(context)):
        yield from _commands(command.get_command(context, name), f"{path} {name}")


def _parameter_lines(command: Any) -> list[str]:
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    return ["", *table(["argument or option", "meaning"], rows)] if rows else []


def _row(parameter: Any) -> list[str]:
    if isinstance(parameter, TyperArgument):
        return [f"`{parameter.metavar}`", _plain(parameter.help)]
    flags = ", ".join(f"`{flag}`" for flag in [*parameter.opts, *parameter.secondary_opts])
    # Every option that takes a value says what sort; what says nothing is a switch.
    return [f"{flags} {parameter.metavar or ''}".rstrip(), _plain(parameter.help)]


def _plain(text: str | None) -> str:
    """Return a help text without the escapes that keep Rich from reading it as markup."""
    return (text or "").replace("\\[", "[")
