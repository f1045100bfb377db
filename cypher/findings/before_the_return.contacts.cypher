// why: contacts are counted where they are: after a stay, up to the next one
MATCH (next:Stay)<-[:NEXT_STAY]-(s:Stay)<-[:HAD_STAY]-(p:Patient)-[:HAD]->(c:Contact)
// No gap within a window is longer than the window.
WHERE next.started_s < $as_of_s AND next.started_s <= s.started_s + $window_days * 86400
  AND c.started_s < next.started_s
  // After an acute stay from its end; a planned one in between is passed over, with what began in it.
  AND c.started_s >= CASE WHEN $acute = 'first' AND s.is_acute_first
                            OR $acute = 'any' AND s.first_acute_s < $as_of_s
                          THEN s.ended_s ELSE s.started_s END
  AND (NOT c.level IN ['hospital', 'psychiatry'] OR c.care_level IN ['outpatient', 'day'])
  // Counted inside the one pattern: going on from WITH p, LadybugDB reads the contacts of everybody.
  AND COUNT { MATCH (p)-[:HAD_STAY]->(a:Stay)
              WHERE a.started_s < $as_of_s
                AND ($acute = 'first' AND a.is_acute_first
                     OR $acute = 'any' AND a.first_acute_s < $as_of_s) } >= $min_stays
// The fold sums up between the acute stays of a window, and takes off what is part of a stay.
RETURN p.patient_id AS patient_id, s.started_s AS started_s, c.level AS level, count(c) AS n
