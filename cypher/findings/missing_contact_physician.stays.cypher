// why: stays that may be due a contact physician
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:DISCHARGED_FROM]->(u:Unit)
WHERE s.started_s < $as_of_s AND s.due_day <= $as_of_day
  AND ($proxy <> 'long_stay'
       OR $as_of_s - s.started_s > $min_hours * 3600
          AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s
               OR s.ended_s - s.started_s > $min_hours * 3600))
RETURN p.patient_id AS patient_id, s.stay_id AS stay_id,
       u.unit_id AS unit_id, u.name AS unit_name,
       s.started_at AS started_at, s.started_s AS started_s, s.started_day AS started_day,
       s.due_day AS due_day, s.ended_s AS ended_s, s.ended_day AS ended_day
