"""What the built-in sources share: finding a file, writing a canonical table, the acute option."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from pathgraph.errors import UsageError
from pathgraph.ingest.reading import Reader
from pathgraph.ingest.sources import AcuteRule
from pathgraph.model.tables import canonical_table
from pathgraph.sentence import sentence

__all__ = ["ALL_ACUTE", "acute_rule", "count_rows", "create_canonical", "read_csv"]

ALL_ACUTE = "all"
"""Value of the option ``acute`` with which every overnight contact in hospital counts as acute."""


def read_csv(
    reader: Reader,
    folder: Path,
    name: str,
    *,
    table: str,
    columns: Collection[str],
    optional: Collection[str] = (),
    may_be_absent: bool = False,
) -> bool:
    """Read ``name.csv`` or ``name.csv.gz`` of ``folder`` into the relation ``raw_<name>``.

    Only ``columns`` are read, so that what else stands in the file never reaches the database.

    Returns
    -------
    bool
        Whether the file was there and could be read. The relation exists in either case; it is
        empty when the file was not.
    """
    relation = f"raw_{name}"
    for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        if reader.has(path):
            required = [column for column in columns if column not in optional]
            return reader.csv(path, relation, table=table, columns=list(columns), required=required)
    declared = ", ".join(f'"{column}" VARCHAR' for column in columns)
    reader.connection.execute(
        f"CREATE OR REPLACE TABLE {relation} ({declared}, source_file VARCHAR, source_row BIGINT)"
    )
    if not may_be_absent:
        reader.problems.append(
            f"There is no file {name}.csv or {name}.csv.gz in the folder {folder.name}. "
            "Give the folder that holds the source's files as they were downloaded."
        )
    return False


def create_canonical(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    selects: Collection[tuple[Mapping[str, str], str]],
) -> str:
    """Create the relation ``source_<table>`` with every declared column of a canonical table.

    Parameters
    ----------
    selects
        Pairs of SQL expressions by column, and what stands after ``FROM``; their rows are put one
        below the other. A column without an expression is empty. ``source_file`` and
        ``source_row`` are taken as they are unless they have an expression.

    Returns
    -------
    str
        Name of the relation.

    Raises
    ------
    KeyError
        When an expression is for a column that the table does not have.
    """
    names = [column.name for column in canonical_table(table).columns]
    parts = []
    for expressions, origin in selects:
        for name in expressions:
            if name not in (*names, "source_file", "source_row"):
                raise KeyError(f"{table}.{name}")
        columns = [f"CAST({expressions.get(name, 'NULL')} AS VARCHAR) AS {name}" for name in names]
        columns += [
            f"CAST({expressions.get('source_file', 'source_file')} AS VARCHAR) AS source_file",
            f"CAST({expressions.get('source_row', 'source_row')} AS BIGINT) AS source_row",
        ]
        parts.append(f"(SELECT {', '.join(columns)} FROM {origin})")
    relation = f"source_{table}"
    body = " UNION ALL ".join(parts)
    connection.execute(f"CREATE OR REPLACE TABLE {relation} AS {body}")
    return relation


def count_rows(connection: duckdb.DuckDBPyConnection, select: str) -> int:
    """Return the one number that a ``SELECT`` gives."""
    row = connection.execute(select).fetchone()
    return int(row[0]) if row else 0


def acute_rule(
    connection: duckdb.DuckDBPyConnection,
    value: str,
    *,
    contacts: str,
    known: Collection[str],
    all_sentence: str = sentence("All overnight contacts in hospital count as acute."),
) -> AcuteRule:
    """Return the rule that the option ``acute`` asks for.

    Parameters
    ----------
    value
        Urgency codes with commas between them, or ``all``.
    contacts
        Relation of the canonical contacts.
    known
        Codes that the source is known to use; those in the data are allowed as well.

    Raises
    ------
    UsageError
        When no code is given, or one that neither the source nor the data knows: with a
        misspelt code, all its contacts would quietly not be acute.
    """
    if value.strip() == ALL_ACUTE:
        return AcuteRule(None, all_sentence)
    codes = tuple(dict.fromkeys(code.strip() for code in value.split(",") if code.strip()))
    in_data = {
        str(row[0])
        for row in connection.execute(
            f"SELECT DISTINCT urgency FROM {contacts} WHERE urgency IS NOT NULL"
        ).fetchall()
    }
    unknown = [code for code in codes if code not in known and code not in in_data]
    if unknown or not codes:
        wrong = f"does not know {', '.join(unknown)}" if unknown else "is empty"
        raise UsageError(
            f"The option acute {wrong}. Write codes with commas between them, or "
            f"'{ALL_ACUTE}' for all overnight contacts in hospital. Codes are: {', '.join(known)}."
        )
    said = sentence("Contacts with urgency {codes} count as acute.", codes=", ".join(codes))
    return AcuteRule(codes, said)
