// why: whose people a unit is there for
MATCH (u:Unit)-[:SERVES]->(m:Municipality)
RETURN u.unit_id AS unit_id, m.municipality_code AS municipality_code
