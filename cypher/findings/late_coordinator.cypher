// title.en: Patients who waited long for a coordinator
// title.nb: Pasienter som ventet lenge på koordinator
// title.nn: Pasientar som venta lenge på koordinator
// question.en: Which patients had no coordinator within so many days of the recorded need?
// question.nb: Hvilke pasienter fikk ikke koordinator innen så mange dager etter registrert behov?
// question.nn: Kva pasientar fekk ikkje koordinator innan så mange dagar etter registrert behov?
// param max_days: int, d, default 30, at least 0, at most 3660: longest time to the appointment (own choice)
// returns patient_id: id: the patient
// returns assessed_on: date: first assessment of the need, of those that no other finding has come after
// returns days: days, d: from that day to the appointment, to death or a move, or so far
// returns status: text: appointed, waiting, or died or moved after more than max_days
// returns appointed_on: date: first day with a coordinator; empty where there was none
// returns municipality_code: text: where the patient lived on the day of the assessment
// returns municipality_name: text: its name
// among: patients_with_recorded_coordinator_need
// needs: patients, needs, roles
// key: patient_id
// legal: https://www.helsedirektoratet.no/veiledere/rehabilitering-habilitering-individuell-plan-og-koordinator/individuell-plan-og-koordinator/om-individuell-plan-og-koordinator-formal-og-rettigheter
// source: docs/definitions.md#late-coordinator
// version: 1
MATCH (m:Municipality)
// The names alone: the fold takes the waits from the finding coordinator_waits.
RETURN m.municipality_code AS municipality_code, m.name AS municipality_name
