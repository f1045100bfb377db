// title.en: Referrals over time
// title.nb: Henvisninger over tid
// title.nn: Tilvisingar over tid
// question.en: In which periods were fewer of the patients who may need the team referred than chance explains?
// question.nb: I hvilke perioder ble færre av pasientene som kan ha behov for teamet, henvist enn tilfeldigheter forklarer?
// question.nn: I kva periodar vart færre av pasientane som kan ha behov for teamet, viste dit enn tilfelle forklarer?
// param by: text, default all, one of all|clinic|hospital|municipality: what the patients are divided by: where they
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
// returns period: text: calendar month, quarter or year in which the criteria were met
// returns n_departments: count, of n_in_all: departments, or wards without one, with such patients; empty where the rows are something else
// returns n_in_all: persons: patients of the unit who count, in all periods together
// returns n_eligible: persons, of n_in_all: those of them who met the criteria in this period
// returns n_referred: persons, of n_eligible: those of them who were referred in time, by anybody
// returns share: share, of n_referred|n_eligible: n_referred to n_eligible
// returns centre: share, of n_referred|n_eligible: share of the first baseline_periods
// returns limit_low: share, of n_referred|n_eligible: least share inside the limits of chance around that
// returns limit_high: share, of n_referred|n_eligible: greatest share inside them
// returns position: text, of n_referred|n_eligible: below, inside or above
// returns is_signal: boolean, of n_referred|n_eligible: a fall that lasts is signalled in this period
// returns reason: text: why nothing is compared: nobody_eligible
// among: eligible_patients_counted
// needs: patients, units, contacts, referrals
// parts: named_units
// key: by_value, period
// margins: by_value, period
// within: by_value, hospital
// repeated: n_in_all, n_departments
// least: n_departments
// levels: hospital, psychiatry
// source: docs/definitions.md#referrals-over-time
// version: 2
MATCH (m:Municipality)
// The fold takes the patients from the finding eligible_patients.
RETURN m.municipality_code AS municipality_code, m.name AS name
