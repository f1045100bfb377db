// title.en: Active plans
// returns n: count: plans
// needs: plans
// version: 1
MATCH (p:Patient)-[:HAS_PLAN]->(a:Plan)
WHERE (a.valid_from_day IS NULL OR a.valid_from_day <= $as_of_day)
  AND (a.valid_to_day IS NULL OR a.valid_to_day > $as_of_day)
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
OPTIONAL MATCH (a)-[:HAD_STATUS]->(t:PlanStatus)
WHERE t.valid_from_day <= $as_of_day
WITH p, a, max(t.valid_from_day) AS latest_day,
     max(CASE WHEN t.status = 'active' THEN t.valid_from_day END) AS active_day
// The latest status rules; where none is recorded the plan is active while it holds.
WHERE latest_day IS NULL OR active_day = latest_day
RETURN count(a) AS n
