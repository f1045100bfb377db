// why: a stay that goes on after the day consists, on that day, of the contacts begun by then
MATCH (u:Unit)<-[:AT]-(c:Contact)-[m:PART_OF_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
WITH s, c, u, m.sequence AS place, m.unit_id AS place_id, m.started_s AS begun_s
WHERE begun_s < $as_of_s
  // A contact may begin before the admission that it is part of; it is part of the stay since then.
  AND NOT EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(b:Contact) WHERE b.started_s >= $as_of_s }
RETURN s.stay_id AS stay_id, c.contact_id AS contact_id, place AS sequence,
       place_id AS unit_id, u.name AS unit_name, begun_s AS started_s,
       c.ended_s AS ended_s, c.ended_at AS ended_at, c.ended_day AS ended_day, c.ended_dead AS ended_dead,
       c.discharged_to AS ended_to,
       EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(a:Contact) } AS has_parent
