// why: who has declined a role lacks nobody
MATCH (p:Patient)-[:HAS_NEED]->(n:Need)
WHERE p.patient_id = $patient AND n.assessed_day <= $as_of_day
RETURN n.need AS need, n.status AS status, n.assessed_day AS assessed_day, n.assessed_on AS assessed_on
