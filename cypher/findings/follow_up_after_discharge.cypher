// title.en: Follow-up after discharge
// title.nb: Oppfølging etter utskrivning
// title.nn: Oppfølging etter utskriving
// question.en: How many of those who go home from each unit are seen by GP or municipal service afterwards?
// question.nb: Hvor mange av dem som drar hjem fra hver enhet, blir møtt av fastlege eller kommunal tjeneste
//   etterpå?
// question.nn: Kor mange av dei som drar heim frå kvar eining, blir møtte av fastlege eller kommunal teneste
//   etterpå?
// param within_days: int, d, default 14, at least 1, at most 365: how long after the end of the stay is looked,
//   24 h to a day; own proposal
// param home_codes: list, default 1|home: what the source writes where the patient went home
// returns unit: unit: unit that the patients were discharged from
// returns unit_name: text: its name
// returns n_discharges: count, of n_patients: discharges home that are covered
// returns n_patients: persons: patients with such a discharge
// returns n_followed_up: count, of n_no_follow_up_patients|n_acute_return_patients|n_died|n_patients:
//   discharges with a contact in time
// returns n_no_follow_up: count, of n_no_follow_up_patients|n_patients: discharges with none, and neither
//   return nor death
// returns n_no_follow_up_patients: persons, of n_patients: patients with such a discharge
// returns n_home_care_continued: count, of n_home_care_patients: of these, discharges past which a
//   municipal service simply went on
// returns n_home_care_patients: persons, of n_no_follow_up_patients: patients with such a discharge
// returns n_acute_return: count, of n_acute_return_patients|n_patients: discharges with an acute stay before
//   any contact
// returns n_acute_return_patients: persons, of n_patients: patients with such a discharge
// returns n_died: persons, of n_patients: patients who died before any contact
// returns n_not_covered: count, of n_not_covered_patients: discharges home of which nothing can be said:
//   the sources do not cover the days after them, or the residence is not known
// returns n_not_covered_patients: persons: patients with such a discharge
// returns share_no_follow_up: share, of n_no_follow_up_patients|n_patients: n_no_follow_up to n_discharges
// returns share_low: share, of n_no_follow_up_patients|n_patients: lower bound of its 95 % interval
// returns share_high: share, of n_no_follow_up_patients|n_patients: upper bound
// among: discharges_home_covered
// needs: patients, units, contacts, residences
// parts: stays_under_way, contacts_around_discharge, home_care_past_discharge, next_stays_in_window, follow_up_coverage
// key: unit
// levels: hospital, psychiatry, gp, municipal
// source: docs/definitions.md#follow-up-after-discharge
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:DISCHARGED_FROM]->(u:Unit)
WHERE s.started_s < $as_of_s
  AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s
       OR NOT s.ended_dead AND s.discharged_to IN $home_codes)
// The fold adds what is known of stays that go on, and says of each what followed.
RETURN p.patient_id AS patient_id,
       CASE WHEN p.died_day <= $as_of_day THEN p.died_day END AS died_day,
       s.stay_id AS stay_id, u.unit_id AS unit_id, u.name AS unit_name,
       s.municipality_code AS municipality_code, s.ended_s AS ended_s, s.ended_at AS ended_at,
       s.ended_day AS ended_day, s.ended_dead AS ended_dead, s.discharged_to AS ended_to,
       s.next_gp_s AS next_gp_s, s.next_municipal_s AS next_municipal_s
