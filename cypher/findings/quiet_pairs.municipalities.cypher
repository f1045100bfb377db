// why: municipalities and the areas that they belong to
MATCH (m:Municipality)
RETURN m.municipality_code AS municipality_code, m.name AS name, m.hospital_area AS hospital_area
