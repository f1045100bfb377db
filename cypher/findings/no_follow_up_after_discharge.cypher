// title.en: No follow-up after discharge
// title.nb: Ingen oppfølging etter utskrivning
// title.nn: Inga oppfølging etter utskriving
// question.en: Which patients went home from hospital and met neither GP nor municipal service in the
//   days that followed?
// question.nb: Hvilke pasienter kom hjem fra sykehuset og møtte verken fastlege eller kommunal tjeneste
//   i dagene etterpå?
// question.nn: Kva pasientar kom heim frå sjukehuset og møtte korkje fastlege eller kommunal teneste
//   i dagane etterpå?
// param within_days: int, d, default 14, at least 1, at most 365: how long after the end of the stay is looked,
//   24 h to a day; own proposal
// param home_codes: list, default 1|home: what the source writes where the patient went home
// returns patient_id: id: the patient
// returns stay_id: id: the stay
// returns unit: unit: unit that the patient was discharged from
// returns unit_name: text: its name
// returns ended_at: time: when it ended
// returns municipality_code: text: where the patient lived when it began
// returns home_care_continued: boolean: a municipal service begun before the end went on past it
// among: discharges_home_covered
// needs: patients, units, contacts, residences
// parts: stays_under_way, contacts_around_discharge, home_care_past_discharge, next_stays_in_window, follow_up_coverage
// key: patient_id, ended_at, stay_id
// levels: hospital, psychiatry, gp, municipal
// source: docs/definitions.md#follow-up-after-discharge
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:DISCHARGED_FROM]->(u:Unit)
WHERE s.started_s < $as_of_s AND s.municipality_code IS NOT NULL
  AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s
       OR s.ended_s + $within_days * 86400 <= $as_of_s
          AND NOT s.ended_dead AND s.discharged_to IN $home_codes
          AND (s.next_gp_s IS NULL OR s.next_gp_s > s.ended_s + $within_days * 86400
               OR s.next_gp_s >= $as_of_s)
          AND (s.next_municipal_s IS NULL OR s.next_municipal_s > s.ended_s + $within_days * 86400
               OR s.next_municipal_s >= $as_of_s))
// The fold adds what is known of stays that go on, and leaves out returns, deaths and what is not covered.
RETURN p.patient_id AS patient_id,
       CASE WHEN p.died_day <= $as_of_day THEN p.died_day END AS died_day,
       s.stay_id AS stay_id, u.unit_id AS unit_id, u.name AS unit_name,
       s.municipality_code AS municipality_code, s.ended_s AS ended_s, s.ended_at AS ended_at,
       s.ended_day AS ended_day, s.ended_dead AS ended_dead, s.discharged_to AS ended_to,
       s.next_gp_s AS next_gp_s, s.next_municipal_s AS next_municipal_s
