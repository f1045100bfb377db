// title.en: Contacts that name another patient, residence or contact before them than their relationships
// version: 2
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
UNION ALL
MATCH (m:Municipality)<-[l:LIVES_IN]-(p:Patient)
WITH p, m.municipality_code AS code, l.valid_from_day AS from_day, l.valid_to_day AS to_day
MATCH (p)-[:HAD]->(c:Contact)
WHERE (from_day IS NULL OR from_day <= c.started_day) AND (to_day IS NULL OR to_day > c.started_day)
  AND (c.municipality_codes IS NULL OR NOT c.municipality_codes CONTAINS ('"' + code + '"'))
RETURN c.contact_id AS contact_id
UNION ALL
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.municipality_codes IS NOT NULL
  AND NOT EXISTS { MATCH (p)-[l:LIVES_IN]->(m:Municipality)
                   WHERE (l.valid_from_day IS NULL OR l.valid_from_day <= c.started_day)
                     AND (l.valid_to_day IS NULL OR l.valid_to_day > c.started_day) }
RETURN c.contact_id AS contact_id
