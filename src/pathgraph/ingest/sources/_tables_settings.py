"""The two YAML files of the source ``tables``: ``dataset.yaml`` and the mapping file.

Every scalar is read as text: otherwise YAML makes a boolean of the code ``no`` and another number
of ``0301``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from pathgraph.model.tables import CANONICAL_TABLES, canonical_table
from pathgraph.model.types import ColumnType, Table

__all__ = ["Dataset", "TableMapping", "read_dataset", "read_mapping"]

DEFAULT_TIMEZONE = "Europe/Oslo"

_MAX_BYTES = 1_000_000
_DATASET_KEYS = ("timezone", "pseudonymous", "acute", "meanings")
_TABLE_KEYS = (
    "file",
    "columns",
    "codes",
    "constants",
    "delimiter",
    "encoding",
    "decimal",
    "date_format",
)
_DATED = (ColumnType.DATE, ColumnType.TIME)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What ``dataset.yaml`` says.

    Attributes
    ----------
    pseudonymous
        ``None`` where the file does not say.
    acute
        Urgency codes that count as acute; ``None`` where the file does not say.
    meanings
        Column to code to what it means.
    """

    timezone: str = DEFAULT_TIMEZONE
    pseudonymous: bool | None = None
    acute: tuple[str, ...] | None = None
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How a user's file becomes a canonical table.

    Attributes
    ----------
    columns
        Canonical column to the names in the file; several are put together with a blank.
    codes
        Canonical column to the file's code to the canonical one.
    constants
        Canonical column to the value of every row.
    date_format
        Canonical column to its format in the letters of ``strptime``.
    """

    file: str | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    date_format: Mapping[str, str] = field(default_factory=dict)


def read_dataset(path: Path, problems: list[str]) -> Dataset:
    """Read ``dataset.yaml``; what is wrong with it is added to ``problems``."""
    if not path.is_file():
        return Dataset()
    content = _read_yaml(path, problems)
    if content is None:
        return Dataset()
    own: list[str] = []
    _report_unknown(own, "key", content, _DATASET_KEYS)
    timezone = _text(content, "timezone", own) or DEFAULT_TIMEZONE
    if not is_timezone(timezone):
        own.append(
            f"timezone: there is no '{timezone}'. Give an IANA name, for example Europe/Oslo."
        )
    declared = _text(content, "pseudonymous", own).lower()
    if declared not in ("true", "false", ""):
        own.append("pseudonymous: write true or false.")
    acute = content.get("acute")
    if isinstance(acute, str):
        acute = [code.strip() for code in acute.split(",") if code.strip()]
    if acute is not None and (not isinstance(acute, list) or not all(_are_texts(acute))):
        own.append("acute: write a list of urgency codes, for example [1, 2, 3].")
        acute = None
    meanings = _mapping_of_mappings(content, "meanings", own)
    problems.extend(f"{path.name}: {problem}" for problem in own)
    return Dataset(
        timezone,
        {"true": True, "false": False}.get(declared),
        tuple(acute) if acute else None,
        meanings,
    )


def read_mapping(path: Path, problems: list[str]) -> dict[str, TableMapping]:
    """Read a mapping file; what is wrong with it is added to ``problems``.

    Returns
    -------
    dict
        Canonical table to its mapping.
    """
    content = _read_yaml(path, problems)
    if content is None:
        return {}
    own: list[str] = []
    _report_unknown(own, "key", content, ("tables",))
    tables = content.get("tables", {})
    if not isinstance(tables, dict):
        tables = {}
        own.append("tables: write one entry a table below it.")
    known = [table.name for table in CANONICAL_TABLES]
    _report_unknown(own, "table", tables, known)
    found = {}
    for name, entry in tables.items():
        if name not in known:
            continue
        within: list[str] = []
        found[name] = _read_table(canonical_table(name), entry, within)
        own.extend(f"tables.{name}: {problem}" for problem in within)
    if not tables and not own:
        own.append("says nothing: write the tables below the word 'tables:'.")
    problems.extend(f"{path.name}: {problem}" for problem in own)
    return found


def is_timezone(name: str) -> bool:
    """Say whether there is such a zone.

    Examples
    --------
    >>> is_timezone("Europe/Oslo"), is_timezone("Norge")
    (True, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _read_yaml(path: Path, problems: list[str]) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > _MAX_BYTES:
            problems.append(f"{path.name}: is larger than 1 MB. Is it the right file?")
            return None
        # BaseLoader makes nothing but texts, lists and mappings.
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
    except OSError as error:
        problems.append(f"{path.name}: cannot be read ({error.strerror}). Check the path.")
        return None
    except UnicodeDecodeError:
        problems.append(f"{path.name}: is not encoded as UTF-8. Save it as UTF-8.")
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        problems.append(f"{path.name}: is no valid YAML{where}. Look at indents and colons there.")
        return None
    if content is None or content == "":
        return {}
    if not isinstance(content, dict):
        problems.append(
            f"{path.name}: write keys with a colon, for example 'timezone: Europe/Oslo'."
        )
        return None
    return {str(key): value for key, value in content.items()}


def _report_unknown(
    problems: list[str], sort: str, found: Mapping[str, Any], known: Iterable[str]
) -> None:
    names = list(known)
    for name in found:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else f"Known are: {', '.join(names)}."
            problems.append(f"there is no {sort} '{name}'. {hint}")


def _are_texts(values: Iterable[Any]) -> Iterable[bool]:
    return (isinstance(value, str) for value in values)


def _text(content: Mapping[str, Any], key: str, problems: list[str]) -> str:
    value = content.get(key, "")
    if isinstance(value, str):
        return value
    problems.append(f"{key}: write one text.")
    return ""


def _mapping(content: Mapping[str, Any], key: str, problems: list[str]) -> dict[str, Any]:
    value = content.get(key, "")
    if value == "":
        return {}
    if isinstance(value, dict):
        return {str(name): entry for name, entry in value.items()}
    problems.append(f"{key}: write one entry a line below it, 'name: value'.")
    return {}


def _mapping_of_mappings(
    content: Mapping[str, Any], key: str, problems: list[str]
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, entry in _mapping(content, key, problems).items():
        if isinstance(entry, dict) and all(_are_texts(entry.values())):
            found[name] = {str(code): value for code, value in entry.items()}
        else:
            problems.append(f"{key}.{name}: write one entry a line below it, 'code: value'.")
    return found


def _read_table(table: Table, entry: Any, problems: list[str]) -> TableMapping:
    if not isinstance(entry, dict):
        problems.append("write its file and columns below it.")
        return TableMapping()
    _report_unknown(problems, "key", entry, _TABLE_KEYS)
    names = [column.name for column in table.columns]
    columns = _read_columns(table, entry, problems)
    codes = _mapping_of_mappings(entry, "codes", problems)
    constants = {}
    for name, value in _mapping(entry, "constants", problems).items():
        if isinstance(value, str):
            constants[name] = value
        else:
            problems.append(f"constants.{name}: write one text.")
    for found in (columns, codes, constants):
        _report_unknown(problems, "column", found, names)
    twice = sorted(set(columns) & set(constants))
    problems.extend(f"'{name}' is both a column and a constant. Keep one." for name in twice)
    delimiter = (_text(entry, "delimiter", problems) or ",").replace("\\t", "\t")
    decimal = _text(entry, "decimal", problems) or "."
    if len(delimiter) != 1:
        problems.append("delimiter: write one character, for example ';'.")
        delimiter = ","
    if decimal not in (".", ","):
        problems.append("decimal: write '.' or ','.")
    return TableMapping(
        _text(entry, "file", problems) or None,
        columns,
        codes,
        constants,
        delimiter,
        _text(entry, "encoding", problems) or "utf-8",
        decimal,
        _read_date_formats(table, entry, problems),
    )


def _read_columns(
    table: Table, entry: Mapping[str, Any], problems: list[str]
) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    for name, theirs in _mapping(entry, "columns", problems).items():
        if isinstance(theirs, str) and theirs:
            columns[name] = (theirs,)
        elif isinstance(theirs, list) and theirs and all(_are_texts(theirs)):
            columns[name] = tuple(theirs)
        else:
            problems.append(f"columns.{name}: write the name of your column, or a list of names.")
    return columns


def _read_date_formats(
    table: Table, entry: Mapping[str, Any], problems: list[str]
) -> dict[str, str]:
    dated = [column.name for column in table.columns if column.type in _DATED]
    written = entry.get("date_format", "")
    if isinstance(written, str):
        formats = dict.fromkeys(dated, written) if written else {}
    else:
        formats = {
            name: str(value) for name, value in _mapping(entry, "date_format", problems).items()
        }
        _report_unknown(problems, "date or time column", formats, dated)
    if any("%" not in text for text in formats.values()):
        problems.append("date_format: write it with the letters of strptime, for example %d.%m.%Y.")
    return formats
