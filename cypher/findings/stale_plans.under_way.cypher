// why: a stay that goes on after the day may have ended on it by the contacts begun by then
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)<-[m:PART_OF_STAY]-(c:Contact)
WHERE s.is_acute_first AND s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
WITH p.patient_id AS person, s, c, m.sequence AS place, m.unit_id AS place_id, m.started_s AS begun_s
WHERE begun_s < $as_of_s
  // A contact may begin before the admission that it is part of; it is part of the stay since then.
  AND NOT EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(b:Contact) WHERE b.started_s >= $as_of_s }
RETURN person AS patient_id, s.stay_id AS stay_id, c.contact_id AS contact_id, place AS sequence,
       place_id AS unit_id, begun_s AS started_s,
       c.ended_s AS ended_s, c.ended_day AS ended_day, c.ended_dead AS ended_dead,
       EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(a:Contact) } AS has_parent
