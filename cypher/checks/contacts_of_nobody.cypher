// title.en: Contacts without one patient and one unit
// version: 1
MATCH (c:Contact)
WHERE COUNT { MATCH (p:Patient)-[:HAD]->(c) } <> 1
   OR COUNT { MATCH (c)-[:AT]->(u:Unit) } <> 1
RETURN c.contact_id AS contact_id
