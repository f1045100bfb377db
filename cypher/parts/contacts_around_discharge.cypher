// why: what followed stays that had ended on the day and were prolonged since is not kept on the stay
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay), (p)-[:HAD]->(c:Contact)
WHERE s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
  AND c.started_s < $as_of_s
  AND (c.level = 'municipal'
       OR c.level = 'gp'
          AND NOT coalesce(c.kind, '') IN ['administrative', 'simple_contact', 'collaboration'])
RETURN s.stay_id AS stay_id, c.level AS level, c.started_s AS started_s, c.ended_s AS ended_s
