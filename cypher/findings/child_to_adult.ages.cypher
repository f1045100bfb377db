// why: how many of each unit's contacts concern children
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level IN ['hospital', 'psychiatry'] AND NOT c.has_children
  AND c.started_s < $as_of_s AND p.birth_year IS NOT NULL
WITH c.unit_id AS place_id, c.started_day AS started_day, p.birth_year + $child_age + 1 AS too_old_in
// The day number of 1 January of that year.
WITH place_id, started_day, 365 * (too_old_in - 1970) + floor((too_old_in - 1969) / 4.0)
     - floor((too_old_in - 1901) / 100.0) + floor((too_old_in - 1601) / 400.0) AS too_old_from
RETURN place_id AS unit_id, count(started_day) AS n_contacts,
       count(CASE WHEN started_day < too_old_from THEN 1 END) AS n_young
