// why: referrals of those who soon turn 18 to specialist units
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)-[:TO_UNIT]->(u:Unit)
WHERE p.birth_year >= 1950 + $as_of_day / 365.2425 AND p.birth_year <= 1954 + $as_of_day / 365.2425
  AND u.level IN ['hospital', 'psychiatry'] AND coalesce(u.kind, '') <> 'team' AND r.sent_s < $as_of_s
RETURN p.patient_id AS patient_id, u.unit_id AS unit_id, r.sent_at AS sent_at
