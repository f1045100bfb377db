// title.en: Meetings about the same patients
// title.nb: Møter om de samme pasientene
// title.nn: Møte om dei same pasientane
// question.en: Which units hold collaboration meetings about the same patients?
// question.nb: Hvilke enheter har samarbeidsmøter om de samme pasientene?
// question.nn: Kva einingar har samarbeidsmøte om dei same pasientane?
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
// returns from_id: unit: one of the two units
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is
// returns from_level: text: its level of care
// returns to_id: unit: the other
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons, of from_patients|to_patients: patients about whom both registered a meeting
// returns from_patients: persons: patients about whom the one registered a meeting
// returns to_patients: persons: patients about whom the other registered a meeting
// among: meetings_in_period
// needs: patients, units, contacts
// parts: named_units
// key: from_id, to_id
// directed: false
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#meetings
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.kind IN $kinds
// The fold goes by the levels and pairs the units that met about a patient.
RETURN p.patient_id AS patient_id, c.unit_id AS unit_id, count(c.started_day) AS n
