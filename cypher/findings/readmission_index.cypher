// title.en: Index stays of readmissions
// title.nb: Primæropphold for reinnleggelser
// title.nn: Primæropphald for reinnleggingar
// question.en: Which stays count as index stays, which do not, and why?
// question.nb: Hvilke opphold teller som primæropphold, hvilke gjør det ikke, og hvorfor?
// question.nn: Kva opphald tel som primæropphald, kva gjer det ikkje, og kvifor?
// param acute: text, default first, one of first|any: a stay is acute when its first contact was, or when any was
// param min_gap_h: int, h, default 8, at least 0, at most 87600: shortest time from the end of the index stay
// param min_inclusive: boolean, default true: the shortest time itself counts
// param max_gap_d: int, d, default 30, at least 0, at most 3650: longest time from the end of the index stay
// param max_inclusive: boolean, default true: the longest time itself counts
// param gap_unit: text, default elapsed, one of elapsed|calendar: measure the longest time in
//   elapsed time (24 h to a day), or in calendar days from date to date
// param min_gap_d: int, d, default 0, at least 0, at most 3650: fewest calendar days from date to date
// param min_age: int, year, default 0, at least 0, at most 150: youngest age in the year in which the
//   index stay began; an unknown year of birth passes 0 only
// param exclude_rehabilitation: boolean, default false: stays for rehabilitation are neither index
//   stays nor readmissions
// param require_diagnosis_group: boolean, default false: the index stay's main diagnosis must be in
//   one of the groups that were loaded
// param drop_deaths: boolean, default false: leave out index stays whose patient died within
//   death_window_d days without a readmission
// param death_window_d: int, d, default 30, at least 0, at most 3650: calendar days from the end of the
//   stay to the day of death
// returns patient_id: id: the patient
// returns stay_id: id: the stay
// returns started_at: time: when it began
// returns ended_at: time: when it ended; empty while it goes on
// returns reason: text: counted, or why not: open, ended_dead, excluded_age, excluded_rehabilitation,
//   excluded_diagnosis_group, not_covered (the time for a readmission was not over at the horizon)
//   or died (see drop_deaths); the first that applies
// returns is_readmitted: boolean: a readmission is paired with it
// returns n_readmissions: count: readmissions that are paired with it
// returns age: count, year: age in the year in which it began
// returns sex: text: recorded sex
// returns municipality_code: text: where the patient lived when it began
// returns discharged_from: unit: unit that the patient left; empty while it goes on
// returns discharged_from_name: text: its name
// among: stays
// needs: patients, units, contacts
// parts: stays_under_way
// key: patient_id, started_at, stay_id
// levels: hospital, psychiatry
// profile all_ages "All ages, 8 hours to 30 days": min_age 0
// profile age_67 "67 years and older, 8 hours to 30 days": min_age 67
// profile fhi_67 "National indicator, 67 years and older; the diagnosis groups are to be checked by a person":
//   min_age 67, require_diagnosis_group true, needs: diagnoses, diagnosis_groups
// profile skde "SKDE, 1 to 29 calendar days, acute if any contact was": acute any, gap_unit calendar,
//   min_gap_h 0, min_gap_d 1, max_gap_d 29,
//   drop_deaths true
// profile samhandlingsbarometeret "Samhandlingsbarometeret, without rehabilitation": exclude_rehabilitation true
// profile nhs "NHS England, 0 to 29 calendar days": gap_unit calendar, min_gap_h 0, max_gap_d 29
// source: docs/definitions.md#index-stay
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:DISCHARGED_FROM]->(u:Unit)
WHERE s.started_s < $as_of_s
// The fold adds what is known of stays that go on, the readmissions and the reason.
RETURN p.patient_id AS patient_id, p.sex AS sex,
       CASE WHEN p.died_day <= $as_of_day THEN p.died_day END AS died_day,
       s.stay_id AS stay_id, s.started_at AS started_at, s.age AS age,
       s.ended_at AS ended_at, s.ended_s AS ended_s, s.ended_day AS ended_day,
       s.ended_dead AS ended_dead, s.municipality_code AS municipality_code,
       coalesce(s.service, '') = 'rehabilitation' AS is_rehabilitation,
       s.diagnosis_group IS NOT NULL AS has_diagnosis_group,
       u.unit_id AS discharged_from, u.name AS discharged_from_name
