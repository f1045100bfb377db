// why: what the sources cover of the levels that follow up
MATCH (c:Coverage)
WHERE c.level IN ['gp', 'municipal']
RETURN c.level AS level, c.municipality_code AS municipality_code,
       c.covered_from_day AS covered_from_day, c.covered_to_day AS covered_to_day
