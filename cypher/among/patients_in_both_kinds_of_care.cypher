// title.en: Patients alive in both somatic and psychiatric or substance treatment
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (u:Unit)
// The fold counts the rows of cypher/parts/in_both_kinds_of_care.cypher.
RETURN count(u) AS n
