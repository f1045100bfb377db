"""``pathgraph find``: one command a finding or network, with its own parameters as options."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from pathgraph.cli.asking import Question, answer, show_query
from pathgraph.cli.options import (
    AsOfOption,
    GraphOption,
    LimitOption,
    OptionalFormatOption,
    OutOption,
    SuppressOption,
    parse_pairs,
    settings_of,
)
from pathgraph.cli.summary import answer_all
from pathgraph.errors import UsageError
from pathgraph.queries.catalogue import catalogue, find_finding, networks
from pathgraph.queries.spec import Finding, Parameter, ParameterType, Value

__all__ = ["group"]

_Params = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter by its name; may be repeated."),
]
_Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0.1, metavar="SECONDS", help="Give up after this time."),
]
_Explain = Annotated[
    bool,
    typer.Option("--explain", help="Print the Cypher and the parameters instead of the answer."),
]

_METAVARS = {
    ParameterType.INT: "INTEGER",
    ParameterType.NUMBER: "NUMBER",
    ParameterType.BOOLEAN: "true|false",
    ParameterType.TEXT: "TEXT",
    ParameterType.LIST: "TEXT|TEXT...",
}


class _FindGroup(TyperGroup):
    """Makes the commands when one is asked for: other commands need not read the library."""

    def _fill(self) -> None:
        if not self.commands:
            for name, command in _commands().items():
                self.add_command(command, name)

    def list_commands(self, ctx: Any) -> list[str]:
        self._fill()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self._fill()
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            find_finding(args[0])
        return super().resolve_command(ctx, args)


group = typer.Typer(
    cls=_FindGroup,
    no_args_is_help=True,
    help="Answer one finding or network, or all findings. Each has its own options: pathgraph find "
    "FINDING --help.",
)


@group.callback()
def _find() -> None:
    """Hold the commands together; without it Typer would take a single one for the whole."""


def _commands() -> dict[str, Any]:
    asked = {**catalogue(), **networks()}
    commands = {finding.id: _finding_command(finding) for finding in asked.values()}
    whole = typer.Typer(add_completion=False, rich_markup_mode="rich")
    whole.command("all")(_find_all)
    commands["all"] = typer.main.get_command(whole)
    return commands


def _find_all(
    context: typer.Context,
    graph: GraphOption = None,
    as_of: AsOfOption = None,
    format_: OptionalFormatOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="A file for json, a folder for csv, xlsx and parquet: one file a finding.",
        ),
    ] = None,
    limit: LimitOption = None,
    suppress_below: SuppressOption = None,
    timeout: _Timeout = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DATE",
            help="Count the change since the end of this day. Default: a month before --as-of.",
        ),
    ] = None,
    summary_only: Annotated[
        bool, typer.Option("--summary-only", help="The summary alone; --out is then a file.")
    ] = False,
) -> None:
    """Answer every finding with its defaults, below a summary of what each found.

    What needs absent tables, or a value that only you can give, says so.
    """
    answer_all(
        settings_of(context),
        Question(
            graph=graph,
            as_of=as_of,
            limit=limit,
            suppress_below=suppress_below,
            timeout_s=timeout,
            format=format_,
            out=out,
        ),
        since=since,
        summary_only=summary_only,
    )


def _finding_command(finding: Finding) -> Any:
    """Return the command of one finding, its signature made from the finding's header."""
    fixed = [
        ("graph", GraphOption, None),
        ("as_of", AsOfOption, None),
        ("profile", _profile_option(finding), None),
        ("param", _Params, None),
        ("format_", OptionalFormatOption, None),
        ("out", OutOption, None),
        ("limit", LimitOption, None),
        ("suppress_below", SuppressOption, None),
        ("timeout", _Timeout, None),
        ("explain_", _Explain, False),
    ]
    taken = {name.rstrip("_") for name, _, _ in fixed} | {"help"}
    # A parameter that is called like one of pathgraph's own options is given by --param.
    own = [p for p in finding.parameters if p.name not in taken]

    def command(context: typer.Context, **given: Any) -> None:
        parameters = _given_parameters(given["param"], {p.name: given.pop(p.name) for p in own})
        question = Question(
            graph=given["graph"],
            as_of=given["as_of"],
            profile=given["profile"],
            parameters=parameters,
            limit=given["limit"],
            suppress_below=given["suppress_below"],
            timeout_s=given["timeout"],
            format=given["format_"],
            out=given["out"],
        )
        do = show_query if given["explain_"] else answer
        do(settings_of(context), finding.id, question)

    options = [(p.name, _parameter_option(p), None) for p in own] + fixed
    keyword = inspect.Parameter.KEYWORD_ONLY
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
            ),
            *(
                inspect.Parameter(name, keyword, default=default, annotation=annotation)
                for name, annotation, default in options
            ),
        ]
    )
    command.__annotations__ = {
        "context": typer.Context,
        **{name: annotation for name, annotation, _ in options},
    }
    app = typer.Typer(add_completion=False, rich_markup_mode="rich")
    app.command(
        finding.id,
        help=_help_text(finding),
        short_help=escape(finding.title),
        epilog=_epilog(finding),
    )(command)
    return typer.main.get_command(app)


def _given_parameters(
    pairs: Sequence[str] | None, options: Mapping[str, str | None]
) -> dict[str, Value]:
    parameters: dict[str, Value] = dict(parse_pairs(pairs, "--param"))
    for name, text in options.items():
        if text is None:
            continue
        if name in parameters:
            raise UsageError(
                f"{_flag(name)} and --param {name}=... say the same thing. Leave one out."
            )
        parameters[name] = text
    return parameters


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _parameter_option(parameter: Parameter) -> Any:
    unit = f", unit {parameter.unit}" if parameter.unit else ""
    default = (
        "has to be given"
        if parameter.default is None
        else f"default {parameter_text(parameter.default)}"
    )
    text = f"{parameter.sentence.rstrip('.')} ({parameter.expects}{unit}; {default})."
    values = parameter.one_of or (
        ("true", "false") if parameter.type is ParameterType.BOOLEAN else ()
    )
    return Annotated[
        str | None,
        typer.Option(
            _flag(parameter.name),
            metavar="|".join(values) or _METAVARS[parameter.type],
            help=escape(text),
            show_default=False,
            rich_help_panel="Parameters of this finding",
            autocompletion=_completion(values),
        ),
    ]


def _profile_option(finding: Finding) -> Any:
    names = tuple(profile.name for profile in finding.profiles)
    text = f"A named set of parameter values: {', '.join(names)}." if names else "It has none."
    return Annotated[
        str | None,
        typer.Option(
            "--profile", metavar="NAME", help=escape(text), autocompletion=_completion(names)
        ),
    ]


def _completion(values: Sequence[str]) -> Any:
    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete


def parameter_text(value: Value) -> str:
    """Return a parameter's value as it is written on the command line.

    Examples
    --------
    >>> parameter_text(True), parameter_text(("a", "b")), parameter_text(30)
    ('true', 'a|b', '30')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return "|".join(value) if isinstance(value, tuple) else str(value)


def _help_text(finding: Finding) -> str:
    parts = [f"{finding.title}. {finding.question}"]
    if finding.needs:
        parts.append(f"Needs the tables {', '.join(finding.needs)}.")
    if finding.among is not None:
        parts.append(f"Counted among: {finding.among.title}.")
    return escape("\n\n".join(parts))


def _epilog(finding: Finding) -> str:
    lines = []
    for profile in finding.profiles:
        values = ", ".join(f"{name} {parameter_text(v)}" for name, v in profile.values.items())
        title = f" ({profile.title})" if profile.title else ""
        lines.append(f"Profile {profile.name}{title}: {values or 'the defaults'}.")
    columns = "; ".join(f"{c.name} ({c.sentence.rstrip('.')})" for c in finding.returns)
    lines.append(f"Columns: {columns}.")
    lines.append(f"Source: {finding.source}. Version {finding.version}.")
    if finding.legal:
        lines.append(f"Legal basis: {finding.legal}.")
    return escape("\n\n".join(lines))
