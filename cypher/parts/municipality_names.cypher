// why: names of municipalities
MATCH (m:Municipality)
RETURN m.municipality_code AS municipality_code, m.name AS name
