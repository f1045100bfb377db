// title.en: Plans that stand still
// title.nb: Planer som ikke er fulgt opp
// title.nn: Planar som ikkje er følgde opp
// question.en: Which active plans have not been revised in time?
// question.nb: Hvilke aktive planer er ikke revidert i tide?
// question.nn: Kva aktive planar er ikkje reviderte i tide?
// param months: int, default 12, at least 1, at most 120: calendar months without a revision that are too
//   long (own choice)
// param grace_d: int, d, default 30, at least 0, at most 3660: days after the end of an acute stay within
//   which the plan may still be revised (own choice)
// returns plan_id: id: the plan
// returns patient_id: id: the patient
// returns kind: text: what sort of plan it is
// returns reasons: list: revise_by_passed, not_revised_12_months (or what months says) and
//   not_revised_since_acute_stay, as many as apply
// returns last_revised_on: date: when it was last revised; empty if never
// returns revise_by: date: when the last revision said that the next one is due
// returns last_acute_ended_on: date: when the patient's last acute stay ended
// returns days_since_revision: days, d: since the last revision, or since the plan began if there was
//   none; empty where neither is known
// among: active_plans
// needs: patients, contacts, plans, plan_revisions
// key: plan_id
// legal: https://www.helsedirektoratet.no/rundskriv/pasient-og-brukerrettighetsloven-med-kommentarer/rett-til-helse-og-omsorgstjenester-og-transport/rett-til-individuell-plan
// source: docs/definitions.md#stale-plan
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
WHERE latest_day IS NULL OR active_day = latest_day
// The fold adds the revisions and the acute stays, and counts the months.
RETURN p.patient_id AS patient_id, n.plan_id AS plan_id, n.kind AS kind,
       n.valid_from_day AS valid_from_day
