"""Folders like ``cypher/`` for tests, written from texts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

DEFAULT_HEADER = (
    "title.en: Patients",
    "title.nb: Pasienter",
    "title.nn: Pasientar",
    "question.en: Who is here?",
    "question.nb: Hvem er her?",
    "question.nn: Kven er her?",
    "source: docs/definitions.md#patients",
    "version: 1",
)

PATIENTS = (
    "returns patient_id: id: the patient",
    "key: patient_id",
)


def header(lines: Iterable[str], *, default: Iterable[str] = DEFAULT_HEADER) -> str:
    """Return header lines; a line of ``lines`` replaces the default one of the same word."""
    given = list(lines)
    words = {line.split(":")[0] for line in given}
    kept = [line for line in default if line.split(":")[0] not in words]
    return "".join(f"// {line}\n" for line in [*kept, *given])


def write_library(
    folder: Path,
    findings: dict[str, tuple[Iterable[str], str]] | None = None,
    *,
    among: dict[str, tuple[Iterable[str], str]] | None = None,
    other: dict[str, str] | None = None,
) -> Path:
    """Write findings (name to header lines and text), denominators and whole files."""
    for name in ("findings", "among", "checks", "networks", "parts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, (lines, text) in (findings or {}).items():
        (folder / "findings" / f"{name}.cypher").write_text(
            header(lines) + text + "\n", encoding="utf-8"
        )
    for name, (lines, text) in (among or {}).items():
        top = header(lines, default=("title.en: How many", "version: 1"))
        (folder / "among" / f"{name}.cypher").write_text(top + text + "\n", encoding="utf-8")
    for name, content in (other or {}).items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder
