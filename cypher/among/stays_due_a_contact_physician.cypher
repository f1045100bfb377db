// title.en: Stays that should have had a contact physician by the day
// returns n: count: stays
// needs: contacts
// version: 1
MATCH (s:Stay)
WHERE $as_of_s - s.started_s > $min_hours * 3600 AND s.due_day <= $as_of_day
  AND s.started_day > $as_of_day - $within_days
  AND (s.ended_s < $as_of_s AND s.ended_s - s.started_s > $min_hours * 3600
       // Of a stay that goes on after the day, what was known of its contacts on it.
       OR (s.ended_s IS NULL OR s.ended_s >= $as_of_s) AND EXISTS {
            MATCH (c:Contact)-[:PART_OF_STAY]->(s)
            WHERE c.started_s < $as_of_s AND c.care_level = 'overnight'
              AND (c.ended_s IS NULL OR c.ended_s >= $as_of_s
                   OR c.ended_s - s.started_s > $min_hours * 3600)
              AND NOT EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(a:Contact) } })
RETURN count(s) AS n
