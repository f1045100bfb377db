// title.en: From coordinator to place of treatment
// title.nb: Fra koordinator til behandlingssted
// title.nn: Frå koordinator til behandlingsstad
// question.en: Who coordinates the patients that each unit treats?
// question.nb: Hvem koordinerer pasientene som hver enhet behandler?
// question.nn: Kven koordinerer pasientane som kvar eining behandlar?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param roles: list, default coordinator|plan_coordinator, one of coordinator|plan_coordinator|cancer_coordinator: roles that
//   count
// param coordinators_by: text, default unit, one of unit|municipality: show coordinators by the unit where they work, or by
//   the municipality that this unit is in or that runs it
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param min_patients: int, default 1, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: id: unit or municipality of the coordinator; empty where it is not recorded
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is, or municipality
// returns from_level: text: its level of care; empty for a municipality
// returns to_id: unit: unit that the patients came to
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons, of from_patients|to_patients: patients with a coordinator there who came to the unit
// returns n_contacts: count: their contacts at the unit
// returns from_patients: persons: patients with a coordinator there who came to any of the units
// returns to_patients: persons: patients of the unit with a coordinator anywhere
// among: patients_with_coordinator_in_period
// needs: patients, units, contacts, roles
// parts: named_units, municipality_names, places, visits
// key: from_id, to_id
// directed: true
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#coordinator-ties
// version: 1
MATCH (h:Professional)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN $roles
  AND (r.valid_from_day IS NULL OR r.valid_from_day <= $as_of_day)
  AND (r.valid_to_day IS NULL OR r.valid_to_day > $as_of_day - $period_days + 1)
// The fold adds where the holders stood in the period, and where the patients came.
RETURN p.patient_id AS subject, r.kind AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN $roles
  AND (r.valid_from_day IS NULL OR r.valid_from_day <= $as_of_day)
  AND (r.valid_to_day IS NULL OR r.valid_to_day > $as_of_day - $period_days + 1)
RETURN p.patient_id AS subject, r.kind AS kind, 'unit' AS holder_kind, u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
