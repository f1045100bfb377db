// why: which municipalities are in the catchment of a hospital
MATCH (u:Unit)-[:SERVES]->(m:Municipality)
WHERE u.kind IN ['trust', 'hospital']
RETURN DISTINCT m.municipality_code AS municipality_code
