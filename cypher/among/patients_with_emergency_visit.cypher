// title.en: Patients with an emergency visit in the time that a window may lie in
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level = 'emergency' AND c.started_s < $as_of_s
  AND c.started_s >= $as_of_s - ($within_days + $window_days) * 86400
RETURN count(DISTINCT p.patient_id) AS n
