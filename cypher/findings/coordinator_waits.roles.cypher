// why: the wait is over on the first day with a coordinator, at any level
MATCH (h)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
  AND (r.valid_from_day IS NULL OR r.valid_from_day <= $as_of_day)
RETURN p.patient_id AS patient_id, r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
