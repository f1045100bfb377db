// why: of a residence that began or ended in the period, the contacts of who lived there
MATCH (m:Municipality)<-[l:LIVES_IN]-(p:Patient)
WHERE l.valid_from_day > $as_of_day - $period_days + 1 OR l.valid_to_day <= $as_of_day
// Few patients: a condition on the contacts would make LadybugDB read those of everybody.
MATCH (p)-[:HAD]->(c:Contact)
RETURN m.municipality_code AS from_id, p.patient_id AS patient_id, c.unit_id AS to_id,
       c.started_day AS started_day, c.has_children AS has_children,
       l.valid_from_day AS valid_from_day, l.valid_to_day AS valid_to_day
