// title.en: Referrals to the team sent in the period and rejected
// returns n: count: referrals
// needs: referrals
// version: 1
MATCH (r:Referral)-[:TO_UNIT]->(t:Unit)
WHERE r.sent_s < $as_of_s AND r.sent_s >= $as_of_s - ($period_days + 1) * 86400
  AND ('all' IN $teams AND t.kind = 'team' OR t.unit_id IN $teams)
  AND r.outcome = 'rejected' AND r.assessed_s < $as_of_s
// A day longer: an hour may be missing where summer time begins. The fold goes by the local day.
RETURN r.sent_at AS sent_at
