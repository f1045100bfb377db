// title.en: Patients who should have a coordinator
// title.nb: Pasienter som bør ha koordinator
// title.nn: Pasientar som bør ha koordinator
// question.en: Which patients should have a coordinator, by a recorded need or by the services that they use?
// question.nb: Hvilke pasienter bør ha koordinator, etter registrert behov eller etter tjenestene de bruker?
// question.nn: Kva pasientar bør ha koordinator, etter registrert behov eller etter tenestene dei bruker?
// param service_days: int, d, default 365, at least 1, at most 3660: days up to the day within which contacts
//   count (own choice)
// param min_dates: int, default 3, at least 1, at most 1000: fewest days with contacts at a clinic (own choice)
// param min_span_d: int, d, default 90, at least 0, at most 3660: shortest time from the first of them to
//   the last (own choice)
// param min_overlap_d: int, d, default 90, at least 0, at most 3660: shortest time for which the clinic and
//   the other service overlap (own choice)
// param municipal_kinds: list, default 3|15|18|19|20|21: municipal services that count, IPLOS codes (own choice)
// returns patient_id: id: the patient
// returns duty_level: text: who should name the coordinator: specialist or municipal
// returns basis: text: recorded_need, or proxy (the services used in the last service_days)
// returns since: date: day of the assessment, or the first day on which the two services overlapped
// returns clinics: list: clinics whose contacts the proxy rests on
// returns municipality_code: text: where the patient lives
// among: living_patients
// needs: patients, units, contacts
// parts: residences, units
// key: patient_id, duty_level
// levels: hospital, psychiatry, municipal
// legal: https://www.helsedirektoratet.no/veiledere/rehabilitering-habilitering-individuell-plan-og-koordinator/individuell-plan-og-koordinator/om-individuell-plan-og-koordinator-formal-og-rettigheter
// source: docs/definitions.md#coordination-need
// version: 1
MATCH (p:Patient)-[:HAS_NEED]->(n:Need)
WHERE n.need = 'coordinator' AND n.assessed_day <= $as_of_day
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
// The fold takes the latest assessment; who has none, or an unknown one, is judged by the services.
RETURN p.patient_id AS patient_id, n.status AS status, n.assessed_day AS assessed_day
