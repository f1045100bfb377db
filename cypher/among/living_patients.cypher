// title.en: Living patients
// returns n: persons: patients
// needs: patients
// version: 1
MATCH (p:Patient)
WHERE p.died_day IS NULL OR p.died_day > $as_of_day
WITH count(p) AS n_not_dead
// Those of whose death a stay alone tells.
OPTIONAL MATCH (q:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.ended_dead AND s.ended_s < $as_of_s AND (q.died_day IS NULL OR q.died_day > $as_of_day)
WITH n_not_dead, count(DISTINCT q.patient_id) AS n_died_in_stay
RETURN n_not_dead - n_died_in_stay AS n
