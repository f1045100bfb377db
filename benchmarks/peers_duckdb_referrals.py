"""Who may need the team, in DuckDB SQL.

Written from ``docs/definitions.md#eligible-for-the-team``, from the contacts themselves; given are
the columns that say who, when and why. Assessments of need are left out: the generated region has
none of the code that counts.
"""

from __future__ import annotations

__all__ = ["ANSWERS"]

_WITHIN_S = "$within_days * 86400::BIGINT"

_ELIGIBLE_PATIENTS = f"""
WITH stays AS (
  SELECT h.from_key AS patient_key, s.stay_id, s.started_s, s.started_at, s.started_day,
         s.is_acute_first, coalesce(s.ended_s, 9223372036854775807) AS end_s
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key),
visits AS (
  SELECT h.from_key AS patient_key, c.started_s AS at_s, any_value(c.started_at) AS started_at,
         any_value(c.started_day) AS started_day,
         max(c.started_s) FILTER (c.level = 'hospital') AS somatic_s,
         max(c.started_s) FILTER (c.level = 'psychiatry') AS psychiatric_s
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key
  WHERE c.level IN ('hospital', 'psychiatry') AND NOT c.has_children
    AND h.from_key IN (SELECT patient_key FROM stays)
  GROUP BY h.from_key, c.started_s),
latest AS (
  SELECT patient_key, at_s, started_at, started_day, max(somatic_s) OVER w AS somatic_s,
         max(psychiatric_s) OVER w AS psychiatric_s
  FROM visits WINDOW w AS (PARTITION BY patient_key ORDER BY at_s)),
met AS (
  SELECT *, least(somatic_s, psychiatric_s) AS since_s FROM latest
  WHERE somatic_s IS NOT NULL AND psychiatric_s IS NOT NULL),
anew AS (
  SELECT * FROM met
  QUALIFY since_s IS DISTINCT FROM lag(since_s) OVER (PARTITION BY patient_key ORDER BY at_s)),
moments AS (
  SELECT s.patient_key, s.stay_id, s.started_s AS at_s, s.started_at, s.started_day, m.since_s
  FROM stays s ASOF LEFT JOIN met m
    ON m.patient_key = s.patient_key AND s.started_s >= m.at_s
  UNION ALL
  SELECT a.patient_key, s.stay_id, a.at_s, a.started_at, a.started_day, a.since_s
  FROM anew a ASOF JOIN stays s ON s.patient_key = a.patient_key AND a.at_s > s.started_s
  WHERE a.at_s < s.end_s AND a.at_s - a.since_s <= {_WITHIN_S}),
counted AS (
  SELECT m.*, count(t.stay_id) AS n_acute_stays
  FROM (SELECT * FROM moments
        WHERE started_day BETWEEN $as_of_day - $period_days + 1 AND $as_of_day) m
  LEFT JOIN stays t ON t.patient_key = m.patient_key AND t.is_acute_first
   AND t.started_s BETWEEN m.at_s - {_WITHIN_S} AND m.at_s
  GROUP BY ALL),
held AS (
  SELECT c.*, p.patient_id, left(c.started_at, 4)::BIGINT - p.birth_year AS age,
         list_filter([
           CASE WHEN age >= $older_age AND n_acute_stays >= $older_stays
                THEN 'older_two_stays' END,
           CASE WHEN n_acute_stays >= $any_age_stays THEN 'three_stays' END,
           CASE WHEN $both_kinds AND at_s - since_s <= {_WITHIN_S} THEN 'both_kinds_of_care' END],
           lambda code: code IS NOT NULL) AS criteria
  FROM counted c JOIN Patient p ON p.node_key = c.patient_key)
SELECT patient_id, started_at AS eligible_at, criteria, n_acute_stays, age, stay_id
FROM held WHERE len(criteria) > 0
QUALIFY row_number() OVER (PARTITION BY patient_key ORDER BY at_s) = 1
"""

ANSWERS = {"eligible_patients": _ELIGIBLE_PATIENTS}
"""Finding to SQL."""
