// title.en: Care density
// title.nb: Omsorgstetthet
// title.nn: Omsorgstettleik
// question.en: How well do the providers of each patient know each other through the patients they share?
// question.nb: Hvor godt kjenner hver pasients behandlingssteder hverandre gjennom pasienter de deler?
// question.nn: Kor godt kjenner behandlingsstadene til kvar pasient kvarandre gjennom pasientar dei deler?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param depth: text, default department, one of unit|department|clinic|hospital: what a provider is: each unit is taken as the
//   nearest one at or above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param not_visits: list, default administrative|simple_contact|collaboration|collaboration_meeting: kinds of contacts that
//   are no visits; own choice
// param min_providers: int, default 2, at least 1: patients with fewer providers are left out
// param weight_within: number, default 1, at least 0, at most 1000: weight of two providers of one level of care; own choice
// param weight_across: number, default 2, at least 0, at most 1000: weight of two providers of different levels of care; own
//   choice
// returns patient_id: id: the patient
// returns n_providers: count: different providers
// returns care_density: share: mean, over the pairs of the providers, of how many patients the two share, the patient
//   included; empty for one provider
// returns fragmented_care_density: share: the same with the weights of the pairs; empty for one provider
// among: patients_with_visit_in_period
// needs: patients, units, contacts
// parts: named_units
// key: patient_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#care-density
// version: 1
MATCH (c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.level IN $levels
  AND NOT coalesce(c.kind, '') IN $not_visits
// The fold takes the units at the depth asked for, and pairs them.
RETURN c.patient_id AS patient_id, c.unit_id AS unit_id, count(c.started_s) AS n
