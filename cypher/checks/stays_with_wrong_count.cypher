// title.en: Stays that do not hold as many inpatient contacts as they say
// version: 1
MATCH (s:Stay)
OPTIONAL MATCH (c:Contact)-[:PART_OF_STAY]->(s)
WHERE NOT EXISTS { MATCH (c)-[:PART_OF_CONTACT]->(a:Contact) }
WITH s, count(c) AS n_found
WHERE n_found <> s.n_contacts
RETURN s.stay_id AS stay_id
