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
// parts: places, owners
// key: patient_id
// levels: hospital, psychiatry
// source: docs/definitions.md#both-kinds-of-care
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level IN ['hospital', 'psychiatry'] AND c.started_s < $as_of_s
  AND c.started_day > $as_of_day - $within_days
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT c.has_children
// Both levels in one pass: going back to the patients' contacts would go through all contacts twice.
WITH p, count(CASE WHEN c.level = 'hospital' THEN 1 END) AS n_somatic,
     count(CASE WHEN c.level = 'psychiatry' THEN 1 END) AS n_psychiatric,
     max(CASE WHEN c.level = 'hospital' THEN c.started_day END) AS last_somatic_day,
     max(CASE WHEN c.level = 'psychiatry' THEN c.started_day END) AS last_psychiatric_day
WHERE n_somatic > 0 AND n_psychiatric > 0
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(d:Stay) WHERE d.ended_dead AND d.ended_s < $as_of_s }
// The fold leaves out those with a plan that both share.
RETURN p.patient_id AS patient_id, n_somatic AS n_somatic, n_psychiatric AS n_psychiatric,
       last_somatic_day AS last_somatic_day, last_psychiatric_day AS last_psychiatric_day
