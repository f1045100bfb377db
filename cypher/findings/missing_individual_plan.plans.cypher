// why: a plan is active or a draft by the latest of its statuses
MATCH (p:Patient)-[:HAS_PLAN]->(n:Plan)
WHERE n.kind IN $plan_kinds
  AND (n.valid_from_day IS NULL OR n.valid_from_day <= $as_of_day)
  AND (n.valid_to_day IS NULL OR n.valid_to_day > $as_of_day)
OPTIONAL MATCH (n)-[:HAD_STATUS]->(t:PlanStatus)
WHERE t.valid_from_day <= $as_of_day
WITH p, n, max(t.valid_from_day) AS latest_day,
     max(CASE WHEN t.status = 'active' THEN t.valid_from_day END) AS active_day,
     max(CASE WHEN t.status = 'draft' THEN t.valid_from_day END) AS draft_day
RETURN p.patient_id AS patient_id, n.plan_id AS plan_id,
       latest_day IS NULL OR active_day = latest_day AS is_active, draft_day = latest_day AS is_draft
