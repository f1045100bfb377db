// title.en: Stays whose next one is of another patient
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(a:Stay)-[:NEXT_STAY]->(b:Stay)
WHERE NOT EXISTS { MATCH (p)-[:HAD_STAY]->(b) }
RETURN a.stay_id AS stay_id, b.stay_id AS next_stay_id
