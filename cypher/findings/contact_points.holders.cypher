// why: a professional or a unit may answer for a municipality
MATCH (h:Professional)-[r:CONTACT_POINT_FOR]->(m:Municipality)
RETURN m.municipality_code AS subject, 'professional' AS holder_kind, h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:CONTACT_POINT_FOR]->(m:Municipality)
RETURN m.municipality_code AS subject, 'unit' AS holder_kind, u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
