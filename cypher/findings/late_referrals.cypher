// title.en: Late referrals to the team
// title.nb: Sene henvisninger til teamet
// title.nn: Seine tilvisingar til teamet
// question.en: Which patients were referred to the team long after they first met the criteria?
// question.nb: Hvilke pasienter ble henvist til teamet lenge etter at de først oppfylte kriteriene?
// question.nn: Kva pasientar vart viste til teamet lenge etter at dei først oppfylte kriteria?
// param late_after_days: int, d, default 30, at least 0, at most 365: a referral more than so many times 24 h after the moment
//   is late; own proposal
// param period_days: int, d, default 365, at least 30, at most 3650: a patient's first moment in a stay, on one of this
//   many days up to the day asked about, at which a criterion held
// param within_days: int, d, default 365, at least 1, at most 3650: stays and contacts count that began at most this many
//   times 24 h before that moment, or at it
// param older_age: int, year, default 65, at least 0, at most 150: from this age, reached in the year, older_stays are enough
// param older_stays: int, default 2, at least 1, at most 100: acute stays at that age
// param any_age_stays: int, default 3, at least 1, at most 100: acute stays at any age
// param both_kinds: boolean, default true: contacts both somatic and in psychiatry or substance treatment are enough
// param score_need: text, default complex_needs: an assessed need of this code is enough, from the day of the assessment
// param refer_within_days: int, d, default 365, at least 0, at most 365: a referral counts that was sent between the admission
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
// returns referred_at: time: when the first referral after it was sent
// returns days_to_referral: days: from the one to the other
// returns referred_by: text: own_clinic, asked_by_team (own clinic, on the team's initiative), other_clinic, gp,
//   municipal_service, patient, relative, other or not_recorded
// returns criteria: list: which held: older_two_stays, three_stays, both_kinds_of_care, score
// returns unit: unit: where the patient was discharged from, or is
// returns unit_name: text: its name
// returns clinic: unit: the clinic that it is part of
// returns clinic_name: text: its name
// returns municipality_code: text: where the patient lived then
// returns municipality_name: text: its name
// returns referral_id: id: the referral
// among: eligible_patients_referred
// needs: patients, units, contacts, referrals
// key: patient_id
// levels: hospital, psychiatry
// source: docs/definitions.md#late-referrals
// version: 1
MATCH (m:Municipality)
// The fold takes the patients from the finding eligible_patients.
RETURN count(m) AS n
