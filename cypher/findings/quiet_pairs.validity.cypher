// why: which units there are on the day
MATCH (u:Unit)
WHERE (u.valid_from_day IS NULL OR u.valid_from_day <= $as_of_day)
  AND (u.valid_to_day IS NULL OR u.valid_to_day > $as_of_day)
RETURN u.unit_id AS unit_id
