// why: the latest revision of a plan says when the next is due
MATCH (n:Plan)-[:HAD_REVISION]->(r:PlanRevision)
WHERE r.revised_day <= $as_of_day
RETURN n.plan_id AS plan_id, r.revised_day AS revised_day, r.revise_by_day AS revise_by_day
