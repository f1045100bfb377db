// title.en: Patients who should have a coordinator
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (u:Unit)
// The fold counts the patients of the finding coordination_need.
RETURN count(u) AS n
