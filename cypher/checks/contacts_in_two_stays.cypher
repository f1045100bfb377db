// title.en: Contacts that are part of several stays
// version: 1
MATCH (c:Contact)-[:PART_OF_STAY]->(s:Stay)
WITH c, count(s) AS n_stays
WHERE n_stays > 1
RETURN c.contact_id AS contact_id
