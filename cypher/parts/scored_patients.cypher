// why: since when an assessment that the user names says that the patient needs the team
MATCH (p:Patient)-[:HAS_NEED]->(n:Need)
WHERE n.need = $score_need AND n.status = 'needs' AND n.assessed_day <= $as_of_day
RETURN p.patient_id AS patient_id, p.birth_year AS birth_year, p.sex AS sex, p.died_day AS died_day,
       n.assessed_day AS assessed_day
