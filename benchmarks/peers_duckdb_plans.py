"""Who should have a coordinator or a plan and has none, in DuckDB SQL.

Written from ``docs/definitions.md``; all columns are given.
"""

from __future__ import annotations

from benchmarks.peers_duckdb_parts import (
    ABOVE,
    ALIVE,
    ASSESSMENTS,
    COORDINATORS,
    PLANS,
    POSTS,
    SHOULD_BE_COORDINATED,
    date_of,
    holds,
)

__all__ = ["ANSWERS"]

_SHOULD = f"WITH RECURSIVE {ALIVE}, {ABOVE}, {ASSESSMENTS}, {SHOULD_BE_COORDINATED}"

_RESIDENCES = f"""
residences AS (
  SELECT l.from_key AS patient_key, m.municipality_code
  FROM LIVES_IN l JOIN Municipality m ON m.node_key = l.to_key
  WHERE {holds("l", "$as_of_day")}
  QUALIFY row_number() OVER (PARTITION BY l.from_key ORDER BY l.valid_from_day DESC NULLS LAST,
                             m.municipality_code DESC) = 1)
"""

_COORDINATION_NEED = f"""
{_SHOULD}, {_RESIDENCES}
SELECT n.patient_id, n.duty_level, n.basis, {date_of("n.since_day")} AS since, n.clinics,
       l.municipality_code
FROM coordination n LEFT JOIN residences l USING (patient_key)
"""

# An unknown level meets the duties of both.
_MISSING_COORDINATOR = f"""
{_SHOULD}, {_RESIDENCES}, {COORDINATORS}, {POSTS},
met AS (
  SELECT r.patient_key, unnest(CASE WHEN t.level IS NULL THEN ['specialist', 'municipal']
                                    WHEN t.level = 'municipal' THEN ['municipal']
                                    WHEN t.level IN ('hospital', 'psychiatry') THEN ['specialist']
                                    ELSE [] END) AS duty_level
  FROM coordinators r LEFT JOIN posts t USING (holder_kind, holder_key)
  WHERE {holds("r", "$as_of_day")} AND {holds("t", "$as_of_day")})
SELECT n.patient_id, n.duty_level, n.basis, {date_of("n.since_day")} AS since,
       ($as_of_day - n.since_day)::DOUBLE AS days_since, n.clinics, l.municipality_code
FROM coordination n LEFT JOIN residences l USING (patient_key)
ANTI JOIN met USING (patient_key, duty_level)
"""

_MISSING_INDIVIDUAL_PLAN = f"""
{_SHOULD}, {PLANS},
assessed AS (SELECT * FROM ruling WHERE need = 'individual_plan' AND status <> 'unknown'),
needing AS (
  SELECT a.patient_id, patient_key, 'recorded_need' AS basis, r.assessed_day AS since_day
  FROM assessed r JOIN alive a USING (patient_key) WHERE r.status = 'needs'
  UNION ALL
  SELECT patient_id, patient_key,
         any_value(CASE basis WHEN 'recorded_need' THEN 'coordinator_need' ELSE basis END),
         min(since_day)
  FROM coordination ANTI JOIN assessed USING (patient_key)
  GROUP BY ALL)
SELECT n.patient_id, n.basis, {date_of("n.since_day")} AS since,
       n.patient_key IN (SELECT patient_key FROM plans
                         WHERE list_contains($plan_kinds, kind) AND status = 'draft') AS has_draft
FROM needing n
WHERE n.patient_key NOT IN (SELECT patient_key FROM active_plans
                            WHERE list_contains($plan_kinds, kind))
"""

_BOTH_KINDS_OF_CARE = f"""
WITH RECURSIVE {ALIVE}, {ABOVE}, {PLANS}, {POSTS},
seen AS (
  SELECT h.from_key AS patient_key, count(*) FILTER (c.level = 'hospital') AS n_somatic,
         count(*) FILTER (c.level = 'psychiatry') AS n_psychiatric,
         max(c.started_day) FILTER (c.level = 'hospital') AS somatic_day,
         max(c.started_day) FILTER (c.level = 'psychiatry') AS psychiatric_day
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key
  WHERE c.level IN ('hospital', 'psychiatry') AND c.started_s < $as_of_s
    AND c.started_day > $as_of_day - $within_days AND NOT c.has_children
  GROUP BY ALL HAVING n_somatic > 0 AND n_psychiatric > 0),
owned AS (
  SELECT from_key AS plan_key, 'professional' AS holder_kind, to_key AS holder_key, valid_from_day,
         valid_to_day
  FROM OWNED_BY__Plan__Professional
  UNION ALL
  SELECT from_key, 'unit', to_key, valid_from_day, valid_to_day FROM OWNED_BY__Plan__Unit),
owners AS (
  SELECT o.plan_key, o.holder_kind, o.holder_key, t.level
  FROM owned o LEFT JOIN posts t USING (holder_kind, holder_key)
  WHERE {holds("o", "$as_of_day")} AND {holds("t", "$as_of_day")}),
spanning AS (
  SELECT a.above_key AS holder_key FROM above a JOIN Unit u ON u.node_key = a.unit_key
  WHERE u.level IN ('hospital', 'psychiatry') GROUP BY ALL HAVING count(DISTINCT u.level) = 2),
shared AS (
  SELECT plan_key FROM active_plans WHERE list_contains($shared_kinds, kind)
  UNION
  SELECT plan_key FROM owners WHERE level IN ('hospital', 'psychiatry')
  GROUP BY ALL HAVING count(DISTINCT level) = 2
  UNION
  SELECT plan_key FROM owners JOIN spanning USING (holder_key) WHERE holder_kind = 'unit'),
counted AS (
  SELECT patient_key, count(*) AS n_plans, bool_or(plan_key IN (SELECT plan_key FROM shared))
           AS has_shared
  FROM active_plans GROUP BY ALL)
SELECT a.patient_id, s.n_somatic, s.n_psychiatric,
       {date_of("s.somatic_day")} AS last_somatic_on,
       {date_of("s.psychiatric_day")} AS last_psychiatric_on,
       coalesce(k.n_plans, 0) AS n_active_plans
FROM seen s JOIN alive a USING (patient_key) LEFT JOIN counted k USING (patient_key)
WHERE NOT coalesce(k.has_shared, false)
"""

ANSWERS = {
    "both_kinds_of_care": _BOTH_KINDS_OF_CARE,
    "coordination_need": _COORDINATION_NEED,
    "missing_coordinator": _MISSING_COORDINATOR,
    "missing_individual_plan": _MISSING_INDIVIDUAL_PLAN,
}
"""Finding to SQL."""
