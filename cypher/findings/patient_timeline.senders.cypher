// why: a referral has two units, which its other relationship does not tell apart
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)-[:FROM_UNIT]->(u:Unit)
WHERE p.patient_id = $patient AND r.sent_s < $as_of_s
RETURN r.referral_id AS referral_id, u.unit_id AS unit_id
