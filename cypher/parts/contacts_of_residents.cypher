// why: where the patient lived when each contact began, for every network that starts from municipalities
MATCH (m:Municipality)<-[l:LIVES_IN]-(p:Patient)-[:HAD]->(c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children
  AND (l.valid_from_day IS NULL OR l.valid_from_day <= c.started_day)
  AND (l.valid_to_day IS NULL OR l.valid_to_day > c.started_day)
RETURN m.municipality_code AS from_id, p.patient_id AS patient_id, c.unit_id AS to_id,
       count(c.started_day) AS n
