"""Generated contacts of people who do not exist, as many as a benchmark wants.

Everything is drawn from hashes of patient number and seed, in DuckDB, out of core: the same
arguments give the same rows whatever the number of threads. The numbers are plausible and nothing
more; no rate in them says anything about a real service. What matters for timing is there: few
people have most stays, stays have one to three ward stays below them, some follow within hours
(one stay with two contacts), some within 30 days (readmissions), some patients keep coming back,
some admissions overlap, a few still go on, some people move or die.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

__all__ = ["PERIOD_DAYS", "PERIOD_START", "write_contacts"]

PERIOD_START = "2023-01-01"
PERIOD_DAYS = 1096
"""Three years, one of them a leap year."""

_PERIOD_S = PERIOD_DAYS * 86_400
_PARTS_PER_YEAR = 4

# People, admissions and the rest are drawn from streams of their own, so that a new draw in one
# place changes nothing elsewhere. Hashed twice: the hash of several values is combined so simply
# that draws which differ in the last one alone would go together.
_DRAW = """
CREATE OR REPLACE MACRO draw(stream, a, b) AS
  (hash(hash({seed}::BIGINT, stream, a::BIGINT, b::BIGINT)) >> 11)::DOUBLE / 9007199254740992.0
"""

# The clock of Norway leaves out an hour each spring. What would be written with a time in it gets
# the end of it, so that nothing ends before it starts.
_CLOCK = """
CREATE OR REPLACE MACRO clock(s) AS strftime({start} + to_seconds(CASE {skipped} ELSE s END),
                                             '%Y-%m-%dT%H:%M:%S')
"""
_SKIPPED_HOURS = ("2023-03-26T02", "2024-03-31T02", "2025-03-30T02")

_MUNICIPALITIES = """
CREATE TABLE municipalities AS
SELECT (9900 + n)::VARCHAR AS municipality_code,
       'Municipality ' || lpad(n::VARCHAR, 2, '0') AS name,
       CASE WHEN n = 1 THEN 78000 WHEN n <= 4 THEN 22000 - 2000 * n ELSE 9000 - 320 * n END
         AS population,
       'hospital-' || (1 + n % 3) AS hospital_area
FROM range(1, 25) t(n)
"""

_UNITS = """
CREATE TABLE units AS
WITH hospitals AS (SELECT h, 'hospital-' || h AS unit_id FROM range(1, 4) t(h)),
clinics AS (
  SELECT h, c, 'clinic-' || h || '-' || c AS unit_id, CASE WHEN c = 5 THEN 'psychiatry'
         ELSE 'hospital' END AS level
  FROM range(1, 4) t(h), range(1, 6) s(c))
SELECT 'trust' AS unit_id, 'Trust' AS name, 'trust' AS kind, 'hospital' AS level,
       NULL::VARCHAR AS parent_unit_id, NULL::VARCHAR AS municipality_code
UNION ALL
SELECT unit_id, 'Hospital ' || h, 'hospital', 'hospital', 'trust', (9900 + h)::VARCHAR
FROM hospitals
UNION ALL
SELECT unit_id, 'Clinic ' || h || '.' || c, 'clinic', level, 'hospital-' || h, (9900 + h)::VARCHAR
FROM clinics
UNION ALL
SELECT 'ward-' || h || '-' || c || '-' || w, 'Ward ' || h || '.' || c || '.' || w, 'ward', level,
       unit_id, (9900 + h)::VARCHAR
FROM clinics, range(1, 5) t(w)
UNION ALL
SELECT 'emergency-' || municipality_code, 'Casualty clinic, ' || lower(name), 'emergency_unit',
       'emergency', NULL, municipality_code
FROM municipalities
UNION ALL
SELECT 'gp-' || municipality_code || '-' || g, 'GP practice ' || g || ', ' || lower(name),
       'gp_practice', 'gp', NULL, municipality_code
FROM municipalities, range(1, 5) t(g)
UNION ALL
SELECT 'home-care-' || municipality_code, 'Home care, ' || lower(name), 'municipal_service',
       'municipal', NULL, municipality_code
FROM municipalities
UNION ALL
SELECT 'institution-' || municipality_code, 'Institution, ' || lower(name), 'municipal_service',
       'municipal', NULL, municipality_code
FROM municipalities
"""

# Each municipality stands in a list as often as it has thousands of inhabitants. Weights are whole
# numbers: sums of fractions would depend on the number of threads.
_PEOPLE = """
CREATE TABLE people AS
WITH drawn AS (
  SELECT p, floor(88 * draw('age', p, 0) + 14 * draw('age', p, 1))::INTEGER AS age,
         floor(40 * pow(draw('frailty', p, 0), 6))::INTEGER AS frailty,
         draw('admitted', p, 0) AS admitted, draw('admitted', p, 1) AS often,
         draw('admitted', p, 2) AS extra
  FROM range(1, {patients} + 1) t(p)),
slots AS (
  SELECT list(municipality_code ORDER BY municipality_code, n) AS codes
  FROM municipalities, range(40) t(n) WHERE n < 1 + population // 2000)
SELECT p::INTEGER AS p, 'p' || lpad(p::VARCHAR, 8, '0') AS patient_id, age,
       CASE WHEN draw('sex', p, 0) < 0.505 THEN 'male' ELSE 'female' END AS sex,
       codes[1 + floor(len(codes) * draw('municipality', p, 0))::INTEGER] AS municipality_code,
       codes[1 + floor(len(codes) * draw('municipality', p, 1))::INTEGER] AS next_municipality_code,
       CASE WHEN draw('move', p, 0) < 0.04
            THEN floor({period_days} * draw('move', p, 1))::INTEGER END AS moved_day,
       CASE WHEN age > 60 AND draw('death', p, 0) < 0.03 AND admitted >= 0.02 + 0.0015 * age
            THEN floor({period_s} * draw('death', p, 1))::INTEGER END AS died_at_home_s,
       2 + age // 20 + frailty AS weight,
       draw('psychiatry', p, 0) < 0.1 AS is_psychiatric,
       CASE WHEN admitted < 0.02 + 0.0015 * age
            THEN least(40, 1 + floor(-ln(1 - extra) * CASE WHEN often < 0.2 THEN 6 ELSE 1.1 END))
            ELSE 0 END::INTEGER AS n_admissions
FROM drawn, slots
"""

# The gap before an admission: hours (transfer, merged into one stay), a return from another
# hospital (urgency 5), an overlap of registrations, within 30 days (sometimes the very bounds, 8 h
# and 30 d), or a long time. What would begin while an admission goes on past the end is left out.
_ADMISSIONS = """
CREATE TABLE admissions AS
WITH drawn AS (
  SELECT p, k, n_admissions, is_psychiatric, municipality_code,
         60 * floor(60 * (6 - 96 * ln(1 - draw('length', p, k))))::BIGINT AS length_s,
         draw('gap', p, k) AS gap, draw('gap amount', p, k) AS amount
  FROM (SELECT *, unnest(range(n_admissions)) AS k FROM people)),
timed AS (
  SELECT *, CASE WHEN k = 0 THEN 60 * floor({period_s} / 60 * draw('first', p, 0)
                                            / (1 + n_admissions / 8))::BIGINT
                 WHEN gap < 0.03 THEN 60 * floor(470 * amount)::BIGINT
                 WHEN gap < 0.04 THEN 86400 + 60 * floor(4000 * amount)::BIGINT
                 WHEN gap < 0.05 THEN -60 * floor(300 * amount)::BIGINT
                 WHEN gap < 0.06 THEN 28800
                 WHEN gap < 0.07 THEN 2592000
                 WHEN gap < 0.30 THEN 28800 + 60 * floor(42720 * amount)::BIGINT
                 ELSE 2592060 - 60 * floor(100000 * ln(1 - amount))::BIGINT END AS gap_s,
         CASE WHEN k > 0 AND gap < 0.03 THEN 'transfer' WHEN k > 0 AND gap < 0.04 THEN 'return'
              ELSE 'new' END AS how
  FROM drawn),
placed AS (
  SELECT *, (sum(gap_s + length_s) OVER w - length_s)::BIGINT AS start_s,
         (sum(gap_s + length_s) OVER w)::BIGINT AS end_s
  FROM timed WINDOW w AS (PARTITION BY p ORDER BY k)),
kept AS (
  SELECT *, max(end_s) OVER (PARTITION BY p ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING
                             AND 1 PRECEDING) AS before_s
  FROM placed)
SELECT p, k, start_s, CASE WHEN end_s < {period_s} THEN end_s END AS end_s,
       length_s, how, CASE WHEN is_psychiatric AND draw('clinic', p, k) < 0.6 THEN 5
                           ELSE 1 + floor(4 * draw('clinic', p, -1 - k // 3))::INTEGER END
         AS clinic,
       1 + (municipality_code::INTEGER + CASE WHEN how = 'transfer' THEN 1 ELSE 0 END) % 3
         AS hospital,
       CASE WHEN how = 'return' THEN '5'
            WHEN how = 'transfer' OR draw('urgency', p, k) < 0.58 THEN '1'
            WHEN draw('urgency', p, k) < 0.66 THEN '2' WHEN draw('urgency', p, k) < 0.72 THEN '3'
            ELSE '4' END AS urgency,
       CASE WHEN draw('service', p, k) < 0.03 THEN 'rehabilitation'
            WHEN draw('service', p, k) < 0.06 THEN 'maternity' END AS service,
       1 + (draw('wards', p, k) < 0.4)::INTEGER + (draw('wards', p, k) < 0.12)::INTEGER AS n_wards,
       end_s < {period_s} AND k = max(k) OVER (PARTITION BY p)
         AND draw('death', p, 2) < 0.05 AS ended_dead
FROM kept WHERE start_s < {period_s} AND coalesce(before_s, 0) < {period_s}
"""

_DEATHS = """
CREATE TABLE deaths AS
SELECT p, end_s AS died_s FROM admissions WHERE ended_dead
UNION ALL SELECT p, died_at_home_s FROM people WHERE died_at_home_s IS NOT NULL
"""

_COLUMNS = """
  contact_id VARCHAR, p INTEGER, unit_id VARCHAR, parent_contact_id VARCHAR, kind VARCHAR,
  form VARCHAR, service VARCHAR, care_level VARCHAR, start_s INTEGER, end_s INTEGER,
  urgency VARCHAR, discharged_to VARCHAR, ended_dead BOOLEAN
"""

_HOSPITAL_CONTACTS = """
INSERT INTO drawn_contacts
WITH wards AS (
  SELECT *, start_s + 60 * (length_s * j // n_wards // 60) AS ward_start_s,
         start_s + 60 * (length_s * (j + 1) // n_wards // 60) AS ward_end_s
  FROM (SELECT *, unnest(range(n_wards)) AS j FROM admissions))
SELECT 'a' || p || '-' || k, p, 'hospital-' || hospital, NULL, 'admission', 'on_site', service,
       'overnight', start_s, end_s, urgency,
       CASE WHEN end_s IS NULL OR ended_dead THEN NULL
            WHEN draw('discharged', p, k) < 0.12 THEN 'institution' ELSE 'home' END, ended_dead
FROM admissions
UNION ALL
SELECT 'a' || p || '-' || k || '-' || (j + 1), p,
       'ward-' || hospital || '-' || clinic || '-'
         || (1 + (j + floor(4 * draw('ward', p, k))::INTEGER) % 4),
       'a' || p || '-' || k, 'ward_stay', 'on_site', NULL, NULL, ward_start_s,
       CASE WHEN j = n_wards - 1 THEN end_s WHEN ward_end_s < {period_s} THEN ward_end_s END,
       NULL, NULL, NULL
FROM wards WHERE ward_start_s < {period_s}
"""

# How many a patient has follows the weights, in whole numbers; the fraction decides by a draw.
_OTHER_CONTACTS = """
INSERT INTO drawn_contacts
WITH shares AS (
  SELECT ({n_contacts} - (SELECT count(*) FROM drawn_contacts))::DOUBLE AS n,
         sum(weight)::DOUBLE AS weights
  FROM people),
numbered AS (
  SELECT p, municipality_code, is_psychiatric, age,
         unnest(range(floor(n * weight / weights + draw('visits', p, 0))::BIGINT)) AS i
  FROM people, shares),
drawn AS (
  SELECT *, draw('kind', p, i) AS which, draw('duration', p, i) AS duration,
         86400 * floor({period_days} * draw('day', p, i))::INTEGER AS day_s,
         60 * floor(1440 * draw('clock', p, i))::INTEGER AS any_clock_s,
         28800 + 300 * floor(96 * draw('clock', p, i))::INTEGER AS office_clock_s
  FROM numbered),
sorted AS (
  SELECT *, CASE WHEN which < 0.46 THEN 'gp' WHEN which < 0.52 THEN 'gp_digital'
                 WHEN which < 0.60 THEN 'casualty'
                 WHEN which < 0.80 OR age < 40 AND which < 0.92
                   THEN CASE WHEN is_psychiatric THEN 'psychiatry' ELSE 'clinic' END
                 WHEN which < 0.83 THEN 'day' WHEN which < 0.99 OR age < 60 THEN 'home_care'
                 ELSE 'institution' END AS what
  FROM drawn),
timed AS (
  SELECT *, day_s + CASE WHEN what IN ('casualty', 'institution') THEN any_clock_s
                         ELSE office_clock_s END AS start_s,
         60 * CASE what WHEN 'gp' THEN 15 + floor(15 * duration) WHEN 'gp_digital' THEN 10
                        WHEN 'casualty' THEN 30 + floor(200 * duration)
                        WHEN 'day' THEN 240 + floor(200 * duration)
                        WHEN 'home_care' THEN floor(-40000 * ln(1 - duration))
                        WHEN 'institution' THEN 2880 + floor(-20000 * ln(1 - duration))
                        ELSE 30 + floor(60 * duration) END::BIGINT AS length_s
  FROM sorted)
SELECT 'c' || p || '-' || i, p,
       CASE what WHEN 'casualty' THEN 'emergency-' || municipality_code
                 WHEN 'home_care' THEN 'home-care-' || municipality_code
                 WHEN 'institution' THEN 'institution-' || municipality_code
                 WHEN 'psychiatry' THEN 'clinic-' || (1 + municipality_code::INTEGER % 3) || '-5'
                 WHEN 'clinic' THEN 'clinic-' || (1 + municipality_code::INTEGER % 3) || '-'
                                    || (1 + floor(4 * draw('clinic', p, -1 - i // 3))::INTEGER)
                 WHEN 'day' THEN 'clinic-' || (1 + municipality_code::INTEGER % 3) || '-1'
                 ELSE 'gp-' || municipality_code || '-' || (1 + p % 4) END,
       NULL,
       CASE what WHEN 'gp' THEN 'consultation' WHEN 'gp_digital' THEN 'consultation'
                 WHEN 'casualty' THEN 'casualty_visit' WHEN 'home_care' THEN 'home_care'
                 WHEN 'institution' THEN 'short_term_stay' WHEN 'day' THEN 'day_treatment'
                 ELSE 'outpatient_visit' END,
       CASE what WHEN 'gp_digital' THEN 'video' ELSE 'on_site' END, NULL,
       CASE what WHEN 'institution' THEN 'overnight' WHEN 'day' THEN 'day' ELSE 'outpatient' END,
       start_s,
       CASE WHEN start_s + length_s < {period_s} THEN start_s + length_s
            WHEN what = 'institution' THEN {period_s} - 1 END,
       CASE what WHEN 'casualty' THEN '1' ELSE '4' END, NULL, NULL
FROM timed LEFT JOIN deaths USING (p)
WHERE died_s IS NULL OR start_s < died_s
"""

_PATIENTS_FILE = """
SELECT patient_id, 2023 - age AS birth_year, sex,
       strftime({start} + to_seconds(died_s), '%Y-%m-%d') AS died_on
FROM people LEFT JOIN deaths USING (p) ORDER BY p
"""

_RESIDENCES_FILE = """
SELECT patient_id, municipality_code, '2015-01-01' AS valid_from,
       strftime({start} + to_days(moved_day), '%Y-%m-%d') AS valid_to
FROM people
UNION ALL
SELECT patient_id, next_municipality_code, strftime({start} + to_days(moved_day), '%Y-%m-%d'), NULL
FROM people WHERE moved_day IS NOT NULL
ORDER BY patient_id, valid_from
"""

_CONTACTS_FILE = """
SELECT contact_id, 'p' || lpad(p::VARCHAR, 8, '0') AS patient_id, unit_id, parent_contact_id, kind,
       form, service, care_level,
       clock(start_s) AS started_at, clock(end_s) AS ended_at,
       urgency, discharged_to, ended_dead
FROM drawn_contacts WHERE start_s >= {from_s} AND start_s < {to_s}
ORDER BY start_s, contact_id
"""


def write_contacts(
    folder: Path,
    *,
    patients: int,
    seed: int,
    contacts_per_patient: int = 21,
    threads: int = 2,
    memory_limit: str = "4GB",
) -> None:
    """Write canonical tables with about ``patients * contacts_per_patient`` contacts.

    Parameters
    ----------
    folder
        Is made; each table is a file or a folder of Parquet parts, contacts in order of time.
    seed
        The same arguments give the same rows with one release of DuckDB, on any number of threads.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_contacts(Path(folder), patients=10, seed=1)
    ...     len(list((Path(folder) / "contacts").iterdir()))
    12
    """
    folder.mkdir(parents=True, exist_ok=True)
    working = folder / "drawing.duckdb"
    values = {
        "seed": int(seed),
        "patients": int(patients),
        "n_contacts": int(patients * contacts_per_patient),
        "period_days": PERIOD_DAYS,
        "period_s": _PERIOD_S,
        "start": f"TIMESTAMP '{PERIOD_START}'",
        "skipped": _skipped(),
    }
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory_limit,
        "temp_directory": f"{working}.tmp",
    }
    try:
        with duckdb.connect(str(working), config=config) as connection:
            _draw(connection, values)
            _write(connection, folder, values)
    finally:
        working.unlink(missing_ok=True)


def _skipped() -> str:
    hours = [
        int((datetime.fromisoformat(hour) - datetime.fromisoformat(PERIOD_START)).total_seconds())
        for hour in _SKIPPED_HOURS
    ]
    return " ".join(f"WHEN s >= {hour} AND s < {hour + 3600} THEN {hour + 3600}" for hour in hours)


def _draw(connection: duckdb.DuckDBPyConnection, values: dict[str, object]) -> None:
    for statement in (_DRAW, _CLOCK, _MUNICIPALITIES, _UNITS, _PEOPLE, _ADMISSIONS, _DEATHS):
        connection.execute(statement.format(**values))
    connection.execute(f"CREATE TABLE drawn_contacts ({_COLUMNS})")
    # What is drawn goes to disk in any order: it is sorted when it is written.
    connection.execute("SET preserve_insertion_order = false")
    for statement in (_HOSPITAL_CONTACTS, _OTHER_CONTACTS):
        connection.execute(statement.format(**values))


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, values: dict[str, object]) -> None:
    connection.execute("SET preserve_insertion_order = true")
    _copy(connection, "FROM municipalities ORDER BY municipality_code", folder / "municipalities")
    _copy(connection, "FROM units ORDER BY unit_id", folder / "units")
    _copy(connection, _PATIENTS_FILE.format(**values), folder / "patients")
    _copy(connection, _RESIDENCES_FILE.format(**values), folder / "residences")
    (folder / "contacts").mkdir()
    n_parts = 3 * _PARTS_PER_YEAR
    for part in range(n_parts):
        bounds = {
            "from_s": part * _PERIOD_S // n_parts,
            "to_s": (part + 1) * _PERIOD_S // n_parts,
        }
        query = _CONTACTS_FILE.format(**values, **bounds)
        _copy(connection, query, folder / "contacts" / f"part-{part + 1:02d}")
    (folder / "dataset.yaml").write_text(
        "timezone: Europe/Oslo\npseudonymous: true\n", encoding="utf-8"
    )


def _copy(connection: duckdb.DuckDBPyConnection, query: str, stem: Path) -> None:
    file = str(stem.with_name(stem.name + ".parquet")).replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
