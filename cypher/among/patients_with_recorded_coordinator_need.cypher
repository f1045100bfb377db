// title.en: Patients with a recorded need of a coordinator
// returns n: persons: patients
// needs: needs
// version: 1
MATCH (d:Need)
// The fold counts the patients of the finding coordinator_waits.
RETURN count(d) AS n
