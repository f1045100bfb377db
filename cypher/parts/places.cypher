// why: whether a holder is there on a day, and at which level, depends on employments and units
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
OPTIONAL MATCH (h:Professional)-[w:WORKS_AT]->(u)
RETURN u.unit_id AS unit_id, u.name AS unit_name, u.level AS level,
       u.valid_from_day AS unit_from_day, u.valid_to_day AS unit_to_day, a.unit_id AS parent_id,
       h.professional_id AS professional_id, w.valid_from_day AS employed_from_day,
       w.valid_to_day AS employed_to_day
