// why: names of units
MATCH (u:Unit)
RETURN u.unit_id AS unit_id, u.name AS name
