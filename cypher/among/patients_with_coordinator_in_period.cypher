// title.en: Patients with a coordinator in the period
// returns n: persons: patients
// needs: roles
// version: 1
MATCH (h)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN $roles
  AND (r.valid_from_day IS NULL OR r.valid_from_day <= $as_of_day)
  AND (r.valid_to_day IS NULL OR r.valid_to_day > $as_of_day - $period_days + 1)
RETURN count(DISTINCT p.patient_id) AS n
