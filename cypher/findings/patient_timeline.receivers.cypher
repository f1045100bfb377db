// why: to which municipality a notice went
MATCH (p:Patient)-[:HAD]->(c:Contact)-[:HAD_NOTICE]->(n:Notice)-[:TO_MUNICIPALITY]->(m:Municipality)
WHERE p.patient_id = $patient AND n.sent_s < $as_of_s
RETURN n.notice_id AS notice_id, m.municipality_code AS municipality_code
