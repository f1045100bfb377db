// title.en: Patients with a contact in the period
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (u:Unit)
// The fold counts the patients of cypher/parts/visits.cypher who came to these units.
RETURN u.unit_id AS unit_id, u.level AS level
