// why: the proxy asks at how many dates, and for how long, a patient came to each specialist clinic
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level IN ['hospital', 'psychiatry'] AND NOT c.has_children AND c.started_s < $as_of_s
  AND c.started_day > $as_of_day - $service_days
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
// Days come more than once: the fold counts each once, quicker than the engines do.
RETURN p.patient_id AS patient_id, c.unit_id AS unit_id, c.started_day AS started_day
