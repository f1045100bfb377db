// why: how old patients are, and which had died
MATCH (p:Patient)
RETURN p.patient_id AS patient_id, p.birth_year AS birth_year, p.died_day AS died_day
