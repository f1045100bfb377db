// why: whether a plan was active on the day of a discharge follows from all statuses that it has had
MATCH (p:Patient)-[:HAS_PLAN]->(n:Plan)
OPTIONAL MATCH (n)-[:HAD_STATUS]->(t:PlanStatus)
RETURN p.patient_id AS patient_id, n.plan_id AS plan_id,
       n.valid_from_day AS valid_from_day, n.valid_to_day AS valid_to_day,
       t.status AS status, t.valid_from_day AS status_from_day
