// title.en: Stays that ended alive and may be index stays
// returns n: count: stays
// needs: contacts
// version: 1
MATCH (s:Stay)
WHERE s.ended_s < $as_of_s AND NOT s.ended_dead
  AND (NOT $exclude_rehabilitation OR coalesce(s.service, '') <> 'rehabilitation')
  AND (NOT $require_diagnosis_group OR s.diagnosis_group IS NOT NULL)
  AND ($min_age = 0 OR coalesce(s.age, -1) >= $min_age)
WITH count(s) AS n_ended
// A stay that goes on after the day had ended on it when all of its contacts begun by then had.
OPTIONAL MATCH (t:Stay)
WHERE t.started_s < $as_of_s AND (t.ended_s IS NULL OR t.ended_s >= $as_of_s)
  AND (NOT $exclude_rehabilitation OR coalesce(t.service, '') <> 'rehabilitation')
  AND (NOT $require_diagnosis_group OR t.diagnosis_group IS NOT NULL)
  AND ($min_age = 0 OR coalesce(t.age, -1) >= $min_age)
  AND NOT EXISTS {
        MATCH (c:Contact)-[:PART_OF_STAY]->(t)
        WHERE c.started_s < $as_of_s AND c.care_level = 'overnight'
          AND (c.ended_s IS NULL OR c.ended_s >= $as_of_s OR c.ended_dead)
          AND NOT EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(a:Contact) } }
WITH n_ended, count(t) AS n_paused
RETURN n_ended + n_paused AS n
