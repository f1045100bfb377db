// title.en: Patients without an individual plan
// title.nb: Pasienter som mangler individuell plan
// title.nn: Pasientar som manglar individuell plan
// question.en: Which patients who should have an individual plan have no active one?
// question.nb: Hvilke pasienter som bør ha individuell plan, har ingen aktiv?
// question.nn: Kva pasientar som bør ha individuell plan, har ingen aktiv?
// param service_days: int, d, default 365, at least 1, at most 3660: days up to the day within which contacts
//   count (own choice)
// param min_dates: int, default 3, at least 1, at most 1000: fewest days with contacts at a clinic (own choice)
// param min_span_d: int, d, default 90, at least 0, at most 3660: shortest time from the first of them to
//   the last (own choice)
// param min_overlap_d: int, d, default 90, at least 0, at most 3660: shortest time for which the clinic and
//   the other service overlap (own choice)
// param municipal_kinds: list, default 3|15|18|19|20|21: municipal services that count, IPLOS codes (own choice)
// param plan_kinds: list, default individual_plan: kinds of plan that count
// returns patient_id: id: the patient
// returns basis: text: recorded_need (of a plan), coordinator_need (recorded need of a coordinator) or proxy
//   (the services used in the last service_days)
// returns since: date: day of the assessment, or the first day on which two services overlapped
// returns has_draft: boolean: a draft of such a plan exists
// among: living_patients
// needs: patients, units, contacts, plans
// key: patient_id
// levels: hospital, psychiatry, municipal
// legal: https://www.helsedirektoratet.no/rundskriv/pasient-og-brukerrettighetsloven-med-kommentarer/rett-til-helse-og-omsorgstjenester-og-transport/rett-til-individuell-plan
// source: docs/definitions.md#missing-individual-plan
// version: 1
MATCH (p:Patient)-[:HAS_NEED]->(n:Need)
WHERE n.need = 'individual_plan' AND n.assessed_day <= $as_of_day
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
// The fold takes the latest assessment; who has none, or an unknown one, is judged by coordination_need.
RETURN p.patient_id AS patient_id, n.status AS status, n.assessed_day AS assessed_day
