// why: what the ends of a network's ties are called, and what they are part of
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
RETURN u.unit_id AS unit_id, u.name AS name, u.kind AS kind, u.level AS level,
       u.municipality_code AS municipality_code, a.unit_id AS parent_id
