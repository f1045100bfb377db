// why: the proxy asks at how many dates, and for how long, a patient came to each specialist clinic
MATCH (p:Patient)-[:HAD]->(c:Contact)-[:AT]->(u:Unit)
WHERE u.level IN ['hospital', 'psychiatry'] AND c.started_s < $as_of_s
  AND c.started_day > $as_of_day - $service_days
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (x:Contact)-[:PART_OF_CONTACT]->(c) }
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
RETURN DISTINCT p.patient_id AS patient_id, u.unit_id AS unit_id, c.started_day AS started_day
