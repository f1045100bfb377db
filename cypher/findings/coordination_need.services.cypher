// why: the proxy asks from when to when a patient had each municipal service
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level = 'municipal' AND c.kind IN $municipal_kinds AND c.started_s < $as_of_s
  AND (c.ended_s IS NULL OR c.ended_day > $as_of_day - $service_days)
RETURN p.patient_id AS patient_id, c.kind AS kind, min(c.started_day) AS first_day,
       max(CASE WHEN c.ended_s < $as_of_s THEN c.ended_day ELSE $as_of_day END) AS last_day
