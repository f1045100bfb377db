// title.en: Patients with a stay that began in the period
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s AND s.started_day > $as_of_day - $period_days
RETURN count(DISTINCT p.patient_id) AS n
