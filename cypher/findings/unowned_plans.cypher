// title.en: Plans that nobody owns
// title.nb: Planer som ingen eier
// title.nn: Planar som ingen eig
// question.en: Which active plans have no owner who is still there?
// question.nb: Hvilke aktive planer har ingen eier som fortsatt er på plass?
// question.nn: Kva aktive planar har ingen eigar som framleis er på plass?
// param level_days: int, d, default 365, at least 1, at most 3660: days without contact at the owner's
//   level of care after which that level has left the patient (own choice)
// returns plan_id: id: the plan
// returns patient_id: id: the patient
// returns kind: text: what sort of plan it is
// returns reason: text: never_owned, ownership_ended, owner_left (employment ended), unit_closed or
//   level_left (no contact with the patient at the owner's level of care for level_days)
// returns ended_on: date: when the last ownership, employment or unit ended; empty where none did
// returns last_owner_unit: unit: where the last owner stood; empty where that is not known
// returns last_owner_unit_name: text: its name
// among: active_plans
// needs: patients, units, contacts, plans, plan_owners
// parts: places, owners
// key: plan_id
// legal: https://www.helsedirektoratet.no/rundskriv/pasient-og-brukerrettighetsloven-med-kommentarer/rett-til-helse-og-omsorgstjenester-og-transport/rett-til-individuell-plan
// source: docs/definitions.md#unowned-plan
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
// The fold adds the owners, where they stand, and the levels of care that still see the patient.
RETURN p.patient_id AS patient_id, n.plan_id AS plan_id, n.kind AS kind
