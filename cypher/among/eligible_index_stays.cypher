// title.en: Stays that ended alive and may be index stays
// returns n: count: stays
// needs: contacts
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.ended_s < $as_of_s AND NOT s.ended_dead
  AND (NOT $exclude_rehabilitation OR coalesce(s.service, '') <> 'rehabilitation')
  AND (NOT $require_diagnosis_group OR s.diagnosis_group IS NOT NULL)
WITH s, coalesce(p.birth_year, 9999) + $min_age - 1 AS y
WHERE $min_age = 0 OR s.started_day >= 365 * y + y / 4 - y / 100 + y / 400 - 719162
WITH count(s) AS n_ended
// A stay that goes on after the day had ended on it when all of its contacts begun by then had.
OPTIONAL MATCH (q:Patient)-[:HAD_STAY]->(t:Stay)
WHERE t.started_s < $as_of_s AND (t.ended_s IS NULL OR t.ended_s >= $as_of_s)
  AND (NOT $exclude_rehabilitation OR coalesce(t.service, '') <> 'rehabilitation')
  AND (NOT $require_diagnosis_group OR t.diagnosis_group IS NOT NULL)
  AND NOT EXISTS {
        MATCH (c:Contact)-[:PART_OF_STAY]->(t)
        WHERE c.started_s < $as_of_s AND c.care_level = 'overnight'
          AND (c.ended_s IS NULL OR c.ended_s >= $as_of_s OR c.ended_dead)
          AND NOT EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(a:Contact) } }
WITH n_ended, t, coalesce(q.birth_year, 9999) + $min_age - 1 AS y
WITH n_ended, count(CASE WHEN $min_age = 0 OR t.started_day >=
       365 * y + y / 4 - y / 100 + y / 400 - 719162 THEN t.stay_id END) AS n_paused
RETURN n_ended + n_paused AS n
