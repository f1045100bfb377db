// title.en: Shared patients
// title.nb: Felles pasienter
// title.nn: Felles pasientar
// question.en: Which units see the same patients?
// question.nb: Hvilke enheter ser de samme pasientene?
// question.nn: Kva einingar ser dei same pasientane?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param min_patients: int, default 1, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: unit: one of the two units
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is
// returns from_level: text: its level of care
// returns to_id: unit: the other
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons, of from_patients|to_patients: patients with a contact at both
// returns from_patients: persons: patients with a contact at the one
// returns to_patients: persons: patients with a contact at the other
// among: patients_with_contact_in_period
// needs: patients, units, contacts
// parts: visits
// key: from_id, to_id
// directed: false
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#shared-patients
// version: 2
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
// The fold pairs the units that saw a patient.
RETURN u.unit_id AS unit_id, u.name AS name, u.kind AS kind, u.level AS level, a.unit_id AS parent_id,
       CASE WHEN u.valid_to_day <= $as_of_day THEN u.replaced_by END AS successor_id
