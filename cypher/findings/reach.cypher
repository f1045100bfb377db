// title.en: Who is reached by the team
// title.nb: Hvem teamet når
// title.nn: Kven teamet når
// question.en: Which share of the patients who may need the team is referred, by age and municipality?
// question.nb: Hvor stor andel av pasientene som kan ha behov for teamet, blir henvist, etter alder og kommune?
// question.nn: Kor stor del av pasientane som kan ha behov for teamet, blir viste dit, etter alder og kommune?
// param by: text, default age, one of age|municipality|sex|age_and_municipality: what the patients are divided by
// param period_days: int, d, default 1095, at least 30, at most 3650: a patient's first moment in a stay, on one of this
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
// returns age_group: text: age reached in the year; empty where it is not recorded or not asked for
// returns sex: text: recorded sex; empty where it is not recorded or not asked for
// returns municipality_code: text: where the patients lived; empty where it is not recorded or not asked for
// returns municipality_name: text: its name
// returns n_eligible: persons: patients who count
// returns n_referred: persons, of n_eligible: those of them who were referred in time, by anybody
// returns share: share, of n_referred|n_eligible: n_referred to n_eligible
// returns share_low: share, of n_referred|n_eligible: lower bound of its 95 % interval
// returns share_high: share, of n_referred|n_eligible: upper bound
// among: eligible_patients_counted
// needs: patients, units, contacts, referrals
// key: age_group, sex, municipality_code
// within: age_group
// within: municipality_code
// levels: hospital, psychiatry
// source: docs/definitions.md#reach
// version: 1
MATCH (m:Municipality)
// The fold takes the patients from the finding eligible_patients.
RETURN m.municipality_code AS municipality_code, m.name AS name
