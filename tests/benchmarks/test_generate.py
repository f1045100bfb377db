"""Generated contacts: the same every time, and with everything in them that makes work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from benchmarks.generate import PERIOD_DAYS, PERIOD_START, write_contacts
from pathgraph.model.tables import CARE_LEVELS, LEVELS, canonical_table

PATIENTS = 5000
TABLES = ("patients", "residences", "municipalities", "units", "contacts")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "data"
    write_contacts(folder, patients=PATIENTS, seed=7)
    return folder


@pytest.fixture
def tables(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(folder) as connection:
        yield connection


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in TABLES:
        files = folder / name / "*.parquet" if name == "contacts" else folder / f"{name}.parquet"
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{files}'")
    return connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".parquet"
    } | {name: repr(opened(folder).execute(f"FROM {name}").fetchall()).encode() for name in TABLES}


def test_the_same_seed_gives_the_same_rows_in_the_same_order_on_any_number_of_threads(
    tmp_path: Path,
) -> None:
    write_contacts(tmp_path / "one", patients=400, seed=3, threads=1)
    write_contacts(tmp_path / "two", patients=400, seed=3, threads=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    write_contacts(tmp_path / "one", patients=100, seed=3)
    write_contacts(tmp_path / "two", patients=100, seed=4)
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert one["contacts"] != two["contacts"]
    assert one["units"] == two["units"]


def test_what_is_drawn_is_spread_evenly_and_does_not_go_together(tmp_path: Path) -> None:
    write_contacts(tmp_path / "data", patients=4000, seed=1)
    with opened(tmp_path / "data") as connection:
        row = connection.execute(
            "SELECT avg((sex = 'male')::INTEGER), corr((sex = 'male')::INTEGER, birth_year), "
            "corr(birth_year, hash(patient_id) % 1000) FROM patients"
        ).fetchone()
        # Draws that differ in their last number alone: a hash used once makes them go together.
        days = connection.execute(
            "SELECT corr(epoch(a.started_at::TIMESTAMP), epoch(b.started_at::TIMESTAMP)) "
            "FROM contacts a JOIN contacts b ON b.patient_id = a.patient_id "
            "WHERE ends_with(a.contact_id, '-0') AND ends_with(b.contact_id, '-1') "
            "AND starts_with(a.contact_id, 'c') AND starts_with(b.contact_id, 'c')"
        ).fetchone()
        hours = connection.execute(
            "SELECT count(*) FROM contacts WHERE kind = 'casualty_visit' "
            "GROUP BY substr(started_at, 12, 2)"
        ).fetchall()
    assert row is not None
    assert days is not None
    assert abs(days[0]) < 0.06
    share_male, sex_and_age, age_and_id = row
    assert 0.47 < share_male < 0.54
    assert abs(sex_and_age) < 0.06
    assert abs(age_and_id) < 0.06
    assert len(hours) == 24
    assert max(hours)[0] < 1.5 * min(hours)[0]


def test_all_columns_and_codes_are_canonical(tables: duckdb.DuckDBPyConnection) -> None:
    for name in TABLES:
        declared = {column.name for column in canonical_table(name).columns}
        found = {row[0] for row in tables.execute(f"DESCRIBE {name}").fetchall()}
        assert found <= declared
    for table, column in (("units", "kind"), ("contacts", "service"), ("patients", "sex")):
        codes = next(c.codes for c in canonical_table(table).columns if c.name == column)
        found = tables.execute(
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"
        ).fetchall()
        assert {row[0] for row in found} <= set(codes)
    levels = {row[0] for row in tables.execute("SELECT DISTINCT level FROM units").fetchall()}
    assert levels == set(LEVELS)
    care = tables.execute("SELECT DISTINCT care_level FROM contacts").fetchall()
    assert {row[0] for row in care} == {*CARE_LEVELS, None}


def test_ids_are_unique_and_references_lead_somewhere(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    for name in ("patients", "units", "municipalities", "contacts"):
        (key,) = canonical_table(name).key
        assert one(tables, f"SELECT count(*) - count(DISTINCT {key}) FROM {name}") == 0
    for table, column, other, key in (
        ("contacts", "patient_id", "patients", "patient_id"),
        ("contacts", "unit_id", "units", "unit_id"),
        ("contacts", "parent_contact_id", "contacts", "contact_id"),
        ("units", "parent_unit_id", "units", "unit_id"),
        ("units", "municipality_code", "municipalities", "municipality_code"),
        ("residences", "municipality_code", "municipalities", "municipality_code"),
        ("residences", "patient_id", "patients", "patient_id"),
    ):
        dangling = (
            f"SELECT count(*) FROM {table} a ANTI JOIN {other} b ON a.{column} = b.{key} "
            f"WHERE a.{column} IS NOT NULL"
        )
        assert one(tables, dangling) == 0


def test_contacts_come_in_order_of_time_within_the_period(
    tables: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    parts = sorted((folder / "contacts").iterdir())
    starts = [
        row[0]
        for part in parts
        for row in duckdb.execute("SELECT started_at FROM read_parquet(?)", [str(part)]).fetchall()
    ]
    assert starts == sorted(starts)
    assert starts[0] >= PERIOD_START
    days = f"date_diff('day', DATE '{PERIOD_START}', max(started_at)::TIMESTAMP)"
    assert one(tables, f"SELECT {days} FROM contacts") < PERIOD_DAYS
    assert one(tables, "SELECT count(*) FROM contacts WHERE ended_at < started_at") == 0


def test_no_clock_shows_an_hour_that_there_was_not(tmp_path: Path) -> None:
    write_contacts(tmp_path / "data", patients=20_000, seed=1)
    skipped = "regexp_matches({}, '(2023-03-26|2024-03-31|2025-03-30)T02')"
    first_after = "{} IN ('2023-03-26T03:00:00', '2024-03-31T03:00:00', '2025-03-30T03:00:00')"
    with opened(tmp_path / "data") as connection:
        for column in ("started_at", "ended_at"):
            query = "SELECT count(*) FROM contacts WHERE "
            assert one(connection, query + skipped.format(column)) == 0
            assert one(connection, query + first_after.format(column)) > 0
        assert one(connection, "SELECT count(*) FROM contacts WHERE ended_at < started_at") == 0


def test_there_is_everything_that_makes_work(tables: duckdb.DuckDBPyConnection) -> None:
    n_contacts = one(tables, "SELECT count(*) FROM contacts")
    assert 0.97 * 21 * PATIENTS < n_contacts < 1.03 * 21 * PATIENTS
    tables.execute(
        """
        CREATE TEMP TABLE admissions AS
        SELECT *, epoch(started_at::TIMESTAMP - lag(ended_at::TIMESTAMP) OVER
                    (PARTITION BY patient_id ORDER BY started_at)) AS gap_s,
               lag(ended_at IS NULL) OVER (PARTITION BY patient_id ORDER BY started_at)
                 AS goes_on_before
        FROM contacts WHERE kind = 'admission'
        """
    )
    admitted = one(tables, "SELECT count(DISTINCT patient_id) FROM admissions")
    assert 0.07 * PATIENTS < admitted < 0.13 * PATIENTS
    often = "SELECT count(*) FROM (FROM admissions SELECT patient_id GROUP BY 1 HAVING {})"
    assert one(tables, often.format("count(*) >= 3")) > 0.1 * admitted
    for gap in (
        "gap_s < 0",
        "gap_s BETWEEN 0 AND 28799",
        "gap_s = 28800",
        "gap_s BETWEEN 28801 AND 2591999",
        "gap_s > 2592000",
    ):
        assert one(tables, f"SELECT count(*) FROM admissions WHERE {gap}") > 0, gap
    assert one(tables, "SELECT count(*) FROM admissions WHERE urgency = '5'") > 0
    assert one(tables, "SELECT count(*) FROM admissions WHERE ended_dead") > 0
    assert one(tables, "SELECT count(*) FROM admissions WHERE ended_at IS NULL") > 0
    assert one(tables, "SELECT count(*) FROM admissions WHERE goes_on_before") == 0
    assert one(tables, "SELECT count(*) FROM residences") > PATIENTS


def test_every_admission_has_ward_stays_that_fill_it(tables: duckdb.DuckDBPyConnection) -> None:
    wrong = """
        SELECT count(*) FROM contacts a LEFT JOIN (
          SELECT parent_contact_id, min(started_at) AS started_at,
                 CASE WHEN count(ended_at) = count(*) THEN max(ended_at) END AS ended_at
          FROM contacts WHERE parent_contact_id IS NOT NULL GROUP BY 1) w
          ON w.parent_contact_id = a.contact_id
        WHERE a.kind = 'admission'
          AND (w.started_at IS DISTINCT FROM a.started_at
               OR w.ended_at IS DISTINCT FROM a.ended_at)
    """
    assert one(tables, wrong) == 0


def test_nobody_has_a_contact_after_death(tables: duckdb.DuckDBPyConnection) -> None:
    late = (
        "SELECT count(*) FROM contacts c JOIN patients p USING (patient_id) "
        "WHERE c.started_at[:10] > p.died_on"
    )
    assert one(tables, late) == 0
    assert one(tables, "SELECT count(died_on) FROM patients") > 0
