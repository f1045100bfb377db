// why: acute stays and deaths in stays of patients who may have enough visits
MATCH (p:Patient)-[:HAD]->(r:Contact)
WHERE r.level = 'emergency' AND r.started_s < $as_of_s
  AND r.started_s >= $as_of_s - ($within_days + $window_days) * 86400
WITH p, count(r) AS n_recent
WHERE n_recent >= $min_visits AND (p.died_day IS NULL OR p.died_day > $as_of_day)
MATCH (p)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s
RETURN p.patient_id AS patient_id, s.started_s AS started_s, s.is_acute_first AS is_acute,
       s.ended_dead AND s.ended_s < $as_of_s AS is_death
