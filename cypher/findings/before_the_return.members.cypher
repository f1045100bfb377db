// why: what is part of a stay (a visit during it) follows nobody up
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)<-[:PART_OF_STAY]-(c:Contact)
WHERE c.care_level IN ['outpatient', 'day'] AND c.level IN ['hospital', 'psychiatry']
  AND c.started_s < $as_of_s
RETURN p.patient_id AS patient_id, c.started_s AS started_s, c.level AS level
