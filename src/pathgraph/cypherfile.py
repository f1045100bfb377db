"""Cypher files: where they are, and how their header is written.

A file of ``cypher/`` begins with line comments that hold all that is known of it besides its text;
``cypher/README.md`` describes the format. This module knows the form of a header (a word, perhaps a
name, a colon, a text); what the words mean is said in :mod:`pathgraph.queries.spec`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pathgraph.errors import InputError

__all__ = ["CypherFile", "Entry", "cypher_folder", "parse_cypher_file", "read_cypher_file"]

_ENTRY = re.compile(
    r"""(?P<word>[a-z_]+)
        (?:\.(?P<language>[a-z]{2}))?
        (?:[ ]+(?P<name>[A-Za-z_][A-Za-z0-9_]*))?
        (?:[ ]+"(?P<title>[^"]*)")?
        [ ]*:(?:[ ]+(?P<text>.*))?$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a header: ``// WORD[.LANGUAGE] [NAME] ["TITLE"]: TEXT``.

    Attributes
    ----------
    line
        Line of the file on which the entry begins, from 1.
    """

    word: str
    language: str
    name: str
    title: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class CypherFile:
    """A file of ``cypher/``, its header taken apart.

    Attributes
    ----------
    text
        What the engine is asked: everything after the header.
    text_line
        Line of the file on which ``text`` begins, from 1.
    problems
        What is wrong with the form of the header, one sentence each with file and line.
    """

    path: Path
    entries: tuple[Entry, ...]
    text: str
    text_line: int
    problems: tuple[str, ...]


def cypher_folder() -> Path:
    """Return the folder ``cypher``: beside this module when installed, else in the checkout.

    Raises
    ------
    InputError
        When there is none: the installation is incomplete.

    Examples
    --------
    >>> (cypher_folder() / "findings").is_dir()
    True
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "cypher", here.parents[1] / "cypher"):
        if (folder / "findings").is_dir():
            return folder
    raise InputError(
        "The folder cypher with the findings is missing from this installation of pathgraph. "
        "Install pathgraph again."
    )


def read_cypher_file(path: Path) -> CypherFile:
    """Read a file of ``cypher/`` and take its header apart.

    Raises
    ------
    InputError
        When the file cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path}: the file is not UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise InputError(f"{path}: {reason}. Check the name and the rights.") from None
    return parse_cypher_file(path, content)


def parse_cypher_file(path: Path, content: str) -> CypherFile:
    r"""Take the header of a Cypher file apart.

    Parameters
    ----------
    content
        The whole file. The header ends at the first line that is neither blank nor ``// ...``. A
        header line with two or more blanks after ``//`` goes on with the entry above it.

    Examples
    --------
    >>> file = parse_cypher_file(Path("x.cypher"), "// version: 1\nMATCH (n) RETURN n\n")
    >>> file.entries[0].word, file.entries[0].text, file.text_line
    ('version', '1', 2)
    """
    entries: list[Entry] = []
    problems: list[str] = []
    lines = content.removeprefix("\ufeff").split("\n")
    number = 0
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if line and not line.startswith("//"):
            break
        if not line or not line.removeprefix("//").strip():
            continue
        _header_line(path, number, line.removeprefix("//"), entries, problems)
    else:
        number = len(lines) + 1
        problems.append(f"{path}: there is no query below the header. Write it there.")
    text = "\n".join(lines[number - 1 :]).strip()
    return CypherFile(path, tuple(entries), text, number, tuple(problems))


def _header_line(
    path: Path, number: int, line: str, entries: list[Entry], problems: list[str]
) -> None:
    if line.startswith("  "):
        if entries:
            last = entries[-1]
            entries[-1] = replace(last, text=f"{last.text} {line.strip()}".strip())
            return
        problems.append(
            f"{path}:{number}: the line goes on with an entry, but none stands above it. "
            "Begin an entry with one blank after //."
        )
        return
    match = _ENTRY.fullmatch(line.strip())
    if match is None:
        problems.append(
            f"{path}:{number}: a header line reads '// word: text', '// word.en: text' or "
            "'// word name: text'. Move other comments below the first line of the query."
        )
        return
    parts = {name: (value or "").strip() for name, value in match.groupdict().items()}
    entries.append(Entry(**parts, line=number))
