// why: planned outpatient contacts of patients whose stay goes on; some of these stays had ended on the day
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay), (p)-[:HAD]->(c:Contact)-[:AT]->(v:Unit)
WHERE s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
  AND c.care_level = 'outpatient' AND NOT c.is_acute
  AND c.started_s >= s.started_s AND c.started_s < $as_of_s
RETURN s.stay_id AS stay_id, v.unit_id AS unit_id, c.contact_id AS contact_id, c.started_s AS started_s
