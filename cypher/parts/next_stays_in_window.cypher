// why: stays with the next one, where that began inside the window
MATCH (s:Stay)-[:NEXT_STAY]->(n:Stay)
WHERE s.ended_s < $as_of_s AND n.started_s < $as_of_s
  AND n.started_s <= s.ended_s + $within_days * 86400
RETURN s.stay_id AS stay_id, n.stay_id AS next_stay_id, n.is_acute_first AS is_acute,
       n.started_s AS started_s
