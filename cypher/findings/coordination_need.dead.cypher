// why: patients of whose death a stay tells; asked for of everybody's contacts it would take seconds
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.ended_dead AND s.ended_s < $as_of_s
RETURN DISTINCT p.patient_id AS patient_id
