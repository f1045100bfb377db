// why: which unit is part of which
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
RETURN u.unit_id AS unit_id, u.kind AS kind, a.unit_id AS parent_id
