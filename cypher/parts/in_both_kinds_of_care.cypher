// why: who is in both kinds of care; the rows and their denominator rest on one pass over the contacts
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level IN ['hospital', 'psychiatry'] AND c.started_s < $as_of_s
  AND c.started_day > $as_of_day - $within_days
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT c.has_children
// Both levels in one pass: going back to the patients' contacts would go through all contacts twice.
WITH p, count(CASE WHEN c.level = 'hospital' THEN 1 END) AS n_somatic,
     count(CASE WHEN c.level = 'psychiatry' THEN 1 END) AS n_psychiatric,
     max(CASE WHEN c.level = 'hospital' THEN c.started_day END) AS last_somatic_day,
     max(CASE WHEN c.level = 'psychiatry' THEN c.started_day END) AS last_psychiatric_day
WHERE n_somatic > 0 AND n_psychiatric > 0
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(d:Stay) WHERE d.ended_dead AND d.ended_s < $as_of_s }
RETURN p.patient_id AS patient_id, n_somatic AS n_somatic, n_psychiatric AS n_psychiatric,
       last_somatic_day AS last_somatic_day, last_psychiatric_day AS last_psychiatric_day
