// why: who came to which unit in the period, how often; several networks and a denominator rest on it
MATCH (c:Contact)
// By what the contact itself says: going by way of the patient takes twice as long.
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children
RETURN c.patient_id AS patient_id, c.unit_id AS unit_id, count(c.started_day) AS n
