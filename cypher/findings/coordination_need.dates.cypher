// why: the proxy asks at how many dates, and for how long, a patient came to each specialist clinic
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level IN ['hospital', 'psychiatry'] AND c.started_s < $as_of_s
  AND c.started_day > $as_of_day - $service_days
WITH p, count(DISTINCT c.started_day) AS n_dates, max(c.started_day) - min(c.started_day) AS span_d
// Who does not come often enough at all does not do so at one clinic.
WHERE n_dates >= $min_dates AND span_d >= $min_span_d
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
OPTIONAL MATCH (p)-[l:LIVES_IN]->(m:Municipality)
WHERE (l.valid_from_day IS NULL OR l.valid_from_day <= $as_of_day)
  AND (l.valid_to_day IS NULL OR l.valid_to_day > $as_of_day)
WITH p, m.municipality_code AS code, l.valid_from_day AS moved_day
MATCH (p)-[:HAD]->(d:Contact)-[:AT]->(u:Unit)
WHERE d.level IN ['hospital', 'psychiatry'] AND d.started_s < $as_of_s
  AND d.started_day > $as_of_day - $service_days
  AND NOT EXISTS { MATCH (x:Contact)-[:PART_OF_CONTACT]->(d) }
RETURN DISTINCT p.patient_id AS patient_id, u.unit_id AS unit_id, d.started_day AS started_day,
       code AS municipality_code, moved_day AS resident_from_day
