// title.en: Patients with an acute stay
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s
  AND ($acute = 'first' AND s.is_acute_first OR $acute = 'any' AND s.first_acute_s < $as_of_s)
RETURN count(DISTINCT p.patient_id) AS n
