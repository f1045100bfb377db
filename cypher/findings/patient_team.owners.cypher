// why: a plan may have several ownerships, of professionals and of units
MATCH (p:Patient)-[:HAS_PLAN]->(n:Plan)-[o:OWNED_BY]->(h:Professional)
WHERE p.patient_id = $patient
RETURN n.plan_id AS subject, 'plan_owner' AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       o.valid_from_day AS valid_from_day, o.valid_to_day AS valid_to_day
UNION ALL
MATCH (p:Patient)-[:HAS_PLAN]->(n:Plan)-[o:OWNED_BY]->(u:Unit)
WHERE p.patient_id = $patient
RETURN n.plan_id AS subject, 'plan_owner' AS kind, 'unit' AS holder_kind, u.unit_id AS holder_id,
       o.valid_from_day AS valid_from_day, o.valid_to_day AS valid_to_day
