// title.en: What was there before the return
// title.nb: Hva som var på plass før pasienten kom tilbake
// title.nn: Kva som var på plass før pasienten kom attende
// question.en: Between the acute stays of revolving-door patients, who saw them, and what was not in place?
// question.nb: Hvem møtte svingdørspasientene mellom de akutte oppholdene, og hva var ikke på plass?
// question.nn: Kven møtte svingdørspasientane mellom dei akutte opphalda, og kva var ikkje på plass?
// param min_stays: int, default 3, at least 2, at most 1000: acute stays that begin inside the window
// param window_days: int, d, default 365, at least 1, at most 36500: length of the rolling window,
//   24 h to a day, from the first start to the last, both included
// param acute: text, default first, one of first|any: a stay is acute when its first contact was, or when any was
// returns patient_id: id: the patient, a current revolving-door patient
// returns stay_id: id: an acute stay of the fullest window that another one followed
// returns ended_at: time: when it ended
// returns returned_at: time: when the next acute stay of the window began
// returns gap_days: days, d: time between them
// returns n_gp: count: GP contacts begun between them
// returns n_municipal: count: municipal contacts and services begun between them
// returns n_emergency: count: contacts with casualty clinics and emergency units begun between them
// returns n_outpatient: count: outpatient and day contacts at hospital begun between them
// returns n_psychiatry: count: the same in psychiatry or substance treatment
// returns has_coordinator: boolean: somebody coordinated on the day of discharge; empty where roles were not loaded
// returns has_contact_physician: boolean: the same of a contact physician or psychologist
// returns has_plan: boolean: a plan was active on the day of discharge; empty where plans were not loaded
// returns has_team_referral: boolean: referred to a team by the end of that day and not closed; empty
//   where referrals were not loaded
// returns missing: list: what was not in place: coordinator, contact_physician, plan, team_referral
// returns is_last_missed: boolean: the patient's latest such discharge on which something was not in place
// among: patients_with_acute_stay
// needs: patients, units, contacts
// parts: places
// key: patient_id, ended_at, stay_id
// levels: hospital, psychiatry
// source: docs/definitions.md#before-the-return
// version: 2
MATCH (p:Patient)-[:HAD_STAY]->(a:Stay)
WHERE a.started_s < $as_of_s
  AND ($acute = 'first' AND a.is_acute_first OR $acute = 'any' AND a.first_acute_s < $as_of_s)
WITH p, count(a) AS n_acute, max(a.started_s) AS newest_s
// Who is current has been in during the last window; the fold asks revolving_door who is.
WHERE n_acute >= $min_stays AND newest_s >= $as_of_s - $window_days * 86400
MATCH (p)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s
  AND ($acute = 'first' AND s.is_acute_first OR $acute = 'any' AND s.first_acute_s < $as_of_s)
RETURN s.stay_id AS stay_id, s.started_s AS started_s, s.started_at AS started_at,
       s.ended_s AS ended_s, s.ended_at AS ended_at, s.ended_day AS ended_day
