"""Common table expressions that several of the SQL peers are put together from.

Each is the text of one or more expressions without a comma behind; what it needs of the others
stands beside it. An open first or last day is null, in the tables and here.
"""

from __future__ import annotations

__all__ = [
    "ABOVE",
    "ALIVE",
    "ASSESSMENTS",
    "COORDINATORS",
    "PLANS",
    "POSTS",
    "SHOULD_BE_COORDINATED",
    "WINDOWS",
    "date_of",
    "holds",
]


def holds(row: str, day: str) -> str:
    """Return the condition that a row with first and last day holds on a day.

    Examples
    --------
    >>> holds("r", "20000")
    '(coalesce(r.valid_from_day <= 20000, true) AND coalesce(r.valid_to_day > 20000, true))'
    """
    return (
        f"(coalesce({row}.valid_from_day <= {day}, true)"
        f" AND coalesce({row}.valid_to_day > {day}, true))"
    )


def date_of(day: str) -> str:
    """Return the ISO date of a number of days since 1970-01-01.

    Examples
    --------
    >>> date_of("since_day")
    "(DATE '1970-01-01' + since_day::INTEGER)::VARCHAR"
    """
    return f"(DATE '1970-01-01' + {day}::INTEGER)::VARCHAR"


ALIVE = """
alive AS (
  SELECT p.node_key AS patient_key, p.patient_id, p.birth_year FROM Patient p
  WHERE (p.died_day IS NULL OR p.died_day > $as_of_day)
    AND p.node_key NOT IN (
      SELECT h.from_key FROM HAD_STAY h JOIN Stay s ON s.node_key = h.to_key
      WHERE s.ended_dead AND s.ended_s < $as_of_s))
"""
"""``alive``: who is, with id and year of birth."""

ABOVE = """
above AS (
  SELECT node_key AS unit_key, node_key AS above_key, kind, 0 AS depth FROM Unit
  UNION ALL
  SELECT a.unit_key, r.to_key, u.kind, a.depth + 1
  FROM above a JOIN PART_OF r ON r.from_key = a.above_key JOIN Unit u ON u.node_key = r.to_key)
"""
"""``above``: each unit with itself and every unit that it is part of; needs ``WITH RECURSIVE``."""

WINDOWS = """
acute AS (
  SELECT h.from_key AS patient_key, s.node_key, s.stay_id, s.started_s, s.started_at, s.ended_s,
         s.ended_at, s.ended_day, s.unit_ids
  FROM Stay s JOIN HAD_STAY h ON h.to_key = s.node_key
  WHERE s.started_s < $as_of_s AND s.is_acute_first),
windows AS (
  SELECT patient_key, started_s AS first_s, started_at AS window_first_at,
         count(*) OVER w AS n_stays, max(started_s) OVER w AS last_s,
         last_value(started_at) OVER w AS window_last_at
  FROM acute
  WINDOW w AS (PARTITION BY patient_key ORDER BY started_s
               RANGE BETWEEN CURRENT ROW AND $window_days * 86400::BIGINT FOLLOWING)),
fullest AS (
  SELECT * FROM windows WHERE n_stays >= $min_stays
  QUALIFY row_number() OVER (PARTITION BY patient_key ORDER BY n_stays DESC, first_s) = 1),
newest AS (
  SELECT patient_key, max(last_s) AS newest_last_s,
         arg_max(window_last_at, last_s) AS newest_window_last_at
  FROM windows WHERE n_stays >= $min_stays GROUP BY patient_key),
inside AS (
  SELECT a.*, lead(a.started_s) OVER w AS back_s, lead(a.started_at) OVER w AS returned_at
  FROM acute a JOIN fullest f
    ON f.patient_key = a.patient_key AND a.started_s BETWEEN f.first_s AND f.last_s
  WINDOW w AS (PARTITION BY a.patient_key ORDER BY a.started_s))
"""
"""The revolving door: ``fullest`` and ``newest`` window of each patient, and ``inside``, the acute
stays of the fullest. A window begins at each acute stay; the frame reaches from its start as far as
the window is long."""

PLANS = f"""
plans AS (
  SELECT h.from_key AS patient_key, n.node_key AS plan_key, n.kind,
         arg_max(t.status, t.valid_from_day) AS status
  FROM Plan n JOIN HAS_PLAN h ON h.to_key = n.node_key
  LEFT JOIN HAD_STATUS g ON g.from_key = n.node_key
  LEFT JOIN PlanStatus t ON t.node_key = g.to_key AND t.valid_from_day <= $as_of_day
  WHERE {holds("n", "$as_of_day")}
  GROUP BY ALL),
active_plans AS (SELECT * FROM plans WHERE coalesce(status = 'active', true))
"""
"""``plans`` that hold on the day, with their latest status (null without one), and the active of
them, whether the patient is alive or not."""

POSTS = """
posts AS (
  SELECT 'professional' AS holder_kind, w.from_key AS holder_key, u.node_key AS unit_key, u.level,
         greatest(w.valid_from_day, u.valid_from_day) AS valid_from_day,
         least(w.valid_to_day, u.valid_to_day) AS valid_to_day
  FROM WORKS_AT w JOIN Unit u ON u.node_key = w.to_key
  WHERE w.valid_from_day IS NULL OR w.valid_from_day <= $as_of_day
  UNION ALL
  SELECT 'unit', u.node_key, u.node_key, u.level, u.valid_from_day, u.valid_to_day FROM Unit u)
"""
"""``posts``: where holders stand, and when. After a left join, who has no employment recorded has
a post that holds always, at no known level."""

COORDINATORS = """
coordinators AS (
  SELECT to_key AS patient_key, 'professional' AS holder_kind, from_key AS holder_key,
         valid_from_day, valid_to_day
  FROM COORDINATES__Professional__Patient WHERE kind IN ('coordinator', 'plan_coordinator')
  UNION ALL
  SELECT to_key, 'unit', from_key, valid_from_day, valid_to_day
  FROM COORDINATES__Unit__Patient WHERE kind IN ('coordinator', 'plan_coordinator'))
"""
"""``coordinators``: the roles of coordinators and plan coordinators, at any time."""

ASSESSMENTS = """
ruling AS (
  SELECT h.from_key AS patient_key, n.need, arg_max(n.status, n.assessed_day) AS status,
         max(n.assessed_day) AS assessed_day
  FROM HAS_NEED h JOIN Need n ON n.node_key = h.to_key
  WHERE n.assessed_day <= $as_of_day GROUP BY ALL)
"""
"""``ruling``: the latest assessment of each need of each patient."""

_LAST_SECOND = """
CASE WHEN c.ended_s IS NOT NULL THEN c.ended_s
     WHEN c.care_level = 'overnight' OR c.level = 'municipal' THEN $as_of_s
     ELSE c.started_s END
"""

SHOULD_BE_COORDINATED = f"""
served AS (
  SELECT DISTINCT h.from_key AS patient_key,
         CASE WHEN c.level = 'municipal' THEN 'municipal' ELSE 'specialist' END AS duty_level
  FROM ruling r JOIN HAD h ON h.from_key = r.patient_key JOIN Contact c ON c.node_key = h.to_key
  WHERE r.need = 'coordinator' AND r.status = 'needs'
    AND c.level IN ('hospital', 'psychiatry', 'municipal') AND c.started_s < $as_of_s
    AND {_LAST_SECOND} >= $as_of_s - $service_days * 86400::BIGINT),
recorded AS (
  SELECT r.patient_key, coalesce(s.duty_level, 'municipal') AS duty_level,
         'recorded_need' AS basis, r.assessed_day AS since_day, []::VARCHAR[] AS clinics
  FROM ruling r LEFT JOIN served s USING (patient_key)
  WHERE r.need = 'coordinator' AND r.status = 'needs'),
clinics AS (
  SELECT unit_key, coalesce(arg_min(above_key, depth) FILTER (kind = 'clinic' AND depth <= 6),
                            unit_key) AS clinic_key
  FROM above GROUP BY unit_key),
spans AS (
  SELECT h.from_key AS patient_key, k.clinic_key AS service, min(c.started_day) AS first_day,
         max(c.started_day) AS last_day
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key JOIN "AT" a ON a.from_key = c.node_key
  JOIN clinics k ON k.unit_key = a.to_key
  WHERE c.level IN ('hospital', 'psychiatry') AND c.started_s < $as_of_s
    AND c.started_day > $as_of_day - $service_days AND NOT c.has_children
  GROUP BY ALL
  HAVING count(DISTINCT c.started_day) >= $min_dates
     AND max(c.started_day) - min(c.started_day) >= $min_span_d),
services AS (
  SELECT h.from_key AS patient_key, min(c.started_day) AS first_day,
         max(CASE WHEN c.ended_s IS NULL OR c.ended_s >= $as_of_s THEN $as_of_day
                  ELSE c.ended_day END) AS last_day
  FROM Contact c JOIN HAD h ON h.to_key = c.node_key
  WHERE c.level = 'municipal' AND list_contains($municipal_kinds, c.kind)
    AND c.started_s < $as_of_s
    AND (c.ended_s IS NULL OR c.ended_day > $as_of_day - $service_days)
  GROUP BY h.from_key, c.kind),
others AS (
  SELECT patient_key, 'specialist' AS duty_level, service, first_day, last_day FROM spans
  UNION ALL SELECT patient_key, 'municipal', NULL, first_day, last_day FROM services),
proxy AS (
  SELECT a.patient_key, b.duty_level, 'proxy' AS basis,
         min(greatest(a.first_day, b.first_day)) AS since_day,
         list_sort(list(DISTINCT u.unit_id)) AS clinics
  FROM spans a JOIN others b
    ON b.patient_key = a.patient_key AND b.service IS DISTINCT FROM a.service
   AND least(a.last_day, b.last_day) - greatest(a.first_day, b.first_day) >= $min_overlap_d
  JOIN Unit u ON u.node_key = a.service
  GROUP BY a.patient_key, b.duty_level),
coordination AS (
  SELECT alive.patient_id, n.*
  FROM (SELECT * FROM recorded
        UNION ALL
        SELECT x.* FROM proxy x LEFT JOIN ruling r
          ON r.patient_key = x.patient_key AND r.need = 'coordinator'
        WHERE coalesce(r.status, 'unknown') = 'unknown') n
  JOIN alive USING (patient_key))
"""
"""``coordination``: who should have a coordinator at which duty level; needs ``above``, ``alive``
and ``ruling``. A municipal service has no unit, so it differs from every clinic."""
