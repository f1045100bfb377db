"""Whether the Cypher files keep to the subset that gives one answer on both engines.

``python -m pathgraph.queries.lint [FOLDER]`` checks every file, prints each problem with file and
line and what to write instead, and ends with 1 where there is one. What was seen to differ stands
in ``cypher/README.md``.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from pathgraph.cypherfile import cypher_folder
from pathgraph.engine.empty_graph import explain_on_empty_graph
from pathgraph.errors import PathgraphError
from pathgraph.queries.catalogue import FOLD_PACKAGES, LibraryFile, library_files, read_library
from pathgraph.queries.portable import lint_text
from pathgraph.queries.spec import (
    IMPLICIT_PARAMETERS,
    THRESHOLD,
    Finding,
    Parameter,
    ParameterType,
)
from pathgraph.queries.tokens import parameters_used

__all__ = ["lint", "main"]


def lint(folder: Path | None = None) -> list[str]:
    """Return every problem of every file below ``folder`` (by default ``cypher/``)."""
    folder = folder or cypher_folder()
    findings, _, problems = read_library(folder)
    files = library_files(folder)
    for item in files:
        if not item.file.text:
            continue
        columns = _columns(item, findings)
        problems += [
            f"{item.file.path}:{line}: {sentence}"
            for line, sentence in lint_text(
                item.file.text, first_line=item.file.text_line, columns=columns
            )
        ]
    problems += _parameter_problems(files, findings)
    problems += _refused(files, findings)
    return list(dict.fromkeys(problems))


def main(arguments: Sequence[str] | None = None) -> int:
    """Check every file, print the problems, and return 1 where there is one."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    folder = Path(given[0]) if given else cypher_folder()
    try:
        problems = lint(folder)
    except PathgraphError as error:
        problems = [str(error)]
    for problem in problems:
        print(problem)
    n_files = sum(1 for _ in folder.rglob("*.cypher"))
    print(f"{n_files} Cypher files, {len(problems)} problems.", file=sys.stderr)
    return 1 if problems else 0


def _columns(item: LibraryFile, findings: dict[str, Finding]) -> tuple[str, ...] | None:
    """Return the columns that a text must return; ``None`` where it is free."""
    if item.folder == "among":
        counted = importlib.util.find_spec(f"pathgraph.queries.among.{item.id}")
        return None if counted else ("n",)
    finding = findings.get(item.id)
    if item.folder not in FOLD_PACKAGES or item.part or finding is None or finding.has_fold:
        return None
    return tuple(column.name for column in finding.returns)


def _parameter_problems(files: Collection[LibraryFile], findings: dict[str, Finding]) -> list[str]:
    """Compare the parameters that texts use with those that their findings declare."""
    problems = []
    used: dict[str, set[str]] = {name: set() for name in findings}
    for item in files:
        names = parameters_used(item.file.text) - set(IMPLICIT_PARAMETERS)
        askers = [finding for finding in findings.values() if _asks(finding, item)]
        if item.folder == "checks" and names:
            problems.append(f"{item.file.path}: a check has no parameters. Write the numbers.")
        if item.folder == "parts" and not askers:
            problems.append(
                f"{item.file.path}: no finding asks for it. Name it in '// parts: ...' or "
                "remove it."
            )
        for finding in askers:
            used[finding.id] |= names
            missing = sorted(names - {p.name for p in finding.parameters})
            problems += [
                f"{item.file.path}: ${name} is used, but {finding.id}.cypher has no "
                f"'// param {name}: ...'. Add it, or correct the name."
                for name in missing
            ]
    paths = {item.id: item.file.path for item in files if item.folder in FOLD_PACKAGES}
    for finding in findings.values():
        fold = _fold_source(finding)
        for parameter in finding.parameters:
            name = parameter.name
            if name == THRESHOLD:
                continue
            if name not in used[finding.id] and not re.search(rf"""["']{name}["']""", fold):
                problems.append(
                    f"{paths[finding.id]}: the parameter {name} is never used. Use it or remove it."
                )
    return problems


def _asks(finding: Finding, item: LibraryFile) -> bool:
    """Whether the text of a file is sent when the finding is asked."""
    if item.folder == "among":
        return finding.among is not None and finding.among.id == item.id
    if item.folder == "parts":
        return item.id in finding.shared
    return item.folder in FOLD_PACKAGES and finding.id == item.id


def _fold_source(finding: Finding) -> str:
    if not finding.has_fold:
        return ""
    package = FOLD_PACKAGES["networks" if finding.is_network else "findings"]
    found = importlib.util.find_spec(f"{package}.{finding.id}")
    origin = found.origin if found else None
    if not origin:
        return ""
    # Names of parameters that several folds share stand in a tuple that each of them imports.
    shared = [
        value
        for name, value in vars(importlib.import_module(f"{package}.{finding.id}")).items()
        if name.isupper() and isinstance(value, tuple)
    ]
    return Path(origin).read_text(encoding="utf-8") + repr(shared)


def _refused(files: Collection[LibraryFile], findings: dict[str, Finding]) -> list[str]:
    """Let LadybugDB plan every text that it would be asked."""
    texts = {}
    for item in files:
        if item.engine not in ("", "ladybug") or not item.file.text:
            continue
        values: dict[str, object] = dict.fromkeys(IMPLICIT_PARAMETERS, 0)
        for finding in findings.values():
            values |= {p.name: _sample(p) for p in finding.parameters if _asks(finding, item)}
        if parameters_used(item.file.text) <= values.keys():
            texts[str(item.file.path)] = (item.file.text, values)
    return [f"{path}: {why}" for path, why in explain_on_empty_graph(texts).items()]


def _sample(parameter: Parameter) -> object:
    """Return a value of the parameter's type."""
    samples: dict[ParameterType, object] = {
        ParameterType.INT: 1,
        ParameterType.NUMBER: 1.0,
        ParameterType.BOOLEAN: True,
        ParameterType.TEXT: "x",
        ParameterType.LIST: ["x"],
    }
    return samples[parameter.type]


if __name__ == "__main__":
    sys.exit(main())
