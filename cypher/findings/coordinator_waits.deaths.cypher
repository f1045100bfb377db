// why: of some deaths a stay alone tells
MATCH (n:Need)<-[:HAS_NEED]-(p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE n.need = 'coordinator' AND s.ended_dead AND s.ended_s < $as_of_s
RETURN p.patient_id AS patient_id, min(s.ended_day) AS died_day
