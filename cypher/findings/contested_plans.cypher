// title.en: Plans that two claim to own
// title.nb: Planer med flere eiere på samme nivå
// title.nn: Planar med fleire eigarar på same nivå
// question.en: Which active plans have two owners at the same level of care?
// question.nb: Hvilke aktive planer har to eiere på samme tjenestenivå?
// question.nn: Kva aktive planar har to eigarar på same tenestenivå?
// returns plan_id: id: the plan
// returns patient_id: id: the patient
// returns kind: text: what sort of plan it is
// returns level: text: level of care of the owners
// returns owners: list: professionals and units that own it at that level and are not each other's unit
// returns since: date: when the second of them began; empty where a beginning is not recorded
// among: active_plans
// needs: patients, units, plans, plan_owners
// parts: places, owners
// key: plan_id, level
// legal: https://www.helsedirektoratet.no/rundskriv/pasient-og-brukerrettighetsloven-med-kommentarer/rett-til-helse-og-omsorgstjenester-og-transport/rett-til-individuell-plan
// source: docs/definitions.md#contested-plan
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
// The fold adds the owners, and where they stand.
RETURN p.patient_id AS patient_id, n.plan_id AS plan_id, n.kind AS kind
