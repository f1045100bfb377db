// title.en: Funnel of the referral gaps
// title.nb: Trakt for henvisningsgapene
// title.nn: Trakt for tilvisingsgapa
// question.en: Which units lie outside what chance explains around the expected number of referred patients?
// question.nb: Hvilke enheter ligger utenfor det tilfeldigheter forklarer rundt forventet antall henviste pasienter?
// question.nn: Kva einingar ligg utanfor det tilfelle forklarer rundt forventa tal på tilviste pasientar?
// param by: text, default clinic, one of clinic|hospital|municipality: what the patients are divided by: where they
//   were discharged from or are, or where they lived
// param basis: text, default standardised, one of trust_mean|standardised: what is expected: the share referred among everybody
//   else's patients, or that share within the same strata
// param strata: list, default age|sex|acute_stays|both_kinds|municipality_group|diagnosis_group, one of
//   age|sex|acute_stays|both_kinds|municipality_group|diagnosis_group: what divides the patients where the basis is
//   standardised, the most important first
// param overdispersion: text, default automatic, one of automatic|never: whether the limits allow for units that differ more
//   than chance explains; automatic: from 20 units on, where they do
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
// returns by_value: text: id of the unit, or number of the municipality; empty where it is not recorded
// returns name: text: its name
// returns hospital: unit: the hospital that a clinic is part of, or what stands at the top; empty where the rows are something else
// returns hospital_name: text: its name
// returns n_departments: count, of n_eligible: departments, or wards without one, with such patients; empty where the rows are something else
// returns n_eligible: persons: patients who count
// returns n_referred: persons, of n_eligible: those of them who were referred in time, by anybody
// returns expected: share, of n_referred|n_eligible: patients expected to be referred
// returns observed_to_expected: share, of n_referred|n_eligible: n_referred to expected
// returns low_998: share, of n_referred|n_eligible: lower limit of the funnel there, 99.8 %
// returns low_95: share, of n_referred|n_eligible: lower limit, 95 %
// returns high_95: share, of n_referred|n_eligible: upper limit, 95 %
// returns high_998: share, of n_referred|n_eligible: upper limit, 99.8 %
// returns position: text, of n_referred|n_eligible: below_998, below_95, inside, above_95 or above_998
// returns z: share, of n_referred|n_eligible: deviation of the square root of observed to expected, in its standard deviations
// returns z_adjusted: share, of n_referred|n_eligible: the same, with the variance between units
// returns tau2: share: variance between units that the limits allow for, on the square root; 0 without allowance
// returns reason: text: why it has no place: nobody_eligible, nothing_expected or no_other_unit
// among: eligible_patients_counted
// needs: patients, units, contacts, referrals
// key: by_value
// within: hospital
// least: n_departments
// levels: hospital, psychiatry
// source: docs/definitions.md#funnel-of-the-referral-gaps
// version: 4
MATCH (m:Municipality)
// The fold takes the patients from the finding eligible_patients.
RETURN m.municipality_code AS municipality_code, m.name AS name
