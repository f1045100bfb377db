// why: units of stays and referrals; statuses, revisions and owners of plans
MATCH (p:Patient)-[:HAD_STAY|HAS_PLAN|WAS_REFERRED]->(x)
      -[r:DISCHARGED_FROM|HAD_STATUS|HAD_REVISION|OWNED_BY|TO_UNIT]->(y)
WHERE p.patient_id = $patient
RETURN x.stay_id AS stay_id, x.plan_id AS plan_id, x.referral_id AS referral_id,
       y.unit_id AS unit_id, y.professional_id AS professional_id,
       y.status AS status, y.valid_from_day AS status_from_day, y.revised_day AS revised_day,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
