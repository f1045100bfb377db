// title.en: Revolving-door patients
// title.nb: Svingdørspasienter
// title.nn: Svingdørspasientar
// question.en: Which patients keep coming back to hospital as emergencies?
// question.nb: Hvilke pasienter kommer stadig tilbake til sykehuset som øyeblikkelig hjelp?
// question.nn: Kva pasientar kjem stadig attende til sjukehuset som augeblikkeleg hjelp?
// param min_stays: int, default 3, at least 2, at most 1000: acute stays that begin inside the window
// param window_days: int, d, default 365, at least 1, at most 36500: length of the rolling window,
//   24 h to a day, from the first start to the last, both included
// param acute: text, default first, one of first|any: a stay is acute when its first contact was, or when any was
// returns patient_id: id: the patient
// returns n_stays: count: acute stays in the fullest window; of several equally full the earliest
// returns window_first_at: time: start of the first of them
// returns window_last_at: time: start of the last of them
// returns is_current: boolean: alive, and the newest window with enough stays ends no longer ago
//   than the window is long
// returns newest_window_last_at: time: start of the last stay in the newest window with enough stays
// returns stays: list: the acute stays in the fullest window, in order
// returns gaps_h: list, h: time from the end of each of them to the start of the next
// returns share_gaps_30_days: share: share of these gaps that are at most 30 x 24 h
// returns n_units: count: different units met during these stays
// returns units: list: these units, in the order in which they were first met
// among: patients_with_acute_stay
// needs: patients, units, contacts
// parts: stays_under_way
// key: patient_id
// levels: hospital, psychiatry
// source: docs/definitions.md#revolving-door
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(a:Stay)
WHERE a.started_s < $as_of_s
  AND ($acute = 'first' AND a.is_acute_first OR $acute = 'any' AND a.first_acute_s < $as_of_s)
WITH p, count(a) AS n_acute
WHERE n_acute >= $min_stays
MATCH (p)-[:HAD_STAY]->(s:Stay)
// One row a stay; the fold finds each patient's windows. Other stays come along for a death in them.
WHERE s.started_s < $as_of_s
RETURN p.patient_id AS patient_id, p.died_day <= $as_of_day AS is_dead,
       s.stay_id AS stay_id, s.started_s AS started_s, s.started_at AS started_at,
       s.ended_s AS ended_s, s.ended_dead AS ended_dead, s.unit_ids AS unit_ids,
       $acute = 'first' AND s.is_acute_first OR $acute = 'any' AND s.first_acute_s < $as_of_s
         AS is_acute
