// title.en: Meetings about the inhabitants of municipalities
// title.nb: Møter om innbyggere i kommunene
// title.nn: Møte om innbyggjarar i kommunane
// question.en: Which units hold collaboration meetings about the inhabitants of which municipality?
// question.nb: Hvilke enheter har samarbeidsmøter om innbyggere i hvilken kommune?
// question.nn: Kva einingar har samarbeidsmøte om innbyggjarar i kva kommune?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param kinds: list, default collaboration_meeting|collaboration: kinds of contacts that are meetings about a patient, as
//   registered; own choice
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param min_patients: int, default 1, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: id: municipality that the patients lived in when the meeting was held
// returns from_name: text: its name
// returns from_kind: text: municipality
// returns from_level: text: empty: a municipality is no level of care
// returns to_id: unit: unit that registered the meeting
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons, of from_patients|to_patients: inhabitants about whom it registered a meeting
// returns n_meetings: count: meetings about them
// returns from_patients: persons: inhabitants about whom any of the units registered a meeting
// returns to_patients: persons: patients from any municipality about whom the unit registered a meeting
// among: meetings_in_period
// needs: patients, units, contacts, residences
// parts: named_units, municipality_names
// key: from_id, to_id
// directed: true
// margins: from_id, to_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#meetings
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.kind IN $kinds
WITH p, c.unit_id AS unit_id, c.started_day AS started_day, c.contact_id AS contact_id
MATCH (p)-[l:LIVES_IN]->(m:Municipality)
WHERE (l.valid_from_day IS NULL OR l.valid_from_day <= started_day)
  AND (l.valid_to_day IS NULL OR l.valid_to_day > started_day)
RETURN p.patient_id AS patient_id, m.municipality_code AS from_id, unit_id AS to_id,
       count(DISTINCT contact_id) AS n
