"""The checks of the canonical tables as SQL expressions, made from their declaration.

Everything here is text: :mod:`pathgraph.ingest.check` runs it. A table is typed in three nested
steps, because times need them: the shape of what was written, the instant, and what is stored.
"""

from __future__ import annotations

from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.model.types import Column, ColumnType, Table

__all__ = [
    "REASONS",
    "create_utc_offsets",
    "identifier",
    "is_reference_refusing",
    "is_utc",
    "literal",
    "main_day",
    "select_typed",
    "stem",
    "stored_columns",
    "typed_names",
]

REASONS: dict[str, str] = {
    "malformed_row": "The row does not have the columns of the header, or its quotation marks are "
    "not in pairs. Look at the row in a text editor.",
    "required_missing": "A value that every row must have is empty. Fill it in at the source.",
    "not_a_date": "Not a date. Write it as YYYY-MM-DD, or give date_format in the mapping file.",
    "not_a_time": "Not a date and time. Write it as YYYY-MM-DDTHH:MM:SS, or give date_format in "
    "the mapping file.",
    "not_an_integer": "Not a whole number.",
    "not_a_number": "Not a number.",
    "decimal_comma": "A number with a decimal comma. Write a point, or say decimal: ',' in the "
    "mapping file.",
    "not_a_boolean": "Neither true nor false. Write true or false, or give codes in the mapping "
    "file.",
    "out_of_bounds": "A number outside the bounds that the column has.",
    "end_before_start": "The end lies before the start.",
    "not_exactly_one": "Exactly one of these columns must be filled in.",
    "exact_duplicate": "The row stands in the table twice, the same in every column. The first "
    "one is kept.",
    "duplicate_key": "Another row has the same key and other values. The first one is kept; find "
    "out which one is right.",
    "dangling_reference": "The row names something that its table does not hold, or whose own row "
    "was refused.",
    "parent_cycle": "Following the parents leads back to the row itself.",
    "open_not_last": "An overnight contact without an end that is not the patient's last one. "
    "Fill in the end.",
}
"""Why a row can be refused: the word in the quarantine file, and the sentence for a person."""

_TRUE = ("true", "t", "1", "yes", "y", "ja", "j")
_FALSE = ("false", "f", "0", "no", "n", "nei")

_CLOCK = r"\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?"
_OFFSET = r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
_YEAR = r"([1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])"
_DATE = rf"{_YEAR}-\d{{2}}-\d{{2}}"
_ISO_DATE = rf"{_DATE}([T ]{_CLOCK})?"
_ISO_TIME = rf"{_DATE}([T ]{_CLOCK}{_OFFSET}?)?"

_TEXTS = (ColumnType.ID, ColumnType.TEXT, ColumnType.CODE)


def identifier(name: str) -> str:
    """Return ``name`` quoted as an SQL identifier.

    Examples
    --------
    >>> identifier('n "persons" all')
    '"n ""persons"" all"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return ``text`` quoted as an SQL string.

    Examples
    --------
    >>> literal("Hárstták's")
    "'Hárstták''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def stem(name: str) -> str:
    """Return the name of a day's or an instant's column without its suffix.

    Examples
    --------
    >>> stem("died_on"), stem("started_at"), stem("valid_from")
    ('died', 'started', 'valid_from')
    """
    return name.removesuffix("_on").removesuffix("_at")


def stored_columns(column: Column) -> tuple[tuple[str, str], ...]:
    """Return ``(name, DuckDB type)`` of what is stored of a column after the check.

    Examples
    --------
    >>> from pathgraph.model.tables import canonical_table
    >>> stored_columns(canonical_table("patients").column("died_on"))
    (('died_on', 'VARCHAR'), ('died_day', 'BIGINT'))
    """
    base = stem(column.name)
    match column.type:
        case ColumnType.INTEGER:
            return ((column.name, "BIGINT"),)
        case ColumnType.NUMBER:
            return ((column.name, "DOUBLE"),)
        case ColumnType.BOOLEAN:
            return ((column.name, "BOOLEAN"),)
        case ColumnType.DATE:
            return ((column.name, "VARCHAR"), (f"{base}_day", "BIGINT"))
        case ColumnType.TIME:
            return (
                (column.name, "VARCHAR"),
                (f"{base}_s", "BIGINT"),
                (f"{base}_day", "BIGINT"),
                (f"{base}_has_time", "BOOLEAN"),
            )
        case _:
            return ((column.name, "VARCHAR"),)


def typed_names(table: Table) -> tuple[tuple[str, str], ...]:
    """Return ``(name, DuckDB type)`` of a checked table: its columns, and where a row is from."""
    stored = [pair for column in table.columns for pair in stored_columns(column)]
    return (*stored, ("source_file", "VARCHAR"), ("source_row", "BIGINT"))


def main_day(table: Table) -> str | None:
    """Return the day column by whose month the rows of a table are counted, if it has one.

    Examples
    --------
    >>> from pathgraph.model.tables import canonical_table
    >>> main_day(canonical_table("contacts")), main_day(canonical_table("patients"))
    ('started_day', None)
    """
    dated = [c for c in table.columns if c.type in (ColumnType.DATE, ColumnType.TIME)]
    for column in dated:
        if column.required or column.name == "valid_from":
            return f"{stem(column.name)}_day"
    return None


def is_reference_refusing(table: Table, column: Column) -> bool:
    """Say whether a row whose reference dangles is refused; otherwise it is counted and kept.

    Refused: where the row means nothing without it (a required reference, the one of ``one_of``),
    and children whose parent is not there, since they would count as contacts or units of their
    own.
    """
    return (
        column.required
        or column.name in table.one_of
        or (
            column.name.startswith("parent_")
            and (column.references or "").startswith(f"{table.name}.")
        )
    )


def select_typed(table: Table, relation: str, timezone: str) -> str:
    """Return the SELECT that types ``relation`` and says in ``refusal`` what is wrong with a row.

    ``refusal`` is ``reason|column``, or NULL; the first thing that is wrong counts. Needs the
    table that :func:`create_utc_offsets` makes.

    Parameters
    ----------
    relation
        Name of a relation with every declared column as VARCHAR, ``source_file``, ``source_row``.
    timezone
        IANA name of the zone of times without an offset.
    """
    columns, times = table.columns, [c for c in table.columns if c.type is ColumnType.TIME]
    written = ", ".join(_written(column) for column in columns)
    steps = f"SELECT {written}, source_file, source_row FROM {identifier(relation)}"
    for step in (_parsed, _respelt, _shaped, _local):
        added = "".join(
            ", " + expression for column in times for expression in step(column, timezone)
        )
        if added:
            steps = f"SELECT *{added} FROM ({steps})"
    joins = "" if is_utc(timezone) else "".join(_offset_join(column) for column in times)
    stored = ", ".join(e for column in columns for e in _stored(column, timezone))
    first = _first_true([problem for column in columns for problem in _column_problems(column)])
    later = _first_true(_row_problems(table))
    names = ", ".join(identifier(name) for name, _ in typed_names(table))
    return (
        f"SELECT {names}, coalesce(refusal, {later}) AS refusal FROM ("
        f"SELECT {stored}, {first} AS refusal, source_file, source_row "
        f"FROM ({steps}) typing{joins})"
    )


def create_utc_offsets(timezone: str) -> str:
    """Return the statement that makes the temporary table ``utc_offsets`` of a zone.

    One row a day of the years 1950 to 2100: what is added to local seconds to get UTC, or NULL on
    the days on which that changes. Looking it up costs a sixth of asking the calendar row by row,
    which is done for all other days.
    """
    zone = literal(timezone)
    local = "(DATE '1970-01-01' + CAST({} AS INTEGER))::TIMESTAMP"
    start, end = (
        f"epoch_us(timezone({zone}, {local.format(day)})) // 1000000 - ({day}) * 86400"
        for day in ("n", "n + 1")
    )
    return (
        "CREATE OR REPLACE TEMP TABLE utc_offsets AS SELECT n AS offset_day, "
        f"CASE WHEN {start} = {end} THEN {start} END AS offset_s "
        "FROM range(-7305, 47847) days(n)"
    )


def is_utc(timezone: str) -> bool:
    """Say whether instants and local times are the same in the zone.

    Examples
    --------
    >>> is_utc("UTC"), is_utc("Europe/London")
    (True, False)
    """
    return timezone in ("UTC", "Etc/UTC", "Etc/GMT", "GMT", "Zulu")


def _first_true(conditions: list[tuple[str, str]]) -> str:
    """Return SQL for the ``reason|column`` of the first condition that holds."""
    if not conditions:
        return "NULL"
    cases = " ".join(f"WHEN {condition} THEN {literal(what)}" for condition, what in conditions)
    return f"CASE {cases} END"


def _step(column: Column, step: str) -> str:
    return identifier(f"{column.name}__{step}")


def _written(column: Column) -> str:
    """Step 1: empty is NULL; blanks around ids and texts belong to them."""
    name = identifier(column.name)
    if column.type in (ColumnType.ID, ColumnType.TEXT):
        return f"nullif({name}, '') AS {name}"
    # Looking for a blank first is three times as fast as trimming.
    return (
        f"nullif(CASE WHEN contains({name}, ' ') THEN trim({name}) ELSE {name} END, '') AS {name}"
    )


def _parsed(column: Column, timezone: str) -> tuple[str, ...]:
    """Step 2: what DuckDB makes of a time; it accepts more than ISO 8601."""
    return (f"TRY_CAST({identifier(column.name)} AS TIMESTAMP) AS {_step(column, 'parsed')}",)


def _respelt(column: Column, timezone: str) -> tuple[str, ...]:
    """Step 3: spelt again as ISO 8601."""
    return (
        f"replace(CAST({_step(column, 'parsed')} AS VARCHAR), ' ', 'T') "
        f"AS {_step(column, 'respelt')}",
    )


def _shaped(column: Column, timezone: str) -> tuple[str, ...]:
    """Step 4: 0 wrong, 1 date, 2 local with fraction or other spelling, 3 with offset, 4 plain."""
    name = identifier(column.name)
    return (
        f"CASE WHEN {name} IS NULL THEN NULL "
        f"WHEN strlen({name}) = 19 AND {_step(column, 'respelt')} = {name} THEN 4 "
        f"WHEN NOT regexp_full_match({name}, '{_ISO_TIME}') THEN 0 "
        f"WHEN strlen({name}) = 10 THEN 1 "
        f"WHEN regexp_matches(substr({name}, 17), '[Z+-]') THEN 3 ELSE 2 END "
        f"AS {_step(column, 'shape')}",
    )


def _local(column: Column, timezone: str) -> tuple[str, ...]:
    """Step 5: local time in whole seconds, and the instant of a time with an offset."""
    with_point = f"replace({identifier(column.name)}, ',', '.')"
    shape = _step(column, "shape")
    # DuckDB 1 reads an offset only behind seconds.
    with_seconds = (
        f"CASE WHEN substr({with_point}, 17, 1) IN ('Z', '+', '-') "
        f"THEN concat(left({with_point}, 16), ':00', substr({with_point}, 17)) "
        f"ELSE {with_point} END"
    )
    moment = f"date_trunc('second', TRY_CAST({with_seconds} AS TIMESTAMPTZ))"
    local = f"date_trunc('second', TRY_CAST({with_point} AS TIMESTAMP))"
    return (
        f"CASE {shape} WHEN 4 THEN {_step(column, 'parsed')} "
        f"WHEN 3 THEN timezone({literal(timezone)}, {moment}) "
        f"WHEN 0 THEN NULL ELSE {local} END AS {_step(column, 'local')}",
        f"CASE {shape} WHEN 3 THEN epoch_us({moment}) // 1000000 END AS {_step(column, 'given_s')}",
    )


def _offset_join(column: Column) -> str:
    offsets = _step(column, "offsets")
    return (
        f" LEFT JOIN utc_offsets {offsets} ON {offsets}.offset_day = "
        f"CAST({_step(column, 'local')} AS DATE) - DATE '1970-01-01'"
    )


def _seconds(column: Column, timezone: str) -> str:
    """Return SQL for the instant of a time [s since 1970 UTC]."""
    local = _step(column, "local")
    local_s = f"epoch_us({local}) // 1000000"
    if is_utc(timezone):
        return f"coalesce({_step(column, 'given_s')}, {local_s})"
    zone = literal(timezone)
    # ICU takes the last occurrence of an hour that the end of summer time repeats: pathgraph means
    # the first.
    last = f"timezone({zone}, {local})"
    first = f"({last} - INTERVAL 1 HOUR)"
    by_calendar = f"CASE WHEN timezone({zone}, {first}) = {local} THEN {first} ELSE {last} END"
    return (
        f"CASE WHEN {_step(column, 'given_s')} IS NOT NULL THEN {_step(column, 'given_s')} "
        f"WHEN {_step(column, 'offsets')}.offset_s IS NOT NULL "
        f"THEN {local_s} + {_step(column, 'offsets')}.offset_s "
        f"ELSE epoch_us({by_calendar}) // 1000000 END"
    )


def _stored(column: Column, timezone: str) -> tuple[str, ...]:
    """Step 6: what is stored."""
    name, base = identifier(column.name), stem(column.name)
    if column.type is ColumnType.TIME:
        local, shape = _step(column, "local"), _step(column, "shape")
        return (
            f"CASE {shape} WHEN 4 THEN {name} "
            f"ELSE replace(CAST({local} AS VARCHAR), ' ', 'T') END AS {name}",
            f"{_seconds(column, timezone)} AS {identifier(base + '_s')}",
            f"CAST(CAST({local} AS DATE) - DATE '1970-01-01' AS BIGINT) "
            f"AS {identifier(base + '_day')}",
            f"{shape} > 1 AS {identifier(base + '_has_time')}",
        )
    if column.type is ColumnType.DATE:
        day = _as_date(name)
        return (
            f"CAST({day} AS VARCHAR) AS {name}",
            f"CAST({day} - DATE '1970-01-01' AS BIGINT) AS {identifier(base + '_day')}",
        )
    if column.type in _TEXTS:
        return (name,)
    return (f"{_converted(column)} AS {name}",)


def _as_date(name: str) -> str:
    return (
        f"CASE WHEN regexp_full_match({name}, '{_ISO_DATE}') "
        f"THEN TRY_CAST(substr({name}, 1, 10) AS DATE) END"
    )


def _converted(column: Column) -> str:
    """Return the value of an integer, number or boolean column; NULL where it is none."""
    name = identifier(column.name)
    if column.type is ColumnType.INTEGER:
        # A spreadsheet or a data frame may write 1950 as 1950.0.
        return (
            f"CASE WHEN regexp_full_match({name}, '[+-]?\\d{{1,19}}(\\.0*)?') "
            f"THEN TRY_CAST(split_part({name}, '.', 1) AS BIGINT) END"
        )
    if column.type is ColumnType.NUMBER:
        number = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"
        value = f"TRY_CAST({name} AS DOUBLE)"
        return (
            f"CASE WHEN regexp_full_match({name}, '{number}') AND isfinite({value}) "
            f"THEN {value} END"
        )
    true, false = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
    return (
        f"CASE WHEN lower({name}) IN ({true}) THEN true "
        f"WHEN lower({name}) IN ({false}) THEN false END"
    )


_WRONG_TYPE = {
    ColumnType.INTEGER: "not_an_integer",
    ColumnType.NUMBER: "not_a_number",
    ColumnType.BOOLEAN: "not_a_boolean",
    ColumnType.DATE: "not_a_date",
    ColumnType.TIME: "not_a_time",
}


def _column_problems(column: Column) -> list[tuple[str, str]]:
    """Return ``(condition, 'reason|column')`` on what was written, in the order of looking."""
    name = identifier(column.name)
    problems = []
    if column.required:
        problems.append((f"{name} IS NULL", f"required_missing|{column.name}"))
    if column.type in _TEXTS:
        return problems
    if column.type is ColumnType.TIME:
        value = _step(column, "local")
    else:
        value = _as_date(name) if column.type is ColumnType.DATE else _converted(column)
    if column.type is ColumnType.NUMBER:
        problems.append(
            (
                f"({value}) IS NULL AND regexp_full_match({name}, '[+-]?\\d+,\\d+')",
                f"decimal_comma|{column.name}",
            )
        )
    problems.append(
        (f"{name} IS NOT NULL AND ({value}) IS NULL", f"{_WRONG_TYPE[column.type]}|{column.name}")
    )
    for bound, sign in ((column.minimum, "<"), (column.maximum, ">")):
        if bound is not None:
            problems.append((f"({value}) {sign} {bound}", f"out_of_bounds|{column.name}"))
    return problems


def _row_problems(table: Table) -> list[tuple[str, str]]:
    """Return ``(condition, 'reason|column')`` on what is stored."""
    problems = []
    for start, end in table.intervals:
        before, after = identifier(f"{stem(start)}_day"), identifier(f"{stem(end)}_day")
        condition = f"{after} < {before}"
        if table.column(start).type is ColumnType.TIME:
            # A bare date says nothing about the hour: only the days can be compared then.
            clocks = " AND ".join(identifier(f"{stem(c)}_has_time") for c in (start, end))
            seconds = f"{identifier(stem(end) + '_s')} < {identifier(stem(start) + '_s')}"
            condition = f"({clocks} AND {seconds}) OR (NOT ({clocks}) AND {condition})"
        problems.append((condition, f"end_before_start|{end}"))
    if table.one_of:
        filled = " + ".join(f"CAST({identifier(c)} IS NOT NULL AS INTEGER)" for c in table.one_of)
        problems.append((f"{filled} <> 1", f"not_exactly_one|{', '.join(table.one_of)}"))
    return problems


def _check_declaration() -> None:
    """Fail at import when two columns of one table would be stored under one name."""
    for table in CANONICAL_TABLES:
        names = [name for name, _ in typed_names(table)]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"{table.name}: stored twice: {', '.join(sorted(doubled))}")


_check_declaration()
