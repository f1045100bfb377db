// title.en: Patients alive in both somatic and psychiatric or substance treatment
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (p:Patient)-[:HAD]->(y:Contact)
WHERE y.level = 'psychiatry' AND y.started_s < $as_of_s AND y.started_day > $as_of_day - $within_days
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (x:Contact)-[:PART_OF_CONTACT]->(y) }
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(d:Stay) WHERE d.ended_dead AND d.ended_s < $as_of_s }
WITH DISTINCT p
MATCH (p)-[:HAD]->(h:Contact)
WHERE h.level = 'hospital' AND h.started_s < $as_of_s AND h.started_day > $as_of_day - $within_days
  AND NOT EXISTS { MATCH (z:Contact)-[:PART_OF_CONTACT]->(h) }
RETURN count(DISTINCT p.patient_id) AS n
