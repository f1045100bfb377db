// title.en: One-way referrals
// title.nb: Henvisninger bare én vei
// title.nn: Tilvisingar berre éin veg
// question.en: Which units refer patients to a unit that refers nobody back?
// question.nb: Hvilke enheter henviser pasienter til en enhet som ikke henviser noen tilbake?
// question.nn: Kva einingar viser pasientar til ei eining som ikkje viser nokon tilbake?
// param period_days: int, d, default 365, at least 1, at most 3650: sent on one of this many days up to the day asked about
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose units count
// param between: text, default levels, one of levels|all: levels: the two units are of different levels of care; all: they may
//   be of the same
// param min_patients: int, default 5, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: unit: unit that refers
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is
// returns from_level: text: its level of care
// returns to_id: unit: unit that refers nobody back
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns status: text: none_back (the other refers patients elsewhere) or refers_nobody (it is recorded as sender of no
//   referral in the period)
// returns n_patients: persons, of from_patients|to_patients: patients referred so
// returns n_referrals: count, of n_patients: referrals sent
// returns n_referrals_back: count: referrals the other way, which are none
// returns n_unknown_back: persons: patients referred to the first unit by nobody who is recorded; returns may be among these
// returns from_patients: persons: patients whom the one referred to any of the units
// returns to_patients: persons: patients whom any of the units referred to the other
// among: referrals_in_period
// needs: patients, units, contacts, referrals
// key: from_id, to_id
// margins: from_id, to_id
// source: docs/definitions.md#one-way-referrals
// version: 1
MATCH (r:Referral)
// The fold takes the ties from the network referral_network.
RETURN count(r.referral_id) AS n
