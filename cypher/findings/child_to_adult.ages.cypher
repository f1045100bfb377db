// why: how many of each unit's contacts concern children
MATCH (c:Contact)
WHERE c.level IN ['hospital', 'psychiatry'] AND NOT c.has_children
  AND c.started_s < $as_of_s AND c.age IS NOT NULL
RETURN c.unit_id AS unit_id, count(c.age) AS n_contacts,
       count(CASE WHEN c.age <= $child_age THEN 1 END) AS n_young
