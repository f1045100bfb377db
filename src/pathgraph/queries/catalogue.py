"""The library of findings and networks, read from the files of ``cypher/``."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pathgraph.cypherfile import CypherFile, cypher_folder, read_cypher_file
from pathgraph.errors import InputError, UsageError
from pathgraph.queries import header
from pathgraph.queries.spec import ENGINE_NAMES, Among, Finding
from pathgraph.sentence import sentence

__all__ = [
    "FOLD_PACKAGES",
    "LibraryFile",
    "among_fold_of",
    "catalogue",
    "find_finding",
    "fold_of",
    "library_files",
    "networks",
    "read_library",
]

FOLD_PACKAGES = {"findings": "pathgraph.queries.findings", "networks": "pathgraph.queries.networks"}
"""Folders with findings, and the packages with their folds."""

_AMONG_FOLDS = "pathgraph.queries.among"


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """One file of ``cypher/`` by its name.

    Attributes
    ----------
    folder
        ``findings``, ``among``, ``checks``, ``networks`` or ``parts``.
    engine
        The engine that the text is for; empty means all.
    part
        The part of a finding that the text is; empty for the finding itself.
    """

    folder: str
    id: str
    engine: str
    part: str
    file: CypherFile

    @property
    def is_main(self) -> bool:
        """Whether the file has the header that describes the rest."""
        return not self.engine and not self.part


def library_files(folder: Path) -> list[LibraryFile]:
    """Read every ``.cypher`` file below ``folder``, in order of name."""
    found = []
    for sub in ("among", "checks", "findings", "networks", "parts"):
        for path in sorted((folder / sub).glob("*.cypher")):
            id_, *middle = path.name.removesuffix(".cypher").split(".")
            engine = middle.pop() if middle and middle[-1] in ENGINE_NAMES else ""
            found.append(LibraryFile(sub, id_, engine, ".".join(middle), read_cypher_file(path)))
    return found


def read_library(folder: Path) -> tuple[dict[str, Finding], dict[str, Among], list[str]]:
    """Read findings, networks and denominators below ``folder``, and all that is wrong."""
    files = library_files(folder)
    problems: list[str] = []
    amongs: dict[str, Among] = {}
    findings: dict[str, Finding] = {}
    for item in files:
        if item.folder == "among" and item.is_main:
            among, wrong = header.among_of(item.file)
            amongs[item.id] = replace(among, has_fold=_is_module(f"{_AMONG_FOLDS}.{item.id}"))
            problems += wrong
    for item in files:
        if item.folder == "among" and not item.is_main:
            problems += _add_among_text(item, amongs)
    shared, wrong = _shared_parts(folder, files)
    problems += wrong
    for item in files:
        if item.folder in FOLD_PACKAGES and item.is_main:
            problems += _add_finding(item, findings, amongs, shared)
        elif item.folder == "checks" and item.is_main:
            problems += header.check_of(item.file)
    for item in files:
        if item.folder in FOLD_PACKAGES and not item.is_main:
            problems += _add_text(item, findings)
    problems += _missing_texts(folder, findings)
    return findings, amongs, problems


def catalogue(folder: Path | None = None) -> Mapping[str, Finding]:
    """Return the findings by id, in order of id; :func:`networks` are not among them.

    Parameters
    ----------
    folder
        A folder like ``cypher/``; by default pathgraph's own.

    Raises
    ------
    InputError
        When a header is wrong; all problems of all files at once.
    """
    return _catalogue(folder or cypher_folder())[0]


def networks(folder: Path | None = None) -> Mapping[str, Finding]:
    """Return the networks by id, in order of id; parameters and errors as :func:`catalogue`."""
    return _catalogue(folder or cypher_folder())[1]


def find_finding(finding_id: str, folder: Path | None = None) -> Finding:
    """Return the finding or network called ``finding_id``.

    Raises
    ------
    UsageError
        When there is none; the sentence names those that there are.
    """
    findings = {**catalogue(folder), **networks(folder)}
    try:
        return findings[finding_id]
    except KeyError:
        raise UsageError(
            sentence(
                "There is no finding called '{finding_id}'. There are: {names}.",
                finding_id=finding_id,
                names=", ".join(findings),
            )
        ) from None


def fold_of(finding: Finding) -> Callable[..., Any] | None:
    """Return the function that makes the finding's table from its Cypher's, where there is one."""
    if not finding.has_fold:
        return None
    package = FOLD_PACKAGES["networks" if finding.is_network else "findings"]
    fold: Callable[..., Any] = importlib.import_module(f"{package}.{finding.id}").fold
    return fold


def among_fold_of(among: Among) -> Callable[..., Any] | None:
    """Return the function that counts a denominator where its Cypher alone cannot."""
    if not among.has_fold:
        return None
    fold: Callable[..., Any] = importlib.import_module(f"{_AMONG_FOLDS}.{among.id}").fold
    return fold


@cache
def _catalogue(folder: Path) -> tuple[Mapping[str, Finding], Mapping[str, Finding]]:
    found, _, problems = read_library(folder)
    if problems:
        raise InputError(problems)
    in_order = sorted(found.items())
    return (
        MappingProxyType({id_: item for id_, item in in_order if not item.is_network}),
        MappingProxyType({id_: item for id_, item in in_order if item.is_network}),
    )


def _is_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _add_finding(
    item: LibraryFile,
    findings: dict[str, Finding],
    amongs: Mapping[str, Among],
    shared: Mapping[str, Mapping[str, str]],
) -> list[str]:
    if item.id in findings:
        return [f"{item.file.path}: a finding is called {item.id} already. Rename one."]
    findings[item.id], problems = header.finding_of(
        item.file,
        amongs=amongs,
        shared=shared,
        has_fold=_is_module(f"{FOLD_PACKAGES[item.folder]}.{item.id}"),
        is_network=item.folder == "networks",
    )
    return problems


def _add_among_text(item: LibraryFile, amongs: dict[str, Among]) -> list[str]:
    problems = header.variant_problems(item.file)
    if item.part or item.id not in amongs:
        return [
            *problems,
            f"{item.file.path}: {item.id}.cypher is not there. Write it, or remove this.",
        ]
    among = amongs[item.id]
    amongs[item.id] = replace(among, cypher={**among.cypher, item.engine: item.file.text})
    return problems


def _add_text(item: LibraryFile, findings: dict[str, Finding]) -> list[str]:
    problems = header.variant_problems(item.file)
    finding = findings.get(item.id)
    if finding is None:
        return [
            *problems,
            f"{item.file.path}: {item.id}.cypher is not there. Write it, or remove this.",
        ]
    if item.part in finding.shared:
        return [*problems, f"{item.file.path}: {item.part} is a shared part too. Rename one."]
    if not item.part:
        finding = replace(finding, cypher={**finding.cypher, item.engine: item.file.text})
    else:
        texts = {**finding.parts.get(item.part, {}), item.engine: item.file.text}
        finding = replace(finding, parts={**finding.parts, item.part: texts})
    findings[item.id] = finding
    return problems


def _shared_parts(
    folder: Path, files: Sequence[LibraryFile]
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return the texts of ``cypher/parts``, by part and engine, and what is wrong with them."""
    shared: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for item in files:
        if item.folder == "parts":
            problems += header.variant_problems(item.file)
            shared.setdefault(item.id, {})[item.engine] = item.file.text
    return shared, problems + _without_text_for_all(folder / "parts", shared)


def _missing_texts(folder: Path, findings: Mapping[str, Finding]) -> list[str]:
    """Return what is missing beside the texts for one engine: the text that all others take."""
    return [
        problem
        for finding in findings.values()
        for problem in _without_text_for_all(
            folder / ("networks" if finding.is_network else "findings"),
            {
                f"{finding.id}.{part}": texts
                for part, texts in finding.parts.items()
                if part not in finding.shared
            },
        )
    ]


def _without_text_for_all(
    folder: Path, texts_by_name: Mapping[str, Mapping[str, str]]
) -> list[str]:
    return [
        f"{folder}: {name}.cypher is not there, only a text for one engine. Write it."
        for name, texts in texts_by_name.items()
        if "" not in texts
    ]
