// why: where the patient lives; of several residences the latest begun counts
MATCH (p:Patient)-[l:LIVES_IN]->(m:Municipality)
WHERE (l.valid_from_day IS NULL OR l.valid_from_day <= $as_of_day)
  AND (l.valid_to_day IS NULL OR l.valid_to_day > $as_of_day)
RETURN p.patient_id AS patient_id, m.municipality_code AS municipality_code,
       l.valid_from_day AS valid_from_day
