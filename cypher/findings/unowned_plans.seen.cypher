// why: an owner whose level of care no longer sees the patient has left the plan
MATCH (n:Plan)<-[:HAS_PLAN]-(p:Patient)-[:HAD]->(c:Contact)
// One pattern, the plans filtered: else LadybugDB goes through the contacts of all patients.
WHERE (n.valid_from_day IS NULL OR n.valid_from_day <= $as_of_day)
  AND (n.valid_to_day IS NULL OR n.valid_to_day > $as_of_day)
  AND c.started_s < $as_of_s
  // Without an end a contact goes on if it is overnight or municipal, and otherwise lasted no time.
  AND (c.ended_s >= $as_of_s - $level_days * 86400
       OR c.started_s >= $as_of_s - $level_days * 86400
       OR c.ended_s IS NULL AND (c.care_level = 'overnight' OR c.level = 'municipal'))
RETURN DISTINCT p.patient_id AS patient_id, c.level AS level
