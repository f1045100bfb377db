// title.en: Continuity of care by place
// title.nb: Kontinuitet i behandlingen etter sted
// title.nn: Kontinuitet i behandlinga etter stad
// question.en: In which municipalities and at which providers is care less continuous?
// question.nb: I hvilke kommuner og på hvilke behandlingssteder er behandlingen mindre sammenhengende?
// question.nn: I kva kommunar og på kva behandlingsstader er behandlinga mindre samanhengande?
// param by: text, default municipality, one of municipality|provider: by the municipality where the patients live, or by the
//   provider that each visited most
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param depth: text, default department, one of unit|department|clinic|hospital: what a provider is: each unit is taken as the
//   nearest one at or above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param not_visits: list, default administrative|simple_contact|collaboration|collaboration_meeting: kinds of contacts that
//   are no visits; own choice
// param min_visits: int, default 4, at least 2: patients with fewer visits are left out; with three or fewer the measures are not
//   reliable (Kern and others 2016)
// returns place: id: municipality or provider; empty where no residence is recorded
// returns place_name: text: its name
// returns n_patients: persons: patients with enough visits
// returns n_visits: count, of n_patients: their visits
// returns upc: share, of n_patients: mean of their usual provider of care
// returns coc: share, of n_patients: mean of their continuity of care (Bice and Boxerman)
// returns secon: share, of n_patients: mean of their sequential continuity
// returns hhi: share, of n_patients: mean of their concentration
// among: patients_with_visit_in_period
// needs: patients, units, contacts
// parts: named_units, residences, municipality_names
// key: place
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#continuity-by-place
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.level IN $levels
  AND NOT coalesce(c.kind, '') IN $not_visits
// The fold takes the units at the depth asked for, the visits in order, and the means by place.
RETURN p.patient_id AS patient_id, c.unit_id AS unit_id, c.started_s AS started_s
