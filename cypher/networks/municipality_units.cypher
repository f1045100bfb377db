// title.en: From municipality to unit
// title.nb: Fra kommune til enhet
// title.nn: Frå kommune til eining
// question.en: Which units do the inhabitants of each municipality come to?
// question.nb: Hvilke enheter kommer innbyggerne i hver kommune til?
// question.nn: Kva einingar kjem innbyggjarane i kvar kommune til?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param min_patients: int, default 1, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: id: municipality that the patients lived in when the contact began
// returns from_name: text: its name
// returns from_kind: text: municipality
// returns from_level: text: empty: a municipality is no level of care
// returns to_id: unit: unit of the contact
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons, of from_patients|to_patients: inhabitants with a contact there
// returns n_contacts: count: their contacts there
// returns from_patients: persons: inhabitants with a contact at any of the units
// returns to_patients: persons: patients of the unit from any municipality
// among: contacts_in_period
// needs: patients, units, contacts, residences
// parts: named_units, visits_by_residence
// key: from_id, to_id
// directed: true
// margins: from_id, to_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#municipality-network
// version: 2
MATCH (m:Municipality)
// The fold asks for the contacts of those who live there.
RETURN m.municipality_code AS municipality_code, m.name AS name
