// why: contacts are counted where they are, between an acute stay and the next one
MATCH (p:Patient)-[:HAD]->(c:Contact)
// Counted inside the one pattern: going on from WITH p, LadybugDB reads the contacts of everybody.
WHERE COUNT { MATCH (p)-[:HAD_STAY]->(a:Stay)
              WHERE a.started_s < $as_of_s
                AND ($acute = 'first' AND a.is_acute_first
                     OR $acute = 'any' AND a.first_acute_s < $as_of_s) } >= $min_stays
  AND c.started_s < $as_of_s
  AND (NOT c.level IN ['hospital', 'psychiatry'] OR c.care_level IN ['outpatient', 'day'])
// The fold knows between which stays they lie, and leaves out what is part of a stay.
RETURN p.patient_id AS patient_id, c.contact_id AS contact_id, c.level AS level,
       c.started_s AS started_s
