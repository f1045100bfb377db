"""The networks in DuckDB SQL, units shown as departments.

Written from ``docs/definitions.md#networks``; all columns are given.
"""

from __future__ import annotations

from benchmarks.peers_duckdb_parts import date_of, holds

__all__ = ["ANSWERS"]

# Each unit of a level that counts, and the unit as which it is shown. Of units that replace each
# other in a ring none is followed.
_SHOWN = """
replaced AS (
  SELECT unit_id, replaced_by AS next_id FROM Unit
  WHERE valid_to_day <= $as_of_day AND replaced_by IS NOT NULL),
followed AS (
  SELECT unit_id, next_id AS at_id FROM replaced
  UNION
  SELECT f.unit_id, r.next_id FROM followed f JOIN replaced r ON r.unit_id = f.at_id),
stands AS (
  SELECT u.node_key AS unit_key, u.unit_id, u.level, coalesce(f.at_id, u.unit_id) AS at_id
  FROM Unit u LEFT JOIN (
    SELECT * FROM followed WHERE at_id NOT IN (SELECT unit_id FROM replaced)) f USING (unit_id)),
parents AS (
  SELECT s.unit_id, a.at_id AS parent_id
  FROM PART_OF r JOIN stands s ON s.unit_key = r.from_key
  JOIN stands a ON a.unit_key = r.to_key),
chain AS (
  SELECT unit_key, level, at_id AS above_id, 0 AS depth FROM stands
  UNION ALL
  SELECT c.unit_key, c.level, p.parent_id, c.depth + 1
  FROM chain c JOIN parents p ON p.unit_id = c.above_id),
shown AS (
  SELECT c.unit_key,
         coalesce(arg_min(c.above_id, c.depth)
                    FILTER (a.kind IN ('department', 'clinic', 'hospital', 'trust')),
                  arg_max(c.above_id, c.depth)) AS node
  FROM chain c JOIN Unit a ON a.unit_id = c.above_id
  WHERE c.level IN ('hospital', 'psychiatry', 'emergency', 'gp', 'municipal')
  GROUP BY c.unit_key)
"""

_PERIOD = "BETWEEN $as_of_day - $period_days + 1 AND $as_of_day"

_LEAVES = f"""
leaves AS (
  SELECT h.from_key AS patient_key, c.node_key, c.started_day, s.node
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key JOIN "AT" a ON a.from_key = c.node_key
  JOIN shown s ON s.unit_key = a.to_key
  WHERE c.started_day {_PERIOD} AND NOT c.has_children)
"""

# Rows of a patient and two nodes, counted; a node that is not recorded is one of its own.
_COUNTED = """
ties AS (
  SELECT from_id, to_id, count(DISTINCT patient_key) AS n_patients, sum(n)::BIGINT AS n
  FROM pairs GROUP BY ALL),
left_of AS (
  SELECT from_id, count(DISTINCT patient_key) AS from_patients FROM pairs GROUP BY ALL),
reached AS (SELECT to_id, count(DISTINCT patient_key) AS to_patients FROM pairs GROUP BY ALL),
counted AS (
  SELECT t.*, l.from_patients, r.to_patients
  FROM ties t JOIN left_of l ON l.from_id IS NOT DISTINCT FROM t.from_id
  JOIN reached r ON r.to_id IS NOT DISTINCT FROM t.to_id)
"""

_BETWEEN_UNITS = """
SELECT t.from_id, f.name AS from_name, f.kind AS from_kind, f.level AS from_level, t.to_id,
       u.name AS to_name, u.kind AS to_kind, u.level AS to_level, t.n_patients, {n}
       t.from_patients, t.to_patients
FROM counted t LEFT JOIN Unit f ON f.unit_id = t.from_id LEFT JOIN Unit u ON u.unit_id = t.to_id
"""

_SHARED_PATIENTS = f"""
WITH RECURSIVE {_SHOWN}, {_LEAVES},
came AS (SELECT DISTINCT patient_key, node FROM leaves),
in_all AS (SELECT node, count(*) AS n_patients FROM came GROUP BY node),
counted AS (
  SELECT t.*, l.n_patients AS from_patients, r.n_patients AS to_patients
  FROM (SELECT a.node AS from_id, b.node AS to_id, count(*) AS n_patients
        FROM came a JOIN came b ON b.patient_key = a.patient_key AND b.node > a.node
        GROUP BY ALL) t
  JOIN in_all l ON l.node = t.from_id JOIN in_all r ON r.node = t.to_id)
{_BETWEEN_UNITS.format(n="")}
"""

_UNIT_TRANSFERS = f"""
WITH RECURSIVE {_SHOWN}, {_LEAVES},
pairs AS (
  SELECT b.patient_key, s.node AS from_id, b.node AS to_id, count(*) AS n
  FROM NEXT_CONTACT x JOIN leaves b ON b.node_key = x.to_key
  JOIN "AT" a ON a.from_key = x.from_key JOIN shown s ON s.unit_key = a.to_key
  WHERE x.gap_s <= $max_gap_d * 86400::BIGINT
  GROUP BY ALL),
{_COUNTED}
{_BETWEEN_UNITS.format(n="t.n AS n_contacts,")}
"""

_MUNICIPALITY_UNITS = f"""
WITH RECURSIVE {_SHOWN}, {_LEAVES},
pairs AS (
  SELECT c.patient_key, m.municipality_code AS from_id, c.node AS to_id, count(*) AS n
  FROM leaves c
  JOIN LIVES_IN l ON l.from_key = c.patient_key AND {holds("l", "c.started_day")}
  JOIN Municipality m ON m.node_key = l.to_key
  GROUP BY ALL),
{_COUNTED}
SELECT t.from_id, m.name AS from_name, 'municipality' AS from_kind, NULL::VARCHAR AS from_level,
       t.to_id, u.name AS to_name, u.kind AS to_kind, u.level AS to_level, t.n_patients,
       t.n AS n_contacts, t.from_patients, t.to_patients
FROM counted t JOIN Municipality m ON m.municipality_code = t.from_id
JOIN Unit u ON u.unit_id = t.to_id
"""

_REFERRAL_NETWORK = f"""
WITH RECURSIVE {_SHOWN},
pairs AS (
  SELECT w.from_key AS patient_key, s.node AS from_id, t.node AS to_id, count(*) AS n
  FROM Referral r JOIN WAS_REFERRED w ON w.to_key = r.node_key
  LEFT JOIN FROM_UNIT f ON f.from_key = r.node_key LEFT JOIN shown s ON s.unit_key = f.to_key
  LEFT JOIN TO_UNIT g ON g.from_key = r.node_key LEFT JOIN shown t ON t.unit_key = g.to_key
  WHERE r.sent_at[:10] BETWEEN {date_of("($as_of_day - $period_days + 1)")}
                           AND {date_of("$as_of_day")}
    AND (f.to_key IS NULL OR s.node IS NOT NULL) AND (g.to_key IS NULL OR t.node IS NOT NULL)
  GROUP BY ALL),
{_COUNTED}
{_BETWEEN_UNITS.format(n="t.n AS n_referrals,")}
"""

ANSWERS = {
    "municipality_units": _MUNICIPALITY_UNITS,
    "referral_network": _REFERRAL_NETWORK,
    "shared_patients": _SHARED_PATIENTS,
    "unit_transfers": _UNIT_TRANSFERS,
}
"""Network to SQL."""
