// why: the patients of a unit's parts are counted once for the unit
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.started_s < $as_of_s AND c.started_day > $as_of_day - $within_days
RETURN p.patient_id AS patient_id, c.unit_id AS unit_id,
       // What an admission holds is counted, not the admission too.
       count(CASE WHEN NOT c.has_children THEN 1 END) AS n_contacts
