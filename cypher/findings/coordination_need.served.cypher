// why: a recorded need is a duty of the levels of care that see the patient
MATCH (n:Need)<-[:HAS_NEED]-(p:Patient)-[:HAD]->(c:Contact)
// One pattern, the needs filtered: else LadybugDB goes through the contacts of all patients.
WHERE n.need = 'coordinator' AND n.status = 'needs' AND n.assessed_day <= $as_of_day
  AND c.started_s < $as_of_s
  // Without an end a contact goes on if it is overnight or municipal, and otherwise lasted no time.
  AND (c.ended_s >= $as_of_s - $service_days * 86400
       OR c.started_s >= $as_of_s - $service_days * 86400
       OR c.ended_s IS NULL AND (c.care_level = 'overnight' OR c.level = 'municipal'))
RETURN DISTINCT p.patient_id AS patient_id, c.level AS level
