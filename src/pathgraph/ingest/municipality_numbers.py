"""Municipalities that changed their number: each row is led to the number that took over.

A municipality that was renumbered or became part of another would else stand twice in every answer,
and its inhabitants would seem to have moved on the day of the reform. Why the load does it, and not
each finding: ``docs/decisions/0022-municipalities-that-changed-their-number.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb

from pathgraph.analysis.organisation import upwards
from pathgraph.model.tables import CANONICAL_TABLES, canonical_table
from pathgraph.model.types import Table
from pathgraph.sentence import Sentence, sentence

__all__ = [
    "FollowedNumbers",
    "NumberInUse",
    "numbers_in_use",
    "successors",
]

_CODE = "municipality_code"


@dataclass(frozen=True, slots=True)
class NumberInUse:
    """A number that a municipality had, and what became of it.

    Attributes
    ----------
    number_in_2024
        The number with the borders of 2024.
    last_year
        The last year in which the number was in use.
    is_whole
        Whether all of the municipality has that number now; false where it was divided.
    """

    municipality_code: str
    number_in_2024: str
    last_year: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class FollowedNumbers:
    """What was done with numbers that are no longer in use.

    Attributes
    ----------
    successors
        Number that took over by number.
    divided
        Numbers in the data whose municipality was divided between several that are there too:
        nobody knows which of them a person belongs to, so they stay as they are.
    """

    successors: Mapping[str, str]
    divided: tuple[str, ...]

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What the reader of the quality page should know."""
        said = []
        if self.successors:
            pairs = ", ".join(f"{old} > {new}" for old, new in sorted(self.successors.items()))
            said.append(
                sentence(
                    "Municipality numbers were led to those that took over: {pairs}.", pairs=pairs
                )
            )
        if self.divided:
            said.append(
                sentence(
                    "Municipalities that were divided keep their old numbers, since nobody knows "
                    "which part a row belongs to: {numbers}.",
                    numbers=", ".join(self.divided),
                )
            )
        return tuple(said)


@cache
def numbers_in_use() -> tuple[NumberInUse, ...]:
    """Return the numbers that ended with the reforms of 2018, 2020 and 2024.

    Source: ``data/SOURCE.md`` beside this module.
    """
    text = files("pathgraph.ingest").joinpath("data/municipality_numbers.csv").read_text("utf-8")
    return tuple(
        NumberInUse(
            row["municipality_code"],
            row["number_in_2024"],
            int(row["last_year"]),
            float(row["share"]) == 1,
        )
        for row in csv.DictReader(text.splitlines())
    )


def successors(present: Iterable[str], declared: Mapping[str, str]) -> FollowedNumbers:
    """Return which numbers of the data are led to which.

    A number is led to the newest one of the same municipality that the data hold too, so that data
    that end before a reform keep the numbers of their time.

    Parameters
    ----------
    present
        All municipality numbers in the data.
    declared
        ``replaced_by`` of the table ``municipalities``, by number; it comes before what is known of
        the reforms.

    Examples
    --------
    >>> successors(["1902", "5401", "5501"], {}).successors
    {'1902': '5501', '5401': '5501'}
    >>> successors(["1902", "5401"], {}).successors, successors(["1902"], {}).successors
    ({'1902': '5401'}, {})
    >>> successors(["1507", "1508"], {}).divided
    ('1507',)
    """
    held = set(present)
    known = _newest_of_each(held) | {
        old: new for old, new in declared.items() if old in held and new in held and old != new
    }
    chains = {old: upwards(old, known) for old in sorted(known)}
    divided = {
        number.municipality_code
        for number in numbers_in_use()
        if not number.is_whole
        and number.municipality_code in held - set(known)
        and number.number_in_2024 in held
    }
    return FollowedNumbers(
        # Of numbers that replace each other in a ring none is led anywhere.
        {old: chain[-1] for old, chain in chains.items() if chain[-1] not in known},
        tuple(sorted(divided)),
    )


def lead_to_successors(connection: duckdb.DuckDBPyConnection) -> FollowedNumbers:
    """Write the numbers that took over into the ``accepted_*`` tables of the connection.

    No row goes away: that is for :func:`unite_led_rows`, once rows have been counted.
    """
    codes = " UNION ".join(
        f"SELECT {column} AS code FROM accepted_{table.name}"
        for table, column in [*_referring(), (canonical_table("municipalities"), _CODE)]
    )
    present = [code for (code,) in connection.execute(codes).fetchall() if code is not None]
    declared = dict(
        connection.execute(
            f"SELECT {_CODE}, replaced_by FROM accepted_municipalities "
            "WHERE replaced_by IS NOT NULL"
        ).fetchall()
    )
    followed = successors(present, declared)
    if not followed.successors:
        return followed
    connection.execute("CREATE OR REPLACE TABLE followed_numbers (old VARCHAR, new VARCHAR)")
    connection.executemany(
        "INSERT INTO followed_numbers VALUES (?, ?)", sorted(followed.successors.items())
    )
    connection.execute(
        "CREATE OR REPLACE TABLE led_residents AS SELECT DISTINCT patient_id "
        f"FROM accepted_residences WHERE {_CODE} IN (SELECT old FROM followed_numbers)"
    )
    for table, column in _referring():
        name = f"accepted_{table.name}"
        connection.execute(
            f"UPDATE {name} SET {column} = f.new "
            f"FROM followed_numbers f WHERE {name}.{column} = f.old"
        )
    return followed


def unite_led_rows(connection: duckdb.DuckDBPyConnection, followed: FollowedNumbers) -> None:
    """Make one row of those that were about two numbers of one municipality.

    Rows of one key are one afterwards, and residences of a person that meet or overlap; the old
    numbers are no municipalities any more.
    """
    if not followed.successors:
        return
    _unite_residences(connection)
    for table, column in _referring():
        if column in table.key and table.name != "residences":
            name, key = f"accepted_{table.name}", ", ".join(table.key)
            connection.execute(
                f"DELETE FROM {name} "
                f"WHERE rowid NOT IN (SELECT min(rowid) FROM {name} GROUP BY {key})"
            )
    connection.execute(
        f"DELETE FROM accepted_municipalities WHERE {_CODE} IN (SELECT old FROM followed_numbers)"
    )


def _newest_of_each(held: set[str]) -> dict[str, str]:
    """Return the newest number in the data by older number of the same municipality."""
    last_years: dict[str, dict[str, int]] = {}
    for number in numbers_in_use():
        if number.is_whole:
            of_one = last_years.setdefault(number.number_in_2024, {number.number_in_2024: 9999})
            of_one[number.municipality_code] = number.last_year
    known: dict[str, str] = {}
    for of_one in last_years.values():
        there = {code: year for code, year in of_one.items() if code in held}
        newest = [code for code, year in there.items() if year == max(there.values())]
        if len(newest) == 1:
            known |= {code: newest[0] for code in there if code != newest[0]}
    return known


def _referring() -> list[tuple[Table, str]]:
    return [
        (table, column.name)
        for table in CANONICAL_TABLES
        for column in table.columns
        if column.references == f"municipalities.{_CODE}"
    ]


_FIRST, _LAST = -(10**9), 10**9
"""Days before and after all others, for ends that are open."""


def _unite_residences(connection: duckdb.DuckDBPyConnection) -> None:
    """Put together the residences of those who lived under a number that was led to another."""
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE united_residences AS
        WITH led AS (
          SELECT *, coalesce(valid_from_day, {_FIRST}) AS first_day,
                 coalesce(valid_to_day, {_LAST}) AS end_day
          FROM accepted_residences WHERE patient_id IN (SELECT patient_id FROM led_residents)),
        marked AS (
          SELECT *, coalesce(first_day > max(end_day) OVER (
                   PARTITION BY patient_id, municipality_code ORDER BY first_day, end_day
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS is_apart
          FROM led),
        numbered AS (
          SELECT *, sum(is_apart::INTEGER) OVER (
                   PARTITION BY patient_id, municipality_code ORDER BY first_day, end_day
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
          FROM marked)
        SELECT patient_id, municipality_code,
               CASE WHEN min(first_day) > {_FIRST} THEN min(valid_from) END AS valid_from,
               CASE WHEN min(first_day) > {_FIRST} THEN min(valid_from_day) END AS valid_from_day,
               CASE WHEN max(end_day) < {_LAST} THEN max(valid_to) END AS valid_to,
               CASE WHEN max(end_day) < {_LAST} THEN max(valid_to_day) END AS valid_to_day,
               min(source_file) AS source_file, min(source_row) AS source_row
        FROM numbered GROUP BY patient_id, municipality_code, island
        """
    )
    connection.execute(
        "DELETE FROM accepted_residences WHERE patient_id IN (SELECT patient_id FROM led_residents)"
    )
    connection.execute("INSERT INTO accepted_residences BY NAME SELECT * FROM united_residences")
    connection.execute("DROP TABLE united_residences")
