// title.en: Units and the patients they see
// title.nb: Enheter og pasientene de ser
// title.nn: Einingar og pasientane dei ser
// question.en: Which units are there, what are they part of, and how many patients came to each?
// question.nb: Hvilke enheter finnes, hva er de del av, og hvor mange pasienter kom til hver av dem?
// question.nn: Kva einingar finst, kva er dei del av, og kor mange pasientar kom til kvar av dei?
// param within_days: int, d, default 365, at least 1, at most 36500: contacts that began less than this many days before
//   the end of the day
// returns unit: unit: the unit
// returns unit_name: text: its name
// returns kind: text: what sort of unit
// returns level: text: level of care
// returns part_of: unit: the unit that it is part of; empty at the top
// returns clinic: unit: the nearest clinic at or above it; the unit itself where there is none
// returns clinic_name: text: its name
// returns municipality_code: text: where it is, or who runs it
// returns municipality_name: text: its name
// returns status: text: open, closed or not_yet_open on the day
// returns n_contacts: count, of n_patients: contacts there and in the units that are part of it
// returns n_patients: persons: patients with such a contact
// needs: units, contacts
// parts: municipality_names
// key: unit
// source: docs/definitions.md#organisation
// version: 1
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
// The fold adds the patients, also those of the units below.
RETURN u.unit_id AS unit_id, u.name AS unit_name, u.kind AS kind, u.level AS level,
       u.municipality_code AS municipality_code, u.valid_from_day AS valid_from_day,
       u.valid_to_day AS valid_to_day, a.unit_id AS parent_id
