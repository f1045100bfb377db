// why: who came to which unit in the period, how often, by where the patient lived on the day
MATCH (c:Contact)
// By what the contact itself says: going by way of the patient and LIVES_IN takes twice as long.
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.municipality_codes IS NOT NULL
RETURN c.patient_id AS patient_id, c.unit_id AS unit_id, c.municipality_codes AS municipality_codes,
       count(c.started_day) AS n
