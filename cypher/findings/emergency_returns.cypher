// title.en: Repeated emergency visits without admission
// title.nb: Gjentatte legevaktbesøk uten innleggelse
// title.nn: Gjentekne legevaktbesøk utan innlegging
// question.en: Which patients keep coming to the emergency services and are sent home each time?
// question.nb: Hvilke pasienter kommer stadig til legevakt og sendes hjem hver gang?
// question.nn: Kva pasientar kjem stadig til legevakt og blir sende heim kvar gong?
// param min_visits: int, default 3, at least 2, at most 1000: visits that begin inside the window; own proposal
// param window_days: int, d, default 30, at least 1, at most 3650: length of the rolling window, 24 h to a day, from
//   the first visit to the last, both included; own proposal
// param admission_h: int, h, default 24, at least 0, at most 720: a visit led to admission where an acute stay
//   began at most this long after it; own proposal
// param within_days: int, d, default 365, at least 1, at most 36500: the newest window with enough visits ended
//   at most this long before the end of the day asked about, 24 h to a day
// returns patient_id: id: the patient
// returns n_visits: count: visits in the fullest window; of several equally full the earliest
// returns window_first_at: time: start of the first of them
// returns window_last_at: time: start of the last of them
// returns units: list: units of these visits, in the order in which they were first met
// among: patients_with_emergency_visit
// needs: patients, units, contacts
// key: patient_id
// levels: emergency, hospital, psychiatry
// source: docs/definitions.md#repeated-emergency-visits
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
WHERE c.level = 'emergency' AND c.started_s < $as_of_s
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  // A newest window with enough visits lies wholly in this time. Counted inside the one pattern: going
  // on from WITH p, LadybugDB reads the contacts of everybody.
  AND COUNT { MATCH (p)-[:HAD]->(r:Contact)
              WHERE r.level = 'emergency' AND r.started_s < $as_of_s
                AND r.started_s >= $as_of_s - ($within_days + $window_days) * 86400 } >= $min_visits
RETURN p.patient_id AS patient_id, c.contact_id AS contact_id, c.started_s AS started_s,
       c.started_at AS started_at, c.unit_id AS unit_id
