// why: who coordinated and who was contact physician on the day of a discharge
MATCH (h:Professional)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
RETURN p.patient_id AS subject, 'coordinator' AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
RETURN p.patient_id AS subject, 'coordinator' AS kind, 'unit' AS holder_kind, u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (h:Professional)-[r:CONTACT_PHYSICIAN_FOR]->(p:Patient)
RETURN p.patient_id AS subject, 'contact_physician' AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:CONTACT_PHYSICIAN_FOR]->(p:Patient)
RETURN p.patient_id AS subject, 'contact_physician' AS kind, 'unit' AS holder_kind,
       u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
