// title.en: Contacts that name another patient or another contact before them than their relationships
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE p.patient_id <> c.patient_id
RETURN c.contact_id AS contact_id
UNION ALL
MATCH (a:Contact)-[x:NEXT_CONTACT]->(c:Contact)
WHERE c.previous_unit_id IS NULL OR c.previous_unit_id <> x.from_unit_id
   OR c.previous_gap_s IS NULL OR c.previous_gap_s <> x.gap_s
RETURN c.contact_id AS contact_id
UNION ALL
MATCH (c:Contact)
WHERE c.previous_unit_id IS NOT NULL AND NOT EXISTS { MATCH (a:Contact)-[:NEXT_CONTACT]->(c) }
RETURN c.contact_id AS contact_id
