"""The findings across levels of care in DuckDB SQL, written from ``docs/definitions.md``.

They give the rows' identifying columns and the measures that cost most; names and dates to read are
left to pathgraph, which makes the comparison kinder to the peer.
"""

from __future__ import annotations

from benchmarks.peers_duckdb_parts import ALIVE

__all__ = ["ANSWERS"]

_CHILD_TO_ADULT = f"""
WITH {ALIVE},
own AS (
  SELECT h.from_key AS patient_key, a.to_key AS unit_key, c.started_day
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key JOIN "AT" a ON a.from_key = c.node_key
  JOIN Unit u ON u.node_key = a.to_key
  WHERE c.level IN ('hospital', 'psychiatry') AND c.started_s < $as_of_s
    AND u.kind IS DISTINCT FROM 'team'
    AND c.node_key NOT IN (SELECT to_key FROM PART_OF_CONTACT)),
shares AS (
  SELECT o.unit_key,
         avg((year(DATE '1970-01-01' + o.started_day::INTEGER) - p.birth_year
              <= $child_age)::INTEGER) AS child_share,
         count(*) AS n
  FROM own o JOIN Patient p ON p.node_key = o.patient_key
  WHERE p.birth_year IS NOT NULL GROUP BY o.unit_key),
child_units AS (
  SELECT unit_key FROM shares WHERE n >= $min_contacts AND child_share >= $child_share),
turning AS (
  SELECT patient_key, patient_id FROM alive
  WHERE birth_year + 18 BETWEEN year(DATE '1970-01-01' + $as_of_day::INTEGER + 1)
    AND year(DATE '1970-01-01' + $as_of_day::INTEGER + INTERVAL 12 MONTH)),
recent AS (
  SELECT o.patient_key, o.unit_key IN (SELECT unit_key FROM child_units) AS is_child
  FROM own o WHERE o.started_day > $as_of_day - $within_days),
referred AS (
  SELECT w.from_key AS patient_key
  FROM WAS_REFERRED w JOIN Referral r ON r.node_key = w.to_key
  JOIN TO_UNIT t ON t.from_key = r.node_key JOIN Unit u ON u.node_key = t.to_key
  WHERE r.sent_s < $as_of_s AND r.sent_s >= $as_of_s - $within_days * 86400::BIGINT
    AND u.level IN ('hospital', 'psychiatry') AND u.kind IS DISTINCT FROM 'team'
    AND u.node_key NOT IN (SELECT unit_key FROM child_units))
SELECT t.patient_id, count(*) AS n_child_contacts
FROM turning t JOIN recent c ON c.patient_key = t.patient_key AND c.is_child
WHERE t.patient_key NOT IN (SELECT patient_key FROM recent WHERE NOT is_child)
  AND t.patient_key NOT IN (SELECT patient_key FROM referred)
GROUP BY t.patient_id
"""

_EMERGENCY_RETURNS = f"""
WITH {ALIVE},
visits AS (
  SELECT h.from_key AS patient_key, c.node_key, c.started_s
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key
  WHERE c.level = 'emergency' AND c.started_s < $as_of_s),
frequent AS (SELECT patient_key FROM visits GROUP BY ALL HAVING count(*) >= $min_visits),
admissions AS (
  SELECT h.from_key AS patient_key, s.started_s
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key
  WHERE s.is_acute_first AND s.started_s < $as_of_s),
unadmitted AS (
  SELECT v.patient_key, v.started_s
  FROM visits v JOIN frequent USING (patient_key)
  WHERE NOT EXISTS (
    SELECT 1 FROM admissions a WHERE a.patient_key = v.patient_key
      AND a.started_s BETWEEN v.started_s AND v.started_s + $admission_h * 3600::BIGINT)),
windows AS (
  SELECT patient_key, started_s, count(*) OVER w AS n_visits, max(started_s) OVER w AS last_s
  FROM unadmitted
  WINDOW w AS (PARTITION BY patient_key ORDER BY started_s
               RANGE BETWEEN CURRENT ROW AND $window_days * 86400::BIGINT FOLLOWING))
SELECT p.patient_id, max(w.n_visits) AS n_visits
FROM windows w JOIN alive p USING (patient_key)
WHERE w.n_visits >= $min_visits
GROUP BY p.patient_id
HAVING max(w.last_s) >= $as_of_s - $within_days * 86400::BIGINT
"""

_NO_FOLLOW_UP = """
WITH covered AS (
  SELECT municipality_code, count(DISTINCT level) AS n FROM (
    SELECT m.municipality_code, k.level FROM Municipality m JOIN Coverage k
      ON k.municipality_code IS NULL OR k.municipality_code = m.municipality_code
    WHERE k.level IN ('gp', 'municipal'))
  GROUP BY ALL HAVING count(DISTINCT level) = 2),
returns AS (
  SELECT s.node_key,
         min(t.started_s) AS return_s
  FROM HAD_STAY h JOIN Stay s ON s.node_key = h.to_key
  JOIN HAD_STAY i ON i.from_key = h.from_key JOIN Stay t ON t.node_key = i.to_key
  WHERE t.is_acute_first AND t.started_s >= s.ended_s AND t.node_key <> s.node_key
    AND t.started_s < $as_of_s
    AND t.started_s <= s.ended_s + $within_days * 86400::BIGINT
  GROUP BY ALL),
followed AS (
  SELECT s.*, h.from_key AS patient_key, least(s.next_gp_s, s.next_municipal_s) AS next_s,
         s.ended_s + $within_days * 86400::BIGINT AS window_s, r.return_s
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key LEFT JOIN returns r USING (node_key)
  WHERE s.ended_s < $as_of_s AND NOT s.ended_dead AND list_contains($home_codes, s.discharged_to)
    AND s.municipality_code IN (SELECT municipality_code FROM covered)
    AND s.ended_s + $within_days * 86400::BIGINT <= $horizon_s)
SELECT f.stay_id, f.ended_at, p.patient_id
FROM followed f JOIN Patient p ON p.node_key = f.patient_key
WHERE NOT coalesce(f.next_s <= f.window_s AND (f.return_s IS NULL OR f.next_s <= f.return_s), false)
  AND f.return_s IS NULL
  AND (p.died_day IS NULL OR p.died_day > $as_of_day OR p.died_day > f.ended_day + $within_days)
"""

_BOUNCING = """
SELECT p.patient_id, c.level_run_id, a.level AS from_level, b.level AS via_level
FROM NEXT_RUN n
JOIN NEXT_RUN m ON m.from_key = n.to_key
JOIN LevelRun a ON a.node_key = n.from_key
JOIN LevelRun b ON b.node_key = n.to_key
JOIN LevelRun c ON c.node_key = m.to_key
JOIN HAD_RUN h ON h.to_key = c.node_key JOIN Patient p ON p.node_key = h.from_key
WHERE a.level = c.level AND c.is_acute AND c.started_s < $as_of_s
  AND n.gap_s <= $max_gap_d * 86400::BIGINT AND m.gap_s <= $max_gap_d * 86400::BIGINT
"""

ANSWERS = {
    "bouncing": _BOUNCING,
    "child_to_adult": _CHILD_TO_ADULT,
    "emergency_returns": _EMERGENCY_RETURNS,
    "no_follow_up_after_discharge": _NO_FOLLOW_UP,
}
"""Finding to SQL."""
