// why: a plan may have several ownerships, of professionals and of units
MATCH (n:Plan)-[o:OWNED_BY]->(h:Professional)
RETURN n.plan_id AS subject, 'professional' AS holder_kind, h.professional_id AS holder_id,
       o.valid_from_day AS valid_from_day, o.valid_to_day AS valid_to_day
UNION ALL
MATCH (n:Plan)-[o:OWNED_BY]->(u:Unit)
RETURN n.plan_id AS subject, 'unit' AS holder_kind, u.unit_id AS holder_id,
       o.valid_from_day AS valid_from_day, o.valid_to_day AS valid_to_day
