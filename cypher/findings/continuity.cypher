// title.en: Continuity of care
// title.nb: Kontinuitet i behandlingen
// title.nn: Kontinuitet i behandlinga
// question.en: How many providers does each patient meet, and is it the same one from visit to visit?
// question.nb: Hvor mange behandlingssteder møter hver pasient, og er det samme sted fra besøk til besøk?
// question.nn: Kor mange behandlingsstader møter kvar pasient, og er det same stad frå besøk til besøk?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param depth: text, default department, one of unit|department|clinic|hospital: what a provider is: each unit is taken as the
//   nearest one at or above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param not_visits: list, default administrative|simple_contact|collaboration|collaboration_meeting: kinds of contacts that
//   are no visits; own choice
// param min_visits: int, default 4, at least 1: patients with fewer visits are left out; with three or fewer the measures are not
//   reliable (Kern and others 2016)
// returns patient_id: id: the patient
// returns n_visits: count: visits
// returns n_providers: count: different providers
// returns n_most_visited: count: visits to the provider visited most
// returns upc: share: usual provider of care: share of the visits that are to the provider visited most
// returns coc: share: continuity of care (Bice and Boxerman): share of the pairs of visits that are to one provider; empty for
//   one visit
// returns coc_low: share: least that so many visits, so many of them to one provider, can have
// returns coc_high: share: greatest that they can have
// returns coc_given_upc: share: where between the two it is; empty where they are the same
// returns secon: share: sequential continuity: share of the visits after the first that are to the provider of the visit
//   before; empty for one visit
// returns hhi: share: concentration: sum of the squared shares of the providers
// returns mmci: share: modified modified continuity index
// returns fragmentation: share: 1 less the continuity of care; empty for fewer than four visits
// among: patients_with_visit_in_period
// needs: patients, units, contacts
// parts: named_units
// key: patient_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#continuity
// version: 1
MATCH (c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.level IN $levels
  AND NOT coalesce(c.kind, '') IN $not_visits
// The fold takes the units at the depth asked for, and the visits in order.
RETURN c.patient_id AS patient_id, c.unit_id AS unit_id, c.started_s AS started_s
