// why: whoever lived in one place all the time had every contact there; the contacts need not be looked at
MATCH (m:Municipality)<-[l:LIVES_IN]-(p:Patient)
WHERE (l.valid_from_day IS NULL OR l.valid_from_day <= $as_of_day - $period_days + 1)
  AND (l.valid_to_day IS NULL OR l.valid_to_day > $as_of_day)
RETURN p.patient_id AS patient_id, m.municipality_code AS from_id
