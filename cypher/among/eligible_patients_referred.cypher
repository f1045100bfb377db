// title.en: Patients who may need the team and were referred in the time looked at
// returns n: persons: patients
// needs: contacts, referrals
// version: 1
MATCH (m:Municipality)
// The fold takes the patients from the finding eligible_patients.
RETURN count(m) AS n
