// why: an id that is not there is a mistake, and nobody is missing for who has died
MATCH (p:Patient)
WHERE p.patient_id = $patient
OPTIONAL MATCH (p)-[:HAD_STAY]->(s:Stay)
WHERE s.ended_dead AND s.ended_s < $as_of_s
RETURN p.patient_id AS patient_id, p.died_day AS died_day, count(s) AS n_died_in
