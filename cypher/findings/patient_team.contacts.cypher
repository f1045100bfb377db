// why: the ward of a stay and the municipal services that go on are part of the team
MATCH (p:Patient)-[:HAD]->(c:Contact)-[m:AT|PART_OF_CONTACT|PART_OF_STAY]->(x)
WHERE p.patient_id = $patient AND c.started_s < $as_of_s
  AND (c.ended_s IS NULL OR c.ended_s >= $as_of_s)
  AND c.level IN ['hospital', 'psychiatry', 'municipal']
// One row a contact and what it leads to: OPTIONAL MATCH would read everybody's contacts.
RETURN c.contact_id AS contact_id, c.level AS level, c.care_level AS care_level,
       c.ended_s AS ended_s, c.started_at AS started_at, c.unit_id AS unit_id,
       x.contact_id AS parent_id, x.stay_id AS stay_id, x.name AS unit_name,
       x.due_day AS due_day, m.sequence AS sequence, m.started_s AS part_from_s
