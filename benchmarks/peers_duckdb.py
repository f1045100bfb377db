"""The findings in DuckDB SQL, on the graph tables from which pathgraph starts too.

Each text answers the finding with its default parameters (the numbers among them are asked for as
``$name``); the counting rules are those of ``docs/definitions.md``, written a second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks import (
    peers_duckdb_coordination,
    peers_duckdb_discharges,
    peers_duckdb_networks,
    peers_duckdb_plans,
    peers_duckdb_referrals,
)
from benchmarks.intervals import with_follow_up_interval, with_intervals
from benchmarks.peers_duckdb_parts import WINDOWS
from benchmarks.question import Question, table_file

__all__ = ["ANSWERS", "IN_PART", "prepare"]

# Each acute stay with the latest stay that had ended alive before it.
_PAIRS = """
index_stays AS (
  SELECT h.from_key AS patient_key, s.node_key, s.stay_id, s.started_at, s.ended_at, s.ended_s,
         s.ended_day
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key
  WHERE s.ended_s < $as_of_s AND NOT s.ended_dead),
acute_stays AS (
  SELECT h.from_key AS patient_key, s.node_key, s.stay_id, s.started_at, s.started_s, s.started_day
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key
  WHERE s.started_s < $as_of_s AND s.is_acute_first),
pairs AS (
  SELECT * FROM (
    SELECT r.patient_key, i.node_key AS index_key, r.node_key AS readmission_key,
           i.stay_id AS index_stay_id, i.started_at AS index_started_at,
           i.ended_at AS index_ended_at, r.stay_id AS readmission_stay_id,
           r.started_at AS readmission_started_at, r.started_s - i.ended_s AS gap_s,
           r.started_day - i.ended_day AS gap_days
    FROM acute_stays r ASOF JOIN index_stays i
      ON r.patient_key = i.patient_key AND r.started_s >= i.ended_s)
  WHERE gap_s BETWEEN 3600 * $min_gap_h AND 86400::BIGINT * $max_gap_d)
"""

_READMISSIONS = f"""
WITH {_PAIRS}
SELECT p.patient_id, index_stay_id, index_started_at, index_ended_at, readmission_stay_id,
       readmission_started_at, gap_s / 3600 AS gap_h, gap_days::DOUBLE AS gap_days,
       u.unit_id AS discharged_from, u.name AS discharged_from_name, v.unit_id AS admitted_to,
       v.name AS admitted_to_name
FROM pairs
JOIN Patient p ON p.node_key = pairs.patient_key
JOIN DISCHARGED_FROM d ON d.from_key = index_key JOIN Unit u ON u.node_key = d.to_key
JOIN ADMITTED_TO a ON a.from_key = readmission_key JOIN Unit v ON v.node_key = a.to_key
ORDER BY p.patient_id, readmission_started_at, readmission_stay_id
"""

_INDEX = f"""
{_PAIRS},
paired AS (SELECT index_key, count(*) AS n_readmissions FROM pairs GROUP BY index_key),
stays AS (
  SELECT h.from_key AS patient_key, s.node_key, s.stay_id, s.started_at,
         CASE WHEN s.ended_s < $as_of_s THEN s.ended_at END AS ended_at,
         CASE WHEN s.ended_s IS NULL OR s.ended_s >= $as_of_s THEN 'open'
              WHEN s.ended_dead THEN 'ended_dead'
              WHEN s.ended_s + $max_gap_d * 86400::BIGINT > $horizon_s THEN 'not_covered'
              ELSE 'counted' END AS reason,
         coalesce(r.n_readmissions, 0) AS n_readmissions,
         year(DATE '1970-01-01' + s.started_day::INTEGER) - p.birth_year AS age,
         p.patient_id, p.sex, s.municipality_code
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key
  JOIN Patient p ON p.node_key = h.from_key
  LEFT JOIN paired r ON r.index_key = s.node_key
  WHERE s.started_s < $as_of_s)
"""

_READMISSION_INDEX = f"""
WITH {_INDEX}
SELECT patient_id, stay_id, started_at, ended_at, reason, n_readmissions > 0 AS is_readmitted,
       n_readmissions, age, sex, stays.municipality_code,
       CASE WHEN reason <> 'open' THEN u.unit_id END AS discharged_from,
       CASE WHEN reason <> 'open' THEN u.name END AS discharged_from_name
FROM stays
JOIN DISCHARGED_FROM d ON d.from_key = stays.node_key JOIN Unit u ON u.node_key = d.to_key
ORDER BY patient_id, started_at, stay_id
"""

_READMISSION_RATES = f"""
WITH {_INDEX},
counted AS (
  SELECT patient_key, n_readmissions, (n_readmissions > 0)::INTEGER AS y,
         avg((n_readmissions > 0)::INTEGER) OVER (PARTITION BY age // $age_band, sex) AS expected
  FROM stays WHERE reason = 'counted'),
patients AS (
  SELECT patient_key, count(*) AS n, sum(y) AS y, sum(n_readmissions) AS events,
         sum(expected) AS expected
  FROM counted GROUP BY patient_key),
total AS (SELECT sum(y) / sum(n) AS share, sum(y) / sum(expected) AS ratio FROM patients)
SELECT 'all' AS by_value, NULL::VARCHAR AS name, sum(n)::BIGINT AS n_index,
       count(*) AS n_patients, sum(y)::BIGINT AS n_readmitted,
       count(*) FILTER (y > 0) AS n_readmitted_patients, sum(events)::BIGINT AS n_readmissions,
       sum(expected) AS n_expected, sum(pow(y - share * n, 2)) AS share_spread,
       sum(pow(y - ratio * expected, 2)) AS ratio_spread, any_value(share) AS overall
FROM patients, total
"""

_REVOLVING_DOOR = f"""
WITH {WINDOWS},
dead AS (
  SELECT h.from_key AS patient_key, bool_or(s.ended_dead AND s.ended_s < $as_of_s) AS died_inside
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key
  WHERE s.started_s < $as_of_s GROUP BY h.from_key),
gaps AS (SELECT *, back_s - ended_s AS gap_s FROM inside),
listed AS (
  SELECT patient_key, list(stay_id ORDER BY started_s) AS stays,
         list(round(gap_s / 3600, 2) ORDER BY started_s) FILTER (gap_s IS NOT NULL) AS gaps_h,
         avg((gap_s <= 30 * 86400)::INTEGER) AS share_gaps_30_days
  FROM gaps GROUP BY patient_key),
met AS (
  SELECT patient_key, unit_id, min((started_s, place)) AS first_met
  FROM (SELECT patient_key, started_s, unnest(unit_list) AS unit_id,
               generate_subscripts(unit_list, 1) AS place
        FROM (SELECT patient_key, started_s, from_json(unit_ids, '["VARCHAR"]') AS unit_list
              FROM inside))
  GROUP BY patient_key, unit_id),
units AS (
  SELECT patient_key, count(*) AS n_units, list(unit_id ORDER BY first_met) AS units
  FROM met GROUP BY patient_key)
SELECT p.patient_id, f.n_stays, f.window_first_at, f.window_last_at,
       coalesce(p.died_day > $as_of_day, true) AND NOT d.died_inside
         AND n.newest_last_s >= $as_of_s - $window_days * 86400::BIGINT AS is_current,
       n.newest_window_last_at, l.stays, l.gaps_h, l.share_gaps_30_days, u.n_units, u.units
FROM fullest f
JOIN Patient p ON p.node_key = f.patient_key
JOIN newest n ON n.patient_key = f.patient_key
JOIN dead d ON d.patient_key = f.patient_key
JOIN listed l ON l.patient_key = f.patient_key
JOIN units u ON u.patient_key = f.patient_key
ORDER BY p.patient_id
"""

_UNIT_MOVES = """
SELECT u.unit_id AS from_unit, u.name AS from_unit_name, v.unit_id AS to_unit,
       v.name AS to_unit_name, m.n_moves, m.n_patients, m.median_gap_h, m.p90_gap_h
FROM (
  SELECT m.previous_unit_id, m.unit_id, count(*) AS n_moves,
         count(DISTINCT h.from_key) AS n_patients,
         quantile_cont(m.gap_s, 0.5) / 3600 AS median_gap_h,
         quantile_cont(m.gap_s, 0.9) / 3600 AS p90_gap_h
  FROM PART_OF_STAY m JOIN HAD_STAY h ON h.to_key = m.to_key
  WHERE m.previous_unit_id <> m.unit_id AND m.started_s < $as_of_s
  GROUP BY m.previous_unit_id, m.unit_id) m
JOIN Unit u ON u.unit_id = m.previous_unit_id JOIN Unit v ON v.unit_id = m.unit_id
ORDER BY from_unit, to_unit
"""

_TRANSFERS = """
SELECT u.unit_id AS from_unit, u.name AS from_unit_name, v.unit_id AS to_unit,
       v.name AS to_unit_name, t.n_transfers, t.n_patients, t.median_gap_h, t.p90_gap_h
FROM (
  SELECT d.to_key AS left_key, a.to_key AS reached_key, count(*) AS n_transfers,
         count(DISTINCT h.from_key) AS n_patients,
         quantile_cont(n.gap_s, 0.5) / 3600 AS median_gap_h,
         quantile_cont(n.gap_s, 0.9) / 3600 AS p90_gap_h
  FROM NEXT_STAY n
  JOIN Stay s ON s.node_key = n.to_key
  JOIN HAD_STAY h ON h.to_key = n.from_key
  JOIN DISCHARGED_FROM d ON d.from_key = n.from_key
  JOIN ADMITTED_TO a ON a.from_key = n.to_key
  WHERE s.started_s < $as_of_s AND n.gap_s <= $max_gap_d * 86400::BIGINT
  GROUP BY d.to_key, a.to_key) t
JOIN Unit u ON u.node_key = t.left_key JOIN Unit v ON v.node_key = t.reached_key
ORDER BY from_unit, to_unit
"""

ANSWERS = {
    "readmission_index": _READMISSION_INDEX,
    "readmission_rates": _READMISSION_RATES,
    "readmissions": _READMISSIONS,
    "revolving_door": _REVOLVING_DOOR,
    "transfers": _TRANSFERS,
    "unit_moves": _UNIT_MOVES,
    **peers_duckdb_coordination.ANSWERS,
    **peers_duckdb_discharges.ANSWERS,
    **peers_duckdb_networks.ANSWERS,
    **peers_duckdb_plans.ANSWERS,
    **peers_duckdb_referrals.ANSWERS,
}
"""Finding to SQL."""

IN_PART = frozenset({**peers_duckdb_coordination.ANSWERS, **peers_duckdb_referrals.ANSWERS})
"""Findings of which the peers give some columns alone."""

_FINISH: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "follow_up_after_discharge": with_follow_up_interval,
    "readmission_rates": with_intervals,
}
"""Finding to what turns its sums into intervals."""

_TABLES = re.compile(r'\b(?:FROM|JOIN) "?([A-Z]\w+)\b')


def prepare(question: Question, folder: Path, *, threads: int) -> Callable[[], pd.DataFrame]:
    """Read the tables that the finding needs into memory; return what answers it.

    Examples
    --------
    >>> sorted(set(_TABLES.findall("FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key")))
    ['HAD_STAY', 'Stay']
    """
    text = ANSWERS[question.finding]
    connection = duckdb.connect(config={"threads": threads})
    for name in sorted(set(_TABLES.findall(text))):
        connection.execute(
            f'CREATE TABLE "{name}" AS SELECT * FROM read_parquet(?)',
            [str(table_file(folder, name))],
        )
    used = set(re.findall(r"\$(\w+)", text))
    parameters = {name: value for name, value in question.parameters.items() if name in used}
    finish = _FINISH.get(question.finding)

    def answer() -> pd.DataFrame:
        rows = connection.execute(text, parameters).df()
        return rows if finish is None else finish(rows)

    return answer
