// why: who has been referred to and has not closed the episode is part of the team
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)-[:TO_UNIT]->(u:Unit)
WHERE p.patient_id = $patient AND r.sent_s < $as_of_s
  AND (r.closed_s IS NULL OR r.closed_s >= $as_of_s)
RETURN r.referral_id AS referral_id, r.sent_at AS sent_at, u.unit_id AS unit_id,
       u.name AS unit_name, u.level AS level
