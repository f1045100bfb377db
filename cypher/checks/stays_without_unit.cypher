// title.en: Stays that do not begin and end at one unit each
// version: 1
MATCH (s:Stay)
WHERE COUNT { MATCH (s)-[:ADMITTED_TO]->(u:Unit) } <> 1
   OR COUNT { MATCH (s)-[:DISCHARGED_FROM]->(v:Unit) } <> 1
RETURN s.stay_id AS stay_id
