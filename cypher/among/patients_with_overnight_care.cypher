// title.en: Patients with overnight care in hospital, psychiatry or a municipal institution
// returns n: persons: patients
// needs: contacts
// version: 1
MATCH (p:Patient)-[:HAD_RUN]->(r:LevelRun)
WHERE r.started_s < $as_of_s
RETURN count(DISTINCT p.patient_id) AS n
