// why: a move to another municipality ends the wait there
MATCH (n:Need)<-[:HAS_NEED]-(p:Patient)
WHERE n.need = 'coordinator'
WITH DISTINCT p
MATCH (p)-[l:LIVES_IN]->(m:Municipality)
WHERE l.valid_from_day IS NULL OR l.valid_from_day <= $as_of_day
RETURN p.patient_id AS patient_id, m.municipality_code AS municipality_code,
       l.valid_from_day AS valid_from_day, l.valid_to_day AS valid_to_day
