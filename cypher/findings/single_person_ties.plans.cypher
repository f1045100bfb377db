// why: whose plans are active
MATCH (p:Patient)-[:HAS_PLAN]->(n:Plan)
WHERE (n.valid_from_day IS NULL OR n.valid_from_day <= $as_of_day)
  AND (n.valid_to_day IS NULL OR n.valid_to_day > $as_of_day)
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
OPTIONAL MATCH (n)-[:HAD_STATUS]->(t:PlanStatus)
WHERE t.valid_from_day <= $as_of_day
WITH p, n, max(t.valid_from_day) AS latest_day,
     max(CASE WHEN t.status = 'active' THEN t.valid_from_day END) AS active_day
// The latest status rules; where none is recorded the plan is active while it holds.
WHERE latest_day IS NULL OR active_day = latest_day
RETURN p.patient_id AS patient_id, n.plan_id AS plan_id
