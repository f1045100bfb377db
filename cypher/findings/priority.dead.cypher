// why: nobody is to act for who has died, and some work lists are about stays, not about the living
MATCH (p:Patient)
WHERE p.died_day <= $as_of_day
RETURN p.patient_id AS patient_id
UNION ALL
MATCH (q:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.ended_dead AND s.ended_s < $as_of_s
RETURN q.patient_id AS patient_id
