// why: who was assessed as not needing a coordinator, or declined, is without one for a reason
MATCH (p:Patient)-[:HAS_NEED]->(n:Need)
WHERE n.need = 'coordinator' AND n.assessed_day <= $as_of_day
RETURN p.patient_id AS patient_id, n.status AS status, n.assessed_day AS assessed_day
