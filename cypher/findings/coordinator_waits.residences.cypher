// why: a move to another municipality ends the wait there
MATCH (n:Need)<-[:HAS_NEED]-(p:Patient)-[l:LIVES_IN]->(m:Municipality)
WHERE n.need = 'coordinator'
WITH DISTINCT p.patient_id AS person, m.municipality_code AS code, l.valid_from_day AS first_day,
     l.valid_to_day AS end_day
WHERE first_day IS NULL OR first_day <= $as_of_day
RETURN person AS patient_id, code AS municipality_code, first_day AS valid_from_day,
       end_day AS valid_to_day
