// title.en: Patients with a visit in the period
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.level IN $levels
  AND NOT coalesce(c.kind, '') IN $not_visits
RETURN count(DISTINCT c.patient_id) AS n
