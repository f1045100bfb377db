// title.en: In hospital and not referred to the team
// title.nb: Innlagt og ikke henvist til teamet
// title.nn: Innlagd og ikkje vist til teamet
// question.en: Who is in hospital now, may need the team, and has not been referred to it?
// question.nb: Hvem er innlagt nå, kan ha behov for teamet, og er ikke henvist dit?
// question.nn: Kven er innlagd no, kan ha behov for teamet, og er ikkje vist dit?
// param within_days: int, d, default 365, at least 1, at most 3650: stays and contacts count that began at most this many
//   times 24 h before that moment, or at it
// param older_age: int, year, default 65, at least 0, at most 150: from this age, reached in the year, older_stays are enough
// param older_stays: int, default 2, at least 1, at most 100: acute stays at that age
// param any_age_stays: int, default 3, at least 1, at most 100: acute stays at any age
// param both_kinds: boolean, default true: contacts both somatic and in psychiatry or substance treatment are enough
// param score_need: text, default complex_needs: an assessed need of this code is enough, from the day of the assessment
// param refusal_days: int, d, default 365, at least 0, at most 3650: patients who declined the team so many times 24 h
//   before, or later, do not count
// param episode_days: int, d, default 365, at least 1, at most 3650: an episode with the team whose end is not recorded is
//   over so long after the referral; own proposal
// param teams: list, default all: units that patients are referred to; all: every unit of the kind team
// param municipalities: list, default served: numbers of the municipalities whose residents count; served: those in the
//   catchment of a hospital, all where no catchment was loaded
// returns patient_id: id: the patient
// returns unit: unit: where the patient is
// returns unit_name: text: its name
// returns department: unit: the department that it is part of, within its clinic; itself where there is none
// returns department_name: text: its name
// returns clinic: unit: the clinic that it is part of
// returns clinic_name: text: its name
// returns stay_id: id: the stay
// returns admitted_at: time: when it began
// returns days_in_hospital: days: since then, to the end of the day
// returns criteria: list: which hold: older_two_stays, three_stays, both_kinds_of_care, score
// returns n_acute_stays: count: acute stays in the time before, this one included
// returns age: count, year: age reached in the year
// returns sex: text: recorded sex
// returns municipality_code: text: where the patient lives
// returns municipality_name: text: its name
// returns last_referred_at: time: latest earlier referral to the team, whose episode is over; empty without one
// among: patients_in_hospital
// needs: patients, units, contacts, referrals
// parts: named_units, stays_under_way, municipality_names, in_both_kinds_of_care, team_referrals, served_municipalities,
//   residences_over_time, scored_patients
// key: patient_id
// levels: hospital, psychiatry
// source: docs/definitions.md#never-referred
// version: 3
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
WITH p, s
MATCH (p)-[:HAD_STAY]->(a:Stay)
WHERE a.is_acute_first AND a.started_s < $as_of_s
  AND a.started_s >= $as_of_s - $within_days * 86400 OR a.stay_id = s.stay_id
// The fold leaves out whom the team knows, who said no, and who lives elsewhere.
RETURN p.patient_id AS patient_id, p.birth_year AS birth_year, p.sex AS sex, p.died_day AS died_day,
       s.stay_id AS stay_id, s.started_s AS started_s, s.started_at AS started_at, s.ended_s AS ended_s,
       s.ended_dead AS ended_dead, count(CASE WHEN a.is_acute_first AND a.started_s < $as_of_s
         AND a.started_s >= $as_of_s - $within_days * 86400 THEN 1 END) AS n_acute_stays
