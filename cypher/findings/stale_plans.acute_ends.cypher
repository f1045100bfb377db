// why: an acute stay is an occasion to revise the plan
MATCH (n:Plan)<-[:HAS_PLAN]-(p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.is_acute_first AND s.ended_s < $as_of_s
RETURN p.patient_id AS patient_id, max(s.ended_day) AS ended_day
