// title.en: Rejected by the team and referred again
// title.nb: Avvist av teamet og henvist på nytt
// title.nn: Avvist av teamet og vist dit på nytt
// question.en: Which patients were rejected by the team and referred to it again soon after?
// question.nb: Hvilke pasienter ble avvist av teamet og henvist dit på nytt kort tid etter?
// question.nn: Kva pasientar vart avviste av teamet og viste dit på nytt kort tid etter?
// param period_days: int, d, default 365, at least 1, at most 3650: the rejected referral was sent on one of this many days up
//   to the day asked about
// param within_days: int, d, default 90, at least 1, at most 3650: longest time from the rejection to the next referral, 24 h to
//   a day; own proposal
// param teams: list, default all: units that patients are referred to; all: every unit of the kind team
// returns patient_id: id: the patient
// returns referral_id: id: the referral that was rejected
// returns sent_at: time: when it was sent
// returns rejected_at: time: when it was rejected
// returns unit: unit: who sent it, where that is recorded
// returns unit_name: text: its name
// returns again_id: id: the next referral to the team
// returns again_at: time: when that was sent
// returns days_between: days: from the rejection to that
// returns is_same_sender: boolean: the same unit sent both; empty where one of them has no recorded sender
// returns again_outcome: text: what its assessment came to; empty where there was none by then
// among: rejected_team_referrals
// needs: patients, units, contacts, referrals
// parts: team_referrals, named_units
// key: patient_id, sent_at, referral_id
// source: docs/definitions.md#rejected-then-referred-again
// version: 2
MATCH (r:Referral)-[:TO_UNIT]->(t:Unit)
WHERE r.sent_s < $as_of_s AND r.sent_s >= $as_of_s - ($period_days + 1) * 86400
  AND ('all' IN $teams AND t.kind = 'team' OR t.unit_id IN $teams)
  AND r.outcome = 'rejected' AND r.assessed_s < $as_of_s
// A day longer: an hour may be missing where summer time begins. The fold goes by the local day.
RETURN r.referral_id AS referral_id, r.sent_at AS sent_at
