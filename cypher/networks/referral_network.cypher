// title.en: Referrals between units
// title.nb: Henvisninger mellom enheter
// title.nn: Tilvisingar mellom einingar
// question.en: Which units refer patients to which?
// question.nb: Hvilke enheter henviser pasienter til hvilke?
// question.nn: Kva einingar viser pasientar til kva einingar?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose units count; an end that is not recorded
//   counts always
// param min_patients: int, default 1, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: unit: unit that referred; empty where none is recorded
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is
// returns from_level: text: its level of care
// returns to_id: unit: unit referred to; empty where none is recorded
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons, of from_patients|to_patients: patients referred so
// returns n_referrals: count: referrals sent
// returns from_patients: persons: patients whom the one referred to any of the units
// returns to_patients: persons: patients whom any of the units referred to the other
// among: referrals_in_period
// needs: patients, units, contacts, referrals
// parts: named_units
// key: from_id, to_id
// directed: true
// margins: from_id, to_id
// source: docs/definitions.md#referral-network
// version: 2
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)
// A day longer: an hour may be missing where summer time begins. The fold goes by the local day.
WHERE r.sent_s < $as_of_s AND r.sent_s >= $as_of_s - ($period_days + 1) * 86400
OPTIONAL MATCH (r)-[:FROM_UNIT]->(u:Unit)
OPTIONAL MATCH (r)-[:TO_UNIT]->(v:Unit)
RETURN p.patient_id AS patient_id, r.sent_at AS sent_at, u.unit_id AS from_id, v.unit_id AS to_id
