// why: who came to which unit; the ties and their denominator rest on one pass over the contacts
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children
RETURN DISTINCT p.patient_id AS patient_id, c.unit_id AS unit_id
