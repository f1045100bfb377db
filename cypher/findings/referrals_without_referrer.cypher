// title.en: Referrals to the team without a sender
// title.nb: Henvisninger til teamet uten avsender
// title.nn: Tilvisingar til teamet utan avsendar
// question.en: For which referrals to the team is it not recorded who sent them?
// question.nb: For hvilke henvisninger til teamet er det ikke registrert hvem som sendte dem?
// question.nn: For kva tilvisingar til teamet er det ikkje registrert kven som sende dei?
// param period_days: int, d, default 365, at least 1, at most 3650: sent on one of this many days up to the day asked about
// param teams: list, default all: units that patients are referred to; all: every unit of the kind team
// returns patient_id: id: the patient
// returns referral_id: id: the referral
// returns sent_at: time: when it was sent
// returns unit: unit: the team
// returns unit_name: text: its name
// returns initiator: text: who took the initiative, where that is recorded
// returns outcome: text: what the assessment came to; empty where there was none by then
// among: team_referrals_in_period
// needs: patients, units, contacts, referrals
// key: patient_id, sent_at, referral_id
// source: docs/definitions.md#referrals-without-a-sender
// version: 1
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)-[:TO_UNIT]->(t:Unit)
WHERE r.sent_s < $as_of_s AND r.sent_s >= $as_of_s - ($period_days + 1) * 86400
  AND ('all' IN $teams AND t.kind = 'team' OR t.unit_id IN $teams)
  AND r.referrer_type IS NULL AND NOT EXISTS { MATCH (r)-[:FROM_UNIT]->(f:Unit) }
// A day longer: an hour may be missing where summer time begins. The fold goes by the local day.
RETURN p.patient_id AS patient_id, r.referral_id AS referral_id, r.sent_at AS sent_at,
       t.unit_id AS unit, t.name AS unit_name, r.initiator AS initiator,
       CASE WHEN r.assessed_s < $as_of_s THEN r.outcome END AS outcome
