// why: contacts at all units of a clinic are contacts at the clinic
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
RETURN u.unit_id AS unit_id, u.kind AS kind, a.unit_id AS parent_id
