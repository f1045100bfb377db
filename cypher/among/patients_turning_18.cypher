// title.en: Patients alive who turn 18 within 12 months
// returns n: persons: patients
// needs: patients
// version: 1
MATCH (p:Patient)
WHERE p.birth_year >= 1950 + $as_of_day / 365.2425 AND p.birth_year <= 1954 + $as_of_day / 365.2425
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(d:Stay) WHERE d.ended_dead AND d.ended_s < $as_of_s }
RETURN p.birth_year AS birth_year, count(p.patient_id) AS n
