// why: what the ends of a network's ties are called, what they are part of, and which unit took over
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
RETURN u.unit_id AS unit_id, u.name AS name, u.kind AS kind, u.level AS level,
       u.municipality_code AS municipality_code, a.unit_id AS parent_id,
       CASE WHEN u.valid_to_day <= $as_of_day THEN u.replaced_by END AS successor_id
