// title.en: Patients without the coordinator that they should have
// title.nb: Pasienter som mangler koordinator
// title.nn: Pasientar som manglar koordinator
// question.en: Which patients who should have a coordinator have none at the level that should name one?
// question.nb: Hvilke pasienter som bør ha koordinator, har ingen på nivået som skal oppnevne?
// question.nn: Kva pasientar som bør ha koordinator, har ingen på nivået som skal nemne opp?
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
// returns days_since: days, d: from that day
// returns clinics: list: clinics whose contacts the proxy rests on
// returns municipality_code: text: where the patient lives
// among: patients_with_coordination_need
// needs: patients, units, contacts, roles
// parts: places
// key: patient_id, duty_level
// levels: hospital, psychiatry, municipal
// legal: https://www.helsedirektoratet.no/veiledere/rehabilitering-habilitering-individuell-plan-og-koordinator/individuell-plan-og-koordinator/om-individuell-plan-og-koordinator-formal-og-rettigheter
// source: docs/definitions.md#missing-coordinator
// version: 1
MATCH (h:Professional)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
// The fold asks coordination_need who should have one, and where the holders stand.
RETURN p.patient_id AS subject, r.kind AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:COORDINATES]->(p:Patient)
WHERE r.kind IN ['coordinator', 'plan_coordinator']
RETURN p.patient_id AS subject, r.kind AS kind, 'unit' AS holder_kind, u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
