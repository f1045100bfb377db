// why: planned outpatient contacts after stays that had ended, by unit
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay), (p)-[:HAD]->(c:Contact)-[:AT]->(v:Unit)
WHERE s.ended_s < $as_of_s AND s.due_day <= $as_of_day
  AND c.care_level = 'outpatient' AND NOT c.is_acute AND c.started_s < $as_of_s
  AND c.started_s >= s.ended_s AND c.started_s <= s.ended_s + $follow_up_days * 86400
RETURN s.stay_id AS stay_id, v.unit_id AS unit_id, count(c) AS n_visits
