// title.en: Patients in hospital or a psychiatric ward on the day
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
// The fold leaves out stays of which all contacts begun by then had ended.
RETURN p.patient_id AS patient_id, s.stay_id AS stay_id, s.ended_s AS ended_s, s.ended_dead AS ended_dead
