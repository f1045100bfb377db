// title.en: Stays that begin before the one before them has ended
// version: 1
MATCH (a:Stay)-[:NEXT_STAY]->(b:Stay)
WHERE a.ended_s IS NULL OR b.started_s < a.ended_s
RETURN a.stay_id AS stay_id, b.stay_id AS next_stay_id
