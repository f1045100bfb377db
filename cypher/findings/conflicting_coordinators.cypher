// title.en: Patients with two coordinators at one level
// title.nb: Pasienter med to koordinatorer på samme nivå
// title.nn: Pasientar med to koordinatorar på same nivå
// question.en: Which patients have two coordinators of one kind at the same level?
// question.nb: Hvilke pasienter har to koordinatorer av samme slag på samme nivå?
// question.nn: Kva pasientar har to koordinatorar av same slag på same nivå?
// returns patient_id: id: the patient
// returns duty_level: text: level at which they hold the role: specialist or municipal
// returns kind: text: coordinator or plan_coordinator
// returns coordinators: list: professionals and units that hold it and are not each other's unit
// returns since: date: when the second of them began; empty where a beginning is not recorded
// among: patients_with_coordinator_ever
// needs: patients, units, roles
// parts: places
// key: patient_id, duty_level, kind
// legal: https://www.helsedirektoratet.no/veiledere/rehabilitering-habilitering-individuell-plan-og-koordinator/individuell-plan-og-koordinator/om-individuell-plan-og-koordinator-formal-og-rettigheter
// source: docs/definitions.md#conflicting-coordinators
// version: 1
MATCH (h:Professional)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
// The fold adds where the holders stand.
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
