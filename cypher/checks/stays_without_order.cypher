// title.en: Patients whose stays are not one chain
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WITH p, count(s) AS n_stays
OPTIONAL MATCH (p)-[:HAD_STAY]->(a:Stay)-[:NEXT_STAY]->(b:Stay)
WITH p, n_stays, count(b) AS n_links
WHERE n_links <> n_stays - 1
RETURN p.patient_id AS patient_id
