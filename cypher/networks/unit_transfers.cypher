// title.en: From contact to next contact
// title.nb: Fra kontakt til neste kontakt
// title.nn: Frå kontakt til neste kontakt
// question.en: From which unit do patients come to which, from one contact to the next?
// question.nb: Fra hvilken enhet kommer pasienter til hvilken, fra én kontakt til den neste?
// question.nn: Frå kva eining kjem pasientar til kva eining, frå éin kontakt til den neste?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param max_gap_d: int, d, default 30, at least 0, at most 3650: longest time from the end of a contact to the start of the
//   next one, 24 h to a day, itself included; own choice
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts, both the one and the next, count
// param min_patients: int, default 1, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: unit: unit of the one contact
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is
// returns from_level: text: its level of care
// returns to_id: unit: unit of the next one; the same where patients came back to it
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons, of from_patients|to_patients: patients who came so
// returns n_contacts: count: next contacts that they came to
// returns from_patients: persons: patients who came from the one to any of the units
// returns to_patients: persons: patients who came to the other from any of the units
// among: contacts_in_period
// needs: patients, units, contacts
// parts: named_units
// key: from_id, to_id
// directed: true
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#next-contact-network
// version: 2
MATCH (c:Contact)
// By what the contact itself says: going by way of NEXT_CONTACT takes three times as long.
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.previous_gap_s <= $max_gap_d * 86400
// The fold goes by the levels, shows units at the depth asked for, and counts each patient once.
RETURN c.patient_id AS patient_id, c.previous_unit_id AS from_id, c.unit_id AS to_id,
       count(c.started_day) AS n
