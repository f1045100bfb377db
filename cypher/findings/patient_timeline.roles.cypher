// why: who was what for the patient
MATCH (h)-[r:COORDINATES|CONTACT_PHYSICIAN_FOR|GP_FOR|PRIMARY_CONTACT_FOR]->(p:Patient)
WHERE p.patient_id = $patient
RETURN h.professional_id AS professional_id, h.unit_id AS unit_id, r.kind AS kind,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
