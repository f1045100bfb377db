"""What DuckDB's CSV reader rejected: refused rows, or a file that cannot be used as it is.

The reader keeps rejected rows in the temporary table ``reject_errors``, as they were written: its
texts are looked at inside DuckDB, never copied out, and dropped at once.
"""

from __future__ import annotations

import duckdb

from pathgraph.ingest.csv_scan import too_long
from pathgraph.model.check import identifier, literal

__all__ = ["MAX_MALFORMED_ROWS", "forget", "problems", "refuse"]

MAX_MALFORMED_ROWS = 100_000
"""From this many rejected rows on a file is not read any further."""

_REJECTS = ("reject_errors", "reject_scans")


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what was rejected."""
    for name in _REJECTS:
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def _are_there(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'reject_errors'"
    ).fetchone()
    return found is not None and found[0] > 0


def problems(connection: duckdb.DuckDBPyConnection, relation: str, n_rows: int | None) -> list[str]:
    """Return what was rejected, or silently left out, says about the file as a whole.

    Parameters
    ----------
    relation
        The accepted rows.
    n_rows
        Rows that the file has; ``None`` where that is not known.
    """
    sentences = _rejected_problems(connection)
    if sentences or n_rows is None:
        return sentences
    n_rejected = (
        _number(connection, "SELECT count(DISTINCT line) FROM reject_errors")
        if _are_there(connection)
        else 0
    )
    n_read = _number(connection, f"SELECT count(*) FROM {identifier(relation)}") + n_rejected
    if n_read == n_rows:
        return []
    return [
        f"has {n_rows:,} rows, of which {n_read:,} could be told apart. Save it once more from a "
        "text editor with one sort of line ends."
    ]


def _number(connection: duckdb.DuckDBPyConnection, select: str) -> int:
    row = connection.execute(select).fetchone()
    return int(row[0]) if row else 0


def _rejected_problems(connection: duckdb.DuckDBPyConnection) -> list[str]:
    if not _are_there(connection):
        return []
    found = connection.execute(
        """
        SELECT count(DISTINCT line),
               min(line) FILTER (WHERE error_type = 'INVALID ENCODING'),
               min(line) FILTER (WHERE error_type = 'LINE SIZE OVER MAXIMUM'),
               min(line) FILTER (WHERE error_type = 'UNQUOTED VALUE'
                                   AND contains(csv_line, chr(10)))
        FROM reject_errors
        """
    ).fetchone()
    n, encoding, long, unclosed = found or (0, None, None, None)
    sentences = []
    if encoding is not None:
        sentences.append(
            f"is not encoded as declared, first in row {encoding}. Save it as UTF-8, or give its "
            "encoding in the mapping file."
        )
    if long is not None:
        sentences.append(too_long(long))
    if unclosed is not None:
        sentences.append(
            f"has a quotation mark in row {unclosed} that is not closed where the value ends, so "
            "that the rows below it cannot be told apart. Put it in order at the source."
        )
    if n >= MAX_MALFORMED_ROWS:
        sentences.append(
            f"has {MAX_MALFORMED_ROWS:,} or more rows that do not have the header's columns. "
            "Is the delimiter right?"
        )
    return sentences


def refuse(
    connection: duckdb.DuckDBPyConnection, relation: str, *, table: str, source_file: str
) -> None:
    """Refuse the rejected rows, and number the rows of ``relation`` past them."""
    if not _are_there(connection):
        return
    connection.execute(
        f"INSERT INTO refused_rows SELECT DISTINCT {literal(table)}, 'malformed_row', NULL, "
        f"{literal(source_file)}, line, NULL FROM reject_errors ORDER BY line"
    )
    # The k-th rejected row stands below (its row - k - 1) accepted ones.
    connection.execute(
        f"""
        UPDATE {identifier(relation)} SET source_row = source_row + n_above
        FROM (
          SELECT r.source_row AS numbered, j.n_above
          FROM {identifier(relation)} r ASOF JOIN (
            SELECT first_below, max(n_above) AS n_above FROM (
              SELECT line - row_number() OVER (ORDER BY line) + 1 AS first_below,
                     row_number() OVER (ORDER BY line) AS n_above
              FROM (SELECT DISTINCT line FROM reject_errors))
            GROUP BY first_below) j
          ON r.source_row >= j.first_below)
        WHERE source_row = numbered
        """
    )
