// why: no contact is no contact only where contacts would have been seen
MATCH (c:Coverage)
RETURN c.level AS level, c.municipality_code AS municipality_code,
       c.covered_from_day AS covered_from_day, c.covered_to_day AS covered_to_day
