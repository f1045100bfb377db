"""What was in place at discharges and what followed them, in DuckDB SQL.

Written from ``docs/definitions.md``; all columns are given.
"""

from __future__ import annotations

from benchmarks.linking_pandas import TIMEZONE
from benchmarks.peers_duckdb_parts import (
    ABOVE,
    ALIVE,
    COORDINATORS,
    POSTS,
    WINDOWS,
    date_of,
    holds,
)

__all__ = ["ANSWERS"]

_CONTACT_PHYSICIANS = """
physicians AS (
  SELECT to_key AS patient_key, 'professional' AS holder_kind, from_key AS holder_key,
         valid_from_day, valid_to_day
  FROM CONTACT_PHYSICIAN_FOR__Professional__Patient
  UNION ALL
  SELECT to_key, 'unit', from_key, valid_from_day, valid_to_day
  FROM CONTACT_PHYSICIAN_FOR__Unit__Patient)
"""

_BEFORE_THE_RETURN = f"""
WITH {ALIVE}, {WINDOWS}, {POSTS}, {COORDINATORS}, {_CONTACT_PHYSICIANS},
discharges AS (
  SELECT a.patient_id, i.patient_key, i.node_key, i.stay_id, i.ended_at, i.ended_s, i.ended_day,
         i.returned_at, i.back_s
  FROM inside i JOIN newest n USING (patient_key) JOIN alive a USING (patient_key)
  WHERE i.back_s IS NOT NULL AND n.newest_last_s >= $as_of_s - $window_days * 86400::BIGINT),
roles AS (
  SELECT 'coordinator' AS role, * FROM coordinators
  UNION ALL SELECT 'contact_physician', * FROM physicians),
counted AS (
  SELECT h.from_key AS patient_key, c.level, c.started_s
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key
  WHERE h.from_key IN (SELECT patient_key FROM discharges)
    AND (c.level IN ('gp', 'municipal', 'emergency')
         OR c.care_level IN ('outpatient', 'day')
            AND c.node_key NOT IN (SELECT from_key FROM PART_OF_STAY))),
met AS (
  SELECT d.node_key, count(*) FILTER (c.level = 'gp') AS n_gp,
         count(*) FILTER (c.level = 'municipal') AS n_municipal,
         count(*) FILTER (c.level = 'emergency') AS n_emergency,
         count(*) FILTER (c.level = 'hospital') AS n_outpatient,
         count(*) FILTER (c.level = 'psychiatry') AS n_psychiatry
  FROM discharges d JOIN counted c
    ON c.patient_key = d.patient_key AND c.started_s >= d.ended_s AND c.started_s < d.back_s
  GROUP BY ALL),
in_place AS (
  SELECT d.node_key, r.role
  FROM discharges d JOIN roles r USING (patient_key)
  LEFT JOIN posts t USING (holder_kind, holder_key)
  WHERE {holds("r", "d.ended_day")} AND {holds("t", "d.ended_day")}),
planned AS (
  SELECT d.node_key, n.node_key AS plan_key
  FROM discharges d JOIN HAS_PLAN h ON h.from_key = d.patient_key
  JOIN Plan n ON n.node_key = h.to_key
  LEFT JOIN HAD_STATUS g ON g.from_key = n.node_key
  LEFT JOIN PlanStatus t ON t.node_key = g.to_key AND t.valid_from_day <= d.ended_day
  WHERE {holds("n", "d.ended_day")}
  GROUP BY ALL HAVING coalesce(arg_max(t.status, t.valid_from_day) = 'active', true)),
referred AS (
  SELECT d.node_key
  FROM discharges d JOIN WAS_REFERRED w ON w.from_key = d.patient_key
  JOIN Referral r ON r.node_key = w.to_key JOIN TO_UNIT x ON x.from_key = r.node_key
  JOIN Unit u ON u.node_key = x.to_key
  WHERE u.kind = 'team' AND r.sent_at[:10] <= d.ended_at[:10]
    AND coalesce(r.closed_at[:10] > d.ended_at[:10], true)),
flagged AS (
  SELECT d.*,
         node_key IN (SELECT node_key FROM in_place WHERE role = 'coordinator') AS has_coordinator,
         node_key IN (SELECT node_key FROM in_place WHERE role = 'contact_physician')
           AS has_contact_physician,
         node_key IN (SELECT node_key FROM planned) AS has_plan,
         node_key IN (SELECT node_key FROM referred) AS has_team_referral
  FROM discharges d),
listed AS (
  SELECT *,
         list_filter([CASE WHEN NOT has_coordinator THEN 'coordinator' END,
                      CASE WHEN NOT has_contact_physician THEN 'contact_physician' END,
                      CASE WHEN NOT has_plan THEN 'plan' END,
                      CASE WHEN NOT has_team_referral THEN 'team_referral' END],
                     lambda word: word IS NOT NULL) AS missing
  FROM flagged)
SELECT f.patient_id, f.stay_id, f.ended_at, f.returned_at,
       (f.back_s - f.ended_s) / 86400 AS gap_days,
       coalesce(m.n_gp, 0) AS n_gp, coalesce(m.n_municipal, 0) AS n_municipal,
       coalesce(m.n_emergency, 0) AS n_emergency, coalesce(m.n_outpatient, 0) AS n_outpatient,
       coalesce(m.n_psychiatry, 0) AS n_psychiatry, f.has_coordinator, f.has_contact_physician,
       f.has_plan, f.has_team_referral, f.missing,
       f.ended_s IS NOT DISTINCT FROM
         max(f.ended_s) FILTER (len(f.missing) > 0) OVER (PARTITION BY f.patient_key)
         AS is_last_missed
FROM listed f LEFT JOIN met m USING (node_key)
"""

# Whoever has no employment recorded by the day has no trust here, and will do at any.
_MISSING_CONTACT_PHYSICIAN = f"""
WITH RECURSIVE {ABOVE}, {_CONTACT_PHYSICIANS},
trusts AS (SELECT unit_key, arg_max(above_key, depth) AS trust FROM above GROUP BY unit_key),
due AS (
  SELECT h.from_key AS patient_key, s.node_key, s.stay_id, s.started_at, s.started_day, s.due_day,
         coalesce(s.ended_day, $as_of_day) AS last_day, t.unit_key, t.trust
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key
  JOIN DISCHARGED_FROM d ON d.from_key = s.node_key JOIN trusts t ON t.unit_key = d.to_key
  WHERE s.started_s < $as_of_s AND s.due_day <= $as_of_day
    AND least(s.ended_s, $as_of_s) - s.started_s > $min_hours * 3600),
places AS (
  SELECT 'professional' AS holder_kind, w.from_key AS holder_key, t.trust, w.valid_from_day,
         w.valid_to_day
  FROM WORKS_AT w JOIN trusts t ON t.unit_key = w.to_key
  WHERE w.valid_from_day IS NULL OR w.valid_from_day <= $as_of_day
  UNION ALL SELECT 'unit', unit_key, trust, NULL, NULL FROM trusts),
spells AS (
  SELECT d.node_key, d.due_day, d.last_day,
         greatest(r.valid_from_day, p.valid_from_day) AS valid_from_day,
         least(r.valid_to_day, p.valid_to_day) AS valid_to_day
  FROM due d JOIN physicians r USING (patient_key)
  LEFT JOIN places p USING (holder_kind, holder_key)
  WHERE p.trust IS NULL OR p.trust = d.trust),
later AS (
  SELECT node_key, min(greatest(valid_from_day, due_day + 1)) AS appointed_day
  FROM spells
  WHERE greatest(valid_from_day, due_day + 1) <= last_day
    AND coalesce(greatest(valid_from_day, due_day + 1) < valid_to_day, true)
  GROUP BY ALL),
recorded AS (
  SELECT d.node_key FROM due d JOIN physicians r USING (patient_key)
  WHERE coalesce(r.valid_from_day <= greatest(d.last_day, d.due_day), true)
    AND coalesce(r.valid_to_day > d.started_day, true)),
pool AS (
  SELECT unit_key, node_key IN (SELECT node_key FROM recorded) AS is_recorded,
         started_day > $as_of_day - 365 AS is_recent
  FROM due
  QUALIFY is_recent OR NOT bool_or(is_recent) OVER (PARTITION BY unit_key)),
units AS (
  SELECT u.node_key AS unit_key, u.unit_id, u.name, avg(p.is_recorded::INTEGER) AS share
  FROM pool p JOIN Unit u ON u.node_key = p.unit_key GROUP BY ALL)
SELECT p.patient_id, d.stay_id, u.unit_id AS unit, u.name AS unit_name, d.started_at,
       {date_of("d.due_day")} AS due_on,
       greatest(coalesce(a.appointed_day, d.last_day) - d.due_day, 0)::DOUBLE AS days_overdue,
       {date_of("a.appointed_day")} AS appointed_on, 'long_stay' AS basis,
       CASE WHEN u.share < $min_recorded_share THEN 'not_recorded' ELSE 'missing' END AS status
FROM due d JOIN Patient p ON p.node_key = d.patient_key JOIN units u USING (unit_key)
LEFT JOIN later a ON a.node_key = d.node_key
WHERE d.started_day > $as_of_day - $within_days
  AND d.node_key NOT IN (SELECT node_key FROM spells s WHERE {holds("s", "s.due_day")})
"""

_FOLLOW_UP = f"""
WITH stays AS (
  SELECT h.from_key AS patient_key, s.*, s.ended_s + $within_days * 86400::BIGINT AS until_s,
         least(s.next_gp_s, s.next_municipal_s) AS next_s,
         min(CASE WHEN s.is_acute_first THEN s.started_s END) OVER (
           PARTITION BY h.from_key ORDER BY s.started_s
           ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS return_s
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key WHERE s.started_s < $as_of_s),
home AS (
  SELECT * FROM stays
  WHERE ended_s < $as_of_s AND NOT ended_dead AND list_contains($home_codes, discharged_to)),
periods AS (
  SELECT m.municipality_code, k.level,
         epoch(timezone('{TIMEZONE}', k.covered_from::TIMESTAMP)) AS from_s,
         epoch(timezone('{TIMEZONE}', k.covered_to::TIMESTAMP)) AS to_s
  FROM Coverage k JOIN Municipality m
    ON k.municipality_code IS NULL OR k.municipality_code = m.municipality_code
  WHERE k.level IN ('gp', 'municipal')),
numbered AS (
  SELECT *, count(*) FILTER (is_apart) OVER w AS number
  FROM (SELECT *, from_s > max(to_s) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    AS is_apart
        FROM periods WINDOW w AS (PARTITION BY municipality_code, level ORDER BY from_s))
  WINDOW w AS (PARTITION BY municipality_code, level ORDER BY from_s)),
unbroken AS (
  SELECT municipality_code, level, min(from_s) AS from_s, max(to_s) AS to_s
  FROM numbered GROUP BY municipality_code, level, number),
covered AS (
  SELECT s.node_key
  FROM home s JOIN unbroken k
    ON k.municipality_code = s.municipality_code AND s.ended_s >= k.from_s AND s.until_s <= k.to_s
  WHERE s.until_s <= $as_of_s GROUP BY ALL HAVING count(DISTINCT k.level) = 2),
ended AS (
  SELECT s.node_key, s.patient_key, s.ended_s,
         CASE WHEN s.node_key NOT IN (SELECT node_key FROM covered) THEN 'not_covered'
              WHEN s.next_s <= s.until_s AND coalesce(s.next_s <= s.return_s, true)
                THEN 'followed_up'
              WHEN s.return_s <= s.until_s THEN 'acute_return'
              WHEN p.died_day <= $as_of_day AND p.died_day - s.ended_day <= $within_days THEN 'died'
              ELSE 'no_follow_up' END AS outcome
  FROM home s JOIN Patient p ON p.node_key = s.patient_key),
municipal AS (
  SELECT h.from_key AS patient_key, c.started_s, c.ended_s
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key WHERE c.level = 'municipal'),
continued AS (
  SELECT DISTINCT e.node_key
  FROM ended e JOIN municipal c ON c.patient_key = e.patient_key AND c.started_s < e.ended_s
  WHERE e.outcome = 'no_follow_up' AND (c.ended_s IS NULL OR c.ended_s > e.ended_s)),
outcomes AS (
  SELECT e.*, d.to_key AS unit_key, e.node_key IN (SELECT node_key FROM continued) AS goes_on
  FROM ended e JOIN DISCHARGED_FROM d ON d.from_key = e.node_key),
patients AS (
  SELECT unit_key, count(*) AS n, count(*) FILTER (outcome = 'no_follow_up') AS y
  FROM outcomes WHERE outcome <> 'not_covered' GROUP BY unit_key, patient_key),
spreads AS (
  SELECT unit_key, sum(pow(y - share * n, 2)) AS spread
  FROM (SELECT *, sum(y) OVER w / sum(n) OVER w AS share FROM patients
        WINDOW w AS (PARTITION BY unit_key))
  GROUP BY ALL)
SELECT u.unit_id AS unit, u.name AS unit_name,
       count(*) FILTER (outcome <> 'not_covered') AS n_discharges,
       count(DISTINCT patient_key) FILTER (outcome <> 'not_covered') AS n_patients,
       count(*) FILTER (outcome = 'followed_up') AS n_followed_up,
       count(*) FILTER (outcome = 'no_follow_up') AS n_no_follow_up,
       count(DISTINCT patient_key) FILTER (outcome = 'no_follow_up') AS n_no_follow_up_patients,
       count(*) FILTER (goes_on) AS n_home_care_continued,
       count(DISTINCT patient_key) FILTER (goes_on) AS n_home_care_patients,
       count(*) FILTER (outcome = 'acute_return') AS n_acute_return,
       count(DISTINCT patient_key) FILTER (outcome = 'acute_return') AS n_acute_return_patients,
       count(DISTINCT patient_key) FILTER (outcome = 'died') AS n_died,
       count(*) FILTER (outcome = 'not_covered') AS n_not_covered,
       count(DISTINCT patient_key) FILTER (outcome = 'not_covered') AS n_not_covered_patients,
       any_value(spread) AS spread
FROM outcomes o JOIN Unit u ON u.node_key = o.unit_key LEFT JOIN spreads USING (unit_key)
GROUP BY u.unit_id, u.name
"""

ANSWERS = {
    "before_the_return": _BEFORE_THE_RETURN,
    "follow_up_after_discharge": _FOLLOW_UP,
    "missing_contact_physician": _MISSING_CONTACT_PHYSICIAN,
}
"""Finding to SQL."""
