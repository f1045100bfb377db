// why: contact physicians and contact psychologists that are persons
MATCH (h:Professional)-[r:CONTACT_PHYSICIAN_FOR]->(p:Patient)
WHERE r.valid_from_day IS NULL OR r.valid_from_day <= $as_of_day
RETURN p.patient_id AS patient_id, h.professional_id AS professional_id,
       r.valid_from_day AS from_day, r.valid_to_day AS to_day
