// why: who had been referred to a team and was still followed by it on the day of a discharge
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)-[:TO_UNIT]->(u:Unit)
WHERE u.kind = 'team' AND r.sent_s < $as_of_s
RETURN p.patient_id AS patient_id, r.sent_at AS sent_at, r.closed_at AS closed_at
