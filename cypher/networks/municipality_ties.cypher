// title.en: Between municipalities
// title.nb: Mellom kommuner
// title.nn: Mellom kommunar
// question.en: In which municipalities are the units that the inhabitants of each come to?
// question.nb: I hvilke kommuner ligger enhetene som innbyggerne i hver kommune kommer til?
// question.nn: I kva kommunar ligg einingane som innbyggjarane i kvar kommune kjem til?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param min_patients: int, default 1, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: id: municipality that the patients lived in when the contact began
// returns from_name: text: its name
// returns from_kind: text: municipality
// returns from_level: text: empty: a municipality is no level of care
// returns to_id: id: municipality that the unit is in, or that runs it; empty where none is recorded
// returns to_name: text: its name
// returns to_kind: text: municipality
// returns to_level: text: empty: a municipality is no level of care
// returns n_patients: persons, of from_patients|to_patients: inhabitants with a contact there
// returns n_contacts: count: their contacts there
// returns from_patients: persons: inhabitants with a contact in any municipality
// returns to_patients: persons: patients of the units there from any municipality
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
