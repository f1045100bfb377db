// why: what is part of a stay (a visit during it) follows nobody up
MATCH (c:Contact)-[:PART_OF_STAY]->(s:Stay)
WHERE c.care_level IN ['outpatient', 'day']
RETURN c.contact_id AS contact_id
