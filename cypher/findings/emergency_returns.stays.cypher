// why: a visit may have led to an acute stay, and a patient may have died in one
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s AND (s.is_acute_first OR s.ended_dead)
RETURN p.patient_id AS patient_id, s.started_s AS started_s, s.is_acute_first AS is_acute,
       s.ended_dead AND s.ended_s < $as_of_s AS is_death
