// title.en: Stays whose gap to the next one is not the time between them
// version: 1
MATCH (a:Stay)-[n:NEXT_STAY]->(b:Stay)
WITH a, b, n.gap_s AS between_s, n.gap_days AS between_days
WHERE coalesce(between_s, -1) <> b.started_s - a.ended_s
   OR coalesce(between_days, -1) <> b.started_day - a.ended_day
RETURN a.stay_id AS stay_id, b.stay_id AS next_stay_id
