// title.en: Stays of nobody, or of several patients
// version: 1
MATCH (s:Stay)
WHERE COUNT { MATCH (p:Patient)-[:HAD_STAY]->(s) } <> 1
RETURN s.stay_id AS stay_id
