// title.en: Contacts whose next one began before them
// version: 1
MATCH (a:Contact)-[:NEXT_CONTACT]->(b:Contact)
WHERE b.started_s < a.started_s
RETURN a.contact_id AS contact_id, b.contact_id AS next_contact_id
