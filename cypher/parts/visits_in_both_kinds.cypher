// why: when those who were in both somatic and psychiatric or substance treatment had contacts
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level IN ['hospital', 'psychiatry'] AND NOT c.has_children
  AND c.started_s < $as_of_s AND c.started_day > $as_of_day - $period_days - $within_days - 1
WITH p, collect(CASE WHEN c.level = 'hospital' THEN c.started_s END) AS somatic_s,
     collect(CASE WHEN c.level = 'psychiatry' THEN c.started_s END) AS psychiatric_s
// Lists, since going back to these patients' contacts would go through all contacts twice.
WHERE size(somatic_s) > 0 AND size(psychiatric_s) > 0
RETURN p.patient_id AS patient_id, p.birth_year AS birth_year, p.sex AS sex, p.died_day AS died_day,
       somatic_s AS somatic_s, psychiatric_s AS psychiatric_s
