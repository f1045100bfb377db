// title.en: Referral gaps among eligible patients
// title.nb: Henvisningsgap blant aktuelle pasienter
// title.nn: Tilvisingsgap blant aktuelle pasientar
// question.en: Where are fewer of the patients who may need the team referred to it than expected?
// question.nb: Hvor blir færre av pasientene som kan ha behov for teamet, henvist dit enn forventet?
// question.nn: Kvar blir færre av pasientane som kan ha behov for teamet, viste dit enn forventa?
// param by: text, default clinic, one of clinic|department|hospital|municipality|referrer_type: what the patients are divided by:
//   where they were discharged from or are, where they lived, or who referred them; a department is a ward where the ward has none
// param basis: text, default standardised, one of trust_mean|standardised: what is expected: the share referred among everybody
//   else's patients, or that share within the same strata
// param strata: list, default age|sex|acute_stays|both_kinds|municipality_group|diagnosis_group, one of
//   age|sex|acute_stays|both_kinds|municipality_group|diagnosis_group: what divides the patients where the basis is
//   standardised, the most important first
// param true_ratio: number, default 0.5, at least 0, at most 0.99: of the expected number; how likely the test is to notice
//   that no more were referred
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
// returns by_value: text: id of the unit, number of the municipality, or who referred; empty where it is not recorded
// returns name: text: its name
// returns clinic: unit: the clinic that a department is part of; empty where the rows are something else
// returns clinic_name: text: its name
// returns hospital: unit: the hospital that a clinic or department is part of, or what stands at the top; empty where the rows are something else
// returns hospital_name: text: its name
// returns n_departments: count, of n_eligible: departments, or wards without one, with such patients; empty where the rows are something else
// returns n_eligible: persons: patients who count
// returns n_referred: persons, of n_eligible: those of them who were referred in time, by anybody
// returns n_not_referred: count, of n_referred|n_eligible: patients who were not
// returns n_by_clinic: persons, of n_referred: by the clinic itself, on its own initiative
// returns n_asked_by_team: persons, of n_referred: by the clinic, because the team asked
// returns n_by_others: persons, of n_referred: by another clinic, a GP, a municipal service, the patient, a relative or others
// returns n_sender_unknown: persons, of n_referred: by somebody who is not recorded
// returns n_competing: persons, of n_eligible: those who died or moved in the time for a referral, without one
// returns share: share, of n_referred|n_eligible: n_referred to n_eligible
// returns expected: share, of n_referred|n_eligible: patients expected to be referred
// returns gap: share, of n_referred|n_eligible: patients by whom n_referred falls short of that
// returns observed_to_expected: share, of n_referred|n_eligible: n_referred to expected
// returns ratio_low: share, of n_referred|n_eligible: lower bound of its 95 % interval
// returns ratio_high: share, of n_referred|n_eligible: upper bound
// returns p_value: share, of n_referred|n_eligible: of the exact test against everybody else's patients, within the same strata
// returns adjusted_p_value: share, of n_referred|n_eligible: the same, for all groups of the table together
// returns shrunk_ratio: share, of n_referred|n_eligible: observed_to_expected, drawn towards that of all groups together
// returns position: text, of n_referred|n_eligible: in the funnel: below_998, below_95, inside, above_95 or above_998
// returns power: share, of n_referred|n_eligible: chance that the test notices it when true_ratio times the expected number are referred
// returns n_coarser: count, of n_eligible: patients who have nobody like them elsewhere; compared in a wider stratum
// returns reason: text: why nothing is compared: nobody_eligible, nothing_expected, no_other_unit or not_a_place
// among: eligible_patients_counted
// needs: patients, units, contacts, referrals
// parts: named_units, served_municipalities
// key: by_value
// within: clinic, hospital
// least: n_departments
// sum: n_referred = n_by_clinic + n_asked_by_team + n_by_others + n_sender_unknown
// levels: hospital, psychiatry
// source: docs/definitions.md#referral-gaps
// version: 6
MATCH (m:Municipality)
// The fold takes the patients from the finding eligible_patients.
RETURN m.municipality_code AS municipality_code, m.name AS name, m.population AS population
