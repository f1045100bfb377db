// title.en: Trend of the referrals
// title.nb: Utvikling i henvisningene
// title.nn: Utvikling i tilvisingane
// question.en: Where does the share of the patients who are referred to the team rise or fall?
// question.nb: Hvor stiger eller synker andelen av pasientene som blir henvist til teamet?
// question.nn: Kvar stig eller søkk delen av pasientane som blir viste til teamet?
// param by: text, default clinic, one of all|clinic|hospital|municipality: what the patients are divided by: where they
//   were discharged from or are, or where they lived; all: nothing
// param step: text, default quarter, one of month|quarter|year: length of the calendar periods
// param baseline_periods: int, default 4, at least 1, at most 120: first periods with anybody who counts, from which the share
//   without a change is taken; own proposal
// param fall: number, default 0.5, at least 0.05, at most 0.95: ratio of the odds of being referred, the lasting fall that is
//   looked for
// param false_signals: number, default 0.05, at least 0.001, at most 0.5: largest probability of a signal over all periods of a
//   unit without any change
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
// returns by_value: text: id of the unit, number of the municipality, or all; empty where it is not recorded
// returns name: text: its name
// returns hospital: unit: the hospital that a clinic is part of, or what stands at the top; empty where the rows are something else
// returns hospital_name: text: its name
// returns n_departments: count, of n_eligible: departments, or wards without one, with such patients; empty where the rows are something else
// returns n_eligible: persons: patients who count
// returns n_referred: persons, of n_eligible: those of them who were referred in time, by anybody
// returns share: share, of n_referred|n_eligible: n_referred to n_eligible
// returns ratio_per_year: share, of n_referred|n_eligible: factor by which the share referred changes in a year
// returns ratio_low: share, of n_referred|n_eligible: lower bound of its 95 % interval
// returns ratio_high: share, of n_referred|n_eligible: upper bound
// returns p_value: share, of n_referred|n_eligible: of no change over the periods
// returns adjusted_p_value: share, of n_referred|n_eligible: the same, for all groups of the table together
// returns n_periods: count, of n_referred|n_eligible: periods with anybody who counts
// returns n_below: count, of n_referred|n_eligible: periods below the limits of chance
// returns n_above: count, of n_referred|n_eligible: periods above them
// returns n_signals: count, of n_referred|n_eligible: periods in which a fall that lasts is signalled
// returns last_signal: text, of n_referred|n_eligible: the last of these; empty without one
// returns reason: text, of n_referred|n_eligible: why there is no trend: too_few_months (one period only), nothing_observed, or
//   all_in_first_or_last_month (the factor has no bound)
// among: eligible_patients_counted
// needs: patients, units, contacts, referrals
// parts: named_units
// key: by_value
// within: hospital
// least: n_departments
// levels: hospital, psychiatry
// source: docs/definitions.md#referrals-over-time
// version: 2
MATCH (m:Municipality)
// The fold takes the patients from the finding eligible_patients.
RETURN m.municipality_code AS municipality_code, m.name AS name
