// title.en: Living patients who have or had a coordinator
// returns n: persons: patients
// needs: roles
// version: 1
MATCH (h)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
  AND (r.valid_from_day IS NULL OR r.valid_from_day <= $as_of_day)
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
RETURN count(DISTINCT p.patient_id) AS n
