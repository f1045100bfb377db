// why: a stay that goes on after the day consists, on that day, of the contacts begun by then
MATCH (u:Unit)<-[:AT]-(c:Contact)-[m:PART_OF_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
  AND m.started_s < $as_of_s
RETURN s.stay_id AS stay_id, c.contact_id AS contact_id, m.sequence AS sequence,
       u.unit_id AS unit_id, u.name AS unit_name, m.started_s AS started_s,
       c.ended_s AS ended_s, c.ended_at AS ended_at, c.ended_day AS ended_day,
       c.ended_dead AS ended_dead,
       EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(a:Contact) } AS has_parent
