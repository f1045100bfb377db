// title.en: Both kinds of care, no common plan
// title.nb: Begge slags behandling, ingen felles plan
// title.nn: Begge slag behandling, ingen felles plan
// question.en: Which patients are in both somatic and psychiatric or substance treatment without a plan that both
//   share?
// question.nb: Hvilke pasienter får både somatisk behandling og behandling i psykisk helsevern eller TSB uten en
//   plan som begge deler?
// question.nn: Kva pasientar får både somatisk behandling og behandling i psykisk helsevern eller TSB utan ein
//   plan som begge deler?
// param within_days: int, d, default 365, at least 1, at most 3650: contacts that began less than this many days before
//   the day asked about, or on it, count
// param shared_kinds: list, default individual_plan: kinds of plan that both share by their nature
// returns patient_id: id: the patient
// returns n_somatic: count: contacts at hospital level in that time
// returns n_psychiatric: count: contacts in psychiatry or substance treatment
// returns last_somatic_on: date: day on which the last somatic one began
// returns last_psychiatric_on: date: day on which the last of the others began
// returns n_active_plans: count: the patient's active plans
// among: patients_in_both_kinds_of_care
// needs: patients, units, contacts, plans, plan_owners
// parts: places, owners, in_both_kinds_of_care
// key: patient_id
// levels: hospital, psychiatry
// source: docs/definitions.md#both-kinds-of-care
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
// The fold asks who is in both kinds of care, and leaves out those with a plan that both share.
RETURN p.patient_id AS patient_id, n.plan_id AS plan_id, n.kind AS kind
