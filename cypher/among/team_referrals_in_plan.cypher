// title.en: Referrals to the team in the period, from anybody
// returns n: count: referrals
// needs: referrals
// version: 1
MATCH (u:Unit)-[:HAS_EXPECTATION]->(x:Expectation)
WHERE x.measure = $measure
// The fold counts the referrals of the part team_referrals in the plan's period.
RETURN u.unit_id AS unit_id, x.period AS period, x.expected AS planned, x.basis AS basis
