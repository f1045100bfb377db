// why: the ward of a stay and the municipal services that go on are part of the team
MATCH (p:Patient)-[:HAD]->(c:Contact)-[:AT]->(u:Unit)
WHERE p.patient_id = $patient AND c.started_s < $as_of_s
  AND (c.ended_s IS NULL OR c.ended_s >= $as_of_s)
  AND c.level IN ['hospital', 'psychiatry', 'municipal']
OPTIONAL MATCH (c)-[:PART_OF_CONTACT]->(a:Contact)
OPTIONAL MATCH (c)-[m:PART_OF_STAY]->(s:Stay)
RETURN c.contact_id AS contact_id, a.contact_id AS parent_id, c.level AS level,
       c.care_level AS care_level, c.ended_s AS ended_s, c.started_at AS started_at,
       s.due_day AS due_day, m.sequence AS sequence, m.started_s AS part_from_s, u.unit_id AS unit_id, u.name AS unit_name
