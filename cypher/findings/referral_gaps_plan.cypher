// title.en: Referrals against the plan
// title.nb: Henvisninger mot planen
// title.nn: Tilvisingar mot planen
// question.en: Which clinics send the team fewer referrals than the plan says?
// question.nb: Hvilke klinikker sender teamet færre henvisninger enn planen sier?
// question.nn: Kva klinikkar sender teamet færre tilvisingar enn planen seier?
// param period: text, default latest: period of the plan: 2025, 2025-Q1 or 2025-01; latest: the last one that is over
// param measure: text, default referrals_to_teams: what the plan's numbers are about, as the table of expectations says
// param counts_asked: boolean, default false: referrals that the team asked for count as the clinic's own
// param teams: list, default all: units that patients are referred to; all: every unit of the kind team
// param true_ratio: number, default 0.5, at least 0, at most 0.99: of the expected number; how likely the test is to notice
//   that no more were sent
// returns unit: unit: clinic, or other unit, that the plan covers
// returns unit_name: text: its name
// returns period: text: of the plan
// returns basis: text: absolute, a number of referrals, or share, a part of those from all units of the plan
// returns planned: share: the plan's number
// returns n_patients: persons: patients whom it referred, by itself or asked by the team
// returns n_referrals: count, of n_patients: referrals that it sent, eligible patients or not
// returns n_asked_by_team: count, of n_patients: further referrals, which the team asked for
// returns expected: share, of n_patients: referrals expected of it
// returns gap: share, of n_patients: referrals by which n_referrals falls short of that
// returns gap_low: share, of n_patients: the same, had it sent all those whose sender is not recorded
// returns gap_high: share, of n_patients: the same, had it sent none of them
// returns observed_to_expected: share, of n_patients: n_referrals to expected
// returns ratio_low: share, of n_patients: lower bound of its 95 % interval
// returns ratio_high: share, of n_patients: upper bound
// returns p_value: share, of n_patients: of the exact test; given all referrals of the plan's units where it plans shares
// returns adjusted_p_value: share, of n_patients: the same, for all units of the table together
// returns power: share, of n_patients: chance that the test notices it when true_ratio times the expected number are sent
// returns reason: text: why nothing is compared: nothing_expected, nothing_observed, share_unknown or one_unit
// among: team_referrals_in_plan
// needs: patients, units, contacts, referrals, expectations
// parts: named_units, team_referrals
// key: unit
// levels: hospital, psychiatry
// source: docs/definitions.md#referrals-against-the-plan
// version: 2
MATCH (u:Unit)-[:HAS_EXPECTATION]->(x:Expectation)
WHERE x.measure = $measure
RETURN u.unit_id AS unit_id, x.period AS period, x.expected AS planned, x.basis AS basis
