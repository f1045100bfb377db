// why: referrals to units of the kind team, or to units that were named, and where they came from
MATCH (p:Patient)-[:WAS_REFERRED]->(r:Referral)-[:TO_UNIT]->(t:Unit)
WHERE r.sent_s < $as_of_s
  AND ('all' IN $teams AND t.kind = 'team' OR t.unit_id IN $teams)
OPTIONAL MATCH (r)-[:FROM_UNIT]->(f:Unit)
RETURN p.patient_id AS patient_id, r.referral_id AS referral_id, r.sent_s AS sent_s, r.sent_at AS sent_at,
       r.assessed_s AS assessed_s, r.assessed_at AS assessed_at, r.outcome AS outcome,
       r.first_meeting_s AS first_meeting_s, r.closed_s AS closed_s,
       r.referrer_type AS referrer_type, r.initiator AS initiator, r.reason AS reason,
       t.unit_id AS to_unit, f.unit_id AS from_unit, f.level AS from_level
