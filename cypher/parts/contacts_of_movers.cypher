// why: of a residence that began or ended in the period, the contacts that began while it held
MATCH (m:Municipality)<-[l:LIVES_IN]-(p:Patient)
WHERE l.valid_from_day > $as_of_day - $period_days + 1 OR l.valid_to_day <= $as_of_day
WITH p, m.municipality_code AS code, l.valid_from_day AS from_day, l.valid_to_day AS to_day
MATCH (p)-[:HAD]->(c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children
  AND (from_day IS NULL OR from_day <= c.started_day)
  AND (to_day IS NULL OR to_day > c.started_day)
RETURN code AS from_id, p.patient_id AS patient_id, c.unit_id AS to_id, count(c.started_day) AS n
