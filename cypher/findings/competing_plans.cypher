// title.en: Patients with several plans of one kind
// title.nb: Pasienter med flere planer av samme slag
// title.nn: Pasientar med fleire planar av same slag
// question.en: Which patients have two or more active plans of the same kind?
// question.nb: Hvilke pasienter har to eller flere aktive planer av samme slag?
// question.nn: Kva pasientar har to eller fleire aktive planar av same slag?
// returns patient_id: id: the patient
// returns kind: text: what sort of plan it is
// returns n_plans: count: active plans of that kind
// returns plans: list: these plans
// among: active_plans
// needs: patients, plans
// key: patient_id, kind
// legal: https://www.helsedirektoratet.no/rundskriv/pasient-og-brukerrettighetsloven-med-kommentarer/rett-til-helse-og-omsorgstjenester-og-transport/rett-til-individuell-plan
// source: docs/definitions.md#competing-plans
// version: 1
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
WHERE (latest_day IS NULL OR active_day = latest_day) AND n.kind IS NOT NULL
// The fold counts them and puts them in order.
RETURN p.patient_id AS patient_id, n.kind AS kind, n.plan_id AS plan_id
