// title.en: Patients whose coordinator has left without a successor
// title.nb: Pasienter som har mistet koordinatoren uten å få en ny
// title.nn: Pasientar som har mista koordinatoren utan å få ein ny
// question.en: Which patients had a coordinator who is gone, and nobody in the place?
// question.nb: Hvilke pasienter hadde en koordinator som er borte, uten at noen har overtatt?
// question.nn: Kva pasientar hadde ein koordinator som er borte, utan at nokon har teke over?
// param within_days: int, d, default 365, at least 1, at most 36600: days before the day within which the
//   role ended (own choice)
// returns patient_id: id: the patient
// returns duty_level: text: level at which the role was held: specialist or municipal
// returns reason: text: role_ended, holder_left (employment ended) or unit_closed
// returns ended_on: date: first day without the coordinator
// returns days_without: days, d: from that day
// returns need_status: text: latest assessment: needs, unknown or not_assessed
// returns last_holder: id: professional or unit that held the role last
// returns unit: unit: where the holder stood; empty where that is not known
// returns unit_name: text: its name
// among: patients_with_coordinator_ever
// needs: patients, units, roles
// parts: places
// key: patient_id, duty_level
// legal: https://www.helsedirektoratet.no/veiledere/rehabilitering-habilitering-individuell-plan-og-koordinator/individuell-plan-og-koordinator/om-individuell-plan-og-koordinator-formal-og-rettigheter
// source: docs/definitions.md#ended-coordinator
// version: 1
MATCH (h:Professional)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
// The fold adds where the holders stood, and the assessments.
RETURN p.patient_id AS subject, r.kind AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
RETURN p.patient_id AS subject, r.kind AS kind, 'unit' AS holder_kind, u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
