// title.en: Referrals against the capacity
// title.nb: Henvisninger mot kapasiteten
// title.nn: Tilvisingar mot kapasiteten
// question.en: How much of what the teams can take is used, and what would closing the referral gap ask of them?
// question.nb: Hvor mye av det teamene kan ta imot, er brukt, og hva ville det kreve av dem å lukke henvisningsgapet?
// question.nn: Kor mykje av det teama kan ta imot, er brukt, og kva ville det krevje av dei å lukke tilvisingsgapet?
// param capacity_per_year: number, at least 1, at most 1000000: referrals that the teams together can take in a year
// param consultations: number, at least 0, at most 10000000: consultations that the teams together had in the period
// param period_days: int, d, default 365, at least 30, at most 3650: referrals sent, and patients who met the criteria, on one of
//   this many days up to the day asked about
// param basis: text, default standardised, one of trust_mean|standardised: what is expected: the share referred among everybody
//   else's patients, or that share within the same strata
// param strata: list, default age|sex|acute_stays|both_kinds|municipality_group|diagnosis_group, one of
//   age|sex|acute_stays|both_kinds|municipality_group|diagnosis_group: what divides the patients where the basis is
//   standardised, the most important first
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
// returns from_on: date: first day of the period
// returns to_on: date: its last day
// returns n_patients: persons: patients referred in the period, by anybody
// returns n_referrals: count: their referrals, of eligible patients or not
// returns capacity: share: referrals that the teams can take in the period
// returns utilisation: share: n_referrals to capacity
// returns consultations: share: consultations in the period, as given
// returns per_referral: share: consultations to n_referrals
// returns n_short: count: eligible patients by whom the clinics below what is expected of them fall short of it, to the nearest five
// returns consultations_short: share: consultations that these would ask for, at per_referral each
// returns utilisation_closed: share: n_referrals and n_short together, to capacity
// among: team_referrals_in_period
// needs: patients, units, contacts, referrals
// key: from_on
// levels: hospital, psychiatry
// source: docs/definitions.md#referrals-against-the-capacity
// version: 3
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)-[:TO_UNIT]->(t:Unit)
WHERE r.sent_s < $as_of_s AND r.sent_s >= $as_of_s - ($period_days + 1) * 86400
  AND ('all' IN $teams AND t.kind = 'team' OR t.unit_id IN $teams)
// A day longer: an hour may be missing where summer time begins. The fold goes by the local day.
RETURN p.patient_id AS patient_id, r.referral_id AS referral_id, r.sent_at AS sent_at
