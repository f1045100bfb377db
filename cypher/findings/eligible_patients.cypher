// title.en: Patients who may need the team
// title.nb: Pasienter som kan ha behov for teamet
// title.nn: Pasientar som kan ha behov for teamet
// question.en: Who met the criteria for the patient-centred team in the period, where, and were they referred?
// question.nb: Hvem oppfylte kriteriene for pasientsentrert helsetjenesteteam i perioden, hvor, og ble de henvist?
// question.nn: Kven oppfylte kriteria for pasientsentrert helsetenesteteam i perioden, kvar, og vart dei viste til teamet?
// param period_days: int, d, default 365, at least 30, at most 3650: a patient's first moment in a stay, on one of this
//   many days up to the day asked about, at which a criterion held
// param within_days: int, d, default 365, at least 1, at most 3650: stays and contacts count that began at most this many
//   times 24 h before that moment, or at it
// param older_age: int, year, default 65, at least 0, at most 150: from this age, reached in the year, older_stays are enough
// param older_stays: int, default 2, at least 1, at most 100: acute stays at that age
// param any_age_stays: int, default 3, at least 1, at most 100: acute stays at any age
// param both_kinds: boolean, default true: contacts both somatic and in psychiatry or substance treatment are enough
// param score_need: text, default complex_needs: an assessed need of this code is enough, from the day of the assessment
// param refer_within_days: int, d, default 30, at least 0, at most 365: a referral counts that was sent between the admission
//   and so many times 24 h after the moment
// param refusal_days: int, d, default 365, at least 0, at most 3650: patients who declined the team so many times 24 h
//   before, or later, do not count
// param episode_days: int, d, default 365, at least 1, at most 3650: an episode with the team whose end is not recorded is
//   over so long after the referral; own proposal
// param teams: list, default all: units that patients are referred to; all: every unit of the kind team
// param municipalities: list, default served: numbers of the municipalities whose residents count; served: those in the
//   catchment of a hospital, all where no catchment was loaded
// returns patient_id: id: the patient
// returns eligible_at: time: the first moment in the period, during a stay, at which a criterion held
// returns status: text: counted, or why not: not_resident, open_episode, refused, or not_over (the time for a referral was
//   not over at the horizon); the first that applies
// returns criteria: list: which held: older_two_stays, three_stays, both_kinds_of_care, score
// returns n_acute_stays: count: acute stays in the time before
// returns age: count, year: age reached in that year
// returns sex: text: recorded sex
// returns municipality_code: text: where the patient lived then
// returns municipality_name: text: its name
// returns stay_id: id: stay during which it was
// returns admitted_at: time: when that began
// returns diagnosis_group: text: group of that stay's main diagnosis, of the groups that were loaded; known at its end at the latest
// returns is_in_hospital: boolean: that stay goes on
// returns unit: unit: where the patient was discharged from, or is
// returns unit_name: text: its name
// returns clinic: unit: the clinic that it is part of
// returns clinic_name: text: its name
// returns referral_id: id: the first referral in the time for it
// returns referred_at: time: when it was sent
// returns referred_by: text: own_clinic, asked_by_team (own clinic, on the team's initiative), other_clinic, gp,
//   municipal_service, patient, relative, other or not_recorded; empty without a referral
// returns days_to_referral: days: from the moment to the referral; negative where it came first
// returns competing: text: died or moved, where that came before a referral in the time for it
// among: patients_with_stay_in_period
// needs: patients, units, contacts, referrals
// parts: named_units, stays_under_way, municipality_names, both_kinds_in_stays, team_referrals, served_municipalities,
//   residences_over_time, scored_patients
// key: patient_id
// levels: hospital, psychiatry
// source: docs/definitions.md#eligible-for-the-team
// version: 5
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:DISCHARGED_FROM]->(u:Unit)
WHERE s.started_s < $as_of_s
  AND (s.ended_day IS NULL OR s.ended_day > $as_of_day - $period_days - $within_days - 1)
// The fold finds the moments; further texts say who was in both kinds of care, and give the referrals.
RETURN p.patient_id AS patient_id, p.birth_year AS birth_year, p.sex AS sex, p.died_day AS died_day,
       s.stay_id AS stay_id, s.started_s AS started_s, s.started_at AS started_at, s.ended_s AS ended_s,
       s.ended_dead AS ended_dead, s.is_acute_first AS is_acute, s.diagnosis_group AS diagnosis_group,
       u.unit_id AS unit_id
