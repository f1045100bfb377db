// why: where the contact physicians work, and when
MATCH (h:Professional)-[w:WORKS_AT]->(u:Unit)
WHERE w.valid_from_day IS NULL OR w.valid_from_day <= $as_of_day
RETURN h.professional_id AS professional_id, u.unit_id AS unit_id,
       w.valid_from_day AS from_day, w.valid_to_day AS to_day
