// title.en: Readmission rates
// title.nb: Andel reinnleggelser
// title.nn: Del reinnleggingar
// question.en: How large a share of hospital stays is followed by a readmission?
// question.nb: Hvor stor andel av sykehusopphold følges av en reinnleggelse?
// question.nn: Kor stor del av sjukehusopphald blir følgde av ei reinnlegging?
// param by: text, default all, one of all|unit|month|municipality: what the index stays are divided by:
//   the unit discharged from, the month of discharge, where the patient lived when the stay began
// param age_band: int, year, default 5, at least 1, at most 150: width of the age bands by which,
//   with sex, the expected number is worked out
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
// returns by_value: text: unit, month (2026-01), municipality, or all; empty where not known
// returns name: text: name of the unit or municipality
// returns n_index: count, of n_patients: index stays that count
// returns n_patients: persons: patients with such a stay
// returns n_readmitted: count, of n_readmitted_patients|n_patients: index stays followed by a readmission
// returns n_readmitted_patients: persons, of n_patients: patients with such a stay
// returns n_readmissions: count, of n_readmitted_patients|n_patients: readmissions paired with the index stays
// returns share: share, of n_readmitted_patients|n_patients: n_readmitted to n_index
// returns share_low: share, of n_readmitted_patients|n_patients: lower bound of its 95 % interval
// returns share_high: share, of n_readmitted_patients|n_patients: upper bound
// returns n_expected: share, of n_readmitted_patients|n_patients: readmitted index stays expected from age and sex
// returns observed_to_expected: share, of n_readmitted_patients|n_patients: n_readmitted to n_expected
// returns ratio_low: share, of n_readmitted_patients|n_patients: lower bound of its 95 % interval
// returns ratio_high: share, of n_readmitted_patients|n_patients: upper bound
// returns adjusted_share: share, of n_readmitted_patients|n_patients: observed_to_expected times the
//   share of all index stays
// among: eligible_index_stays
// needs: patients, units, contacts
// key: by_value
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
// source: docs/definitions.md#readmission-rate
// version: 1
MATCH (m:Municipality)
// The names alone: the fold works the rates out from the finding readmission_index.
RETURN m.municipality_code AS municipality_code, m.name AS name
