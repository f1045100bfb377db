// why: which unit is part of which, for the denominator
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(v:Unit)
RETURN u.unit_id AS unit_id, u.kind AS kind, v.unit_id AS parent_id
