// why: contacts are counted where they are, between an acute stay and the next one
MATCH (p:Patient)-[:HAD_STAY]->(a:Stay)
WHERE a.started_s < $as_of_s
  AND ($acute = 'first' AND a.is_acute_first OR $acute = 'any' AND a.first_acute_s < $as_of_s)
WITH p, count(a) AS n_acute, max(a.started_s) AS newest_s
WHERE n_acute >= $min_stays AND newest_s >= $as_of_s - $window_days * 86400
MATCH (p)-[:HAD_STAY]->(s:Stay)
WHERE s.ended_s < $as_of_s
  AND ($acute = 'first' AND s.is_acute_first OR $acute = 'any' AND s.first_acute_s < $as_of_s)
WITH p, s.stay_id AS left_id, s.started_s AS begun_s, s.ended_s AS left_s
MATCH (p)-[:HAD_STAY]->(b:Stay)
WHERE b.started_s > begun_s AND b.started_s < $as_of_s
  AND ($acute = 'first' AND b.is_acute_first OR $acute = 'any' AND b.first_acute_s < $as_of_s)
WITH p, left_id, left_s, min(b.started_s) AS back_s
MATCH (p)-[:HAD]->(c:Contact)
WHERE c.started_s >= left_s AND c.started_s < back_s
  // What is part of a stay (the emergency room of the return, a planned stay) is no follow-up.
  AND (NOT c.level IN ['hospital', 'psychiatry'] OR c.care_level IN ['outpatient', 'day']
       AND NOT EXISTS { MATCH (c)-[:PART_OF_STAY]->(t:Stay) })
RETURN left_id AS stay_id, c.level AS level, count(c) AS n
