// why: where patients lived, and when; open where no day is recorded
MATCH (p:Patient)-[l:LIVES_IN]->(m:Municipality)
RETURN p.patient_id AS patient_id, m.municipality_code AS municipality_code,
       l.valid_from_day AS valid_from_day, l.valid_to_day AS valid_to_day
