"""Small graphs drawn as text tables, loaded through the real load path, and asked."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pathgraph.engine.base import Engine
from pathgraph.ingest.run import load
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.queries.result import Result
from pathgraph.queries.run import run

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

_HEADS = {item.name: tuple(column.name for column in item.columns) for item in CANONICAL_TABLES}

_SHORT = {"parent": "parent_contact_id"}


def table(text: str) -> list[Row]:
    """Read a table drawn with blanks between the columns; ``-`` is an empty cell.

    Examples
    --------
    >>> table('''
    ...     unit_id  name
    ...     a        -
    ... ''')
    [{'unit_id': 'a', 'name': None}]
    """
    lines = [line.split() for line in text.strip().splitlines() if line.strip()]
    head, *rows = lines
    head = [_SHORT.get(name, name) for name in head]
    return [
        {name: None if cell == "-" else cell for name, cell in zip(head, row, strict=True)}
        for row in rows
    ]


def overnight(text: str, **constants: str) -> list[Row]:
    """Read a drawn table of overnight contacts; what it leaves out is as usual."""
    usual = {"unit_id": "med", "care_level": "overnight", "urgency": "1"} | constants
    return [{**usual, **row} for row in table(text)]


def with_patients(contacts: Sequence[Row], patients: Iterable[Row] = ()) -> list[Row]:
    """Return a row for every patient that the contacts name; those given go before."""
    given = {row["patient_id"]: row for row in patients}
    for contact in contacts:
        given.setdefault(
            contact["patient_id"],
            {"patient_id": contact["patient_id"], "birth_year": "1950", "sex": "female"},
        )
    return list(given.values())


def write_tables(folder: Path, tables: Tables, *, zone: str = "Europe/Oslo") -> Path:
    """Write the tables as a user would hand them over."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.yaml").write_text(f"pseudonymous: true\ntimezone: {zone}\n")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, _HEADS[name], restval="")
            writer.writeheader()
            for row in rows:
                writer.writerow({key: _cell(value) for key, value in row.items()})
    return folder


def load_tables(engine: Engine, folder: Path, tables: Tables, *, zone: str = "Europe/Oslo") -> None:
    """Load through the real load path; no row may be refused."""
    report = load("tables", write_tables(folder, tables, zone=zone), engine)
    refused = {name: n["refused"] for name, n in report.tables.items() if n["refused"]}
    assert not refused, f"the drawing breaks a rule of the check: {refused}"


def ask(
    engine: Engine,
    finding: str,
    *,
    as_of: date | str | None = None,
    profile: str | None = None,
    **parameters: object,
) -> Result:
    """Answer a finding with nothing suppressed."""
    return run(engine, finding, parameters, as_of=as_of, profile=profile, suppress_below=0)


def rows_of(result: Result) -> list[Row]:
    """Return the rows as plain values."""
    rows: list[Row] = result.table.to_pylist()
    return rows


def assert_same_rows(found: Sequence[Row], expected: Sequence[Row], key: Sequence[str]) -> None:
    """Compare rows by key; fractions may differ in their last digits."""

    def in_order(rows: Sequence[Row]) -> list[Row]:
        # As the findings are sorted: nulls last.
        return sorted(rows, key=lambda row: [(row[k] is None, row[k] or "") for k in key])

    found_keys = [tuple(row[k] for k in key) for row in found]
    expected_keys = [tuple(row[k] for k in key) for row in in_order(expected)]
    too_many, missing = set(found_keys) - set(expected_keys), set(expected_keys) - set(found_keys)
    assert not too_many, f"not expected: {too_many}; missing: {missing}"
    assert not missing, f"missing: {missing}"
    assert found_keys == expected_keys, "the rows are in another order, or one is there twice"
    for one, other in zip(found, in_order(expected), strict=True):
        assert set(one) == set(other)
        differing = {k: (one[k], other[k]) for k in one if not _is_same(one[k], other[k])}
        assert not differing, f"{[one[k] for k in key]}: found and expected differ in {differing}"


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
