// title.en: Waits for a coordinator
// title.nb: Ventetid på koordinator
// title.nn: Ventetid på koordinator
// question.en: How long did each patient with a recorded need wait for a coordinator, and how did it end?
// question.nb: Hvor lenge ventet hver pasient med registrert behov på koordinator, og hvordan endte det?
// question.nn: Kor lenge venta kvar pasient med registrert behov på koordinator, og korleis enda det?
// returns patient_id: id: the patient
// returns assessed_on: date: first assessment of the need, of those that no other finding has come after
// returns municipality_code: text: where the patient lived on that day
// returns status: text: appointed, died, moved (to another municipality) or waiting; the first that came
// returns ended_on: date: day of it; empty while waiting
// returns days: days, d: from the assessment to that day, or so far
// among: patients_with_recorded_coordinator_need
// needs: patients, needs, roles
// key: patient_id
// source: docs/definitions.md#late-coordinator
// version: 1
MATCH (p:Patient)-[:HAS_NEED]->(n:Need)
WHERE n.need = 'coordinator' AND n.assessed_day <= $as_of_day
// The fold finds the first assessment of the need, and what came first after it.
RETURN p.patient_id AS patient_id, n.status AS status, n.assessed_day AS assessed_day,
       CASE WHEN p.died_day <= $as_of_day THEN p.died_day END AS died_day
