// title.en: Referrals sent in the period
// returns n: count: referrals
// needs: referrals
// version: 1
MATCH (r:Referral)
WHERE r.sent_s < $as_of_s AND r.sent_s >= $as_of_s - ($period_days + 1) * 86400
// The fold goes by the local day.
RETURN r.sent_at AS sent_at
