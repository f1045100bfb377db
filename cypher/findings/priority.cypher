// title.en: Patients in several findings at once
// title.nb: Pasienter i flere funn samtidig
// title.nn: Pasientar i fleire funn samstundes
// question.en: Which patients are in several work lists at once, and why?
// question.nb: Hvilke pasienter står på flere arbeidslister samtidig, og hvorfor?
// question.nn: Kva pasientar står på fleire arbeidslister samstundes, og kvifor?
// param min_findings: int, default 2, at least 1, at most 50: fewest work lists; own proposal
// param recent_days: int, d, default 90, at least 1, at most 3660: stays count while they go on and so long after
//   their end; own proposal
// param language: text, default en, one of en|nb|nn: language of the reasons
// returns rank: count: place in the list, from 1: by number of findings, then of ended or missing duties, then
//   latest event, then id
// returns patient_id: id: the patient
// returns n_findings: count: work lists that the patient is in
// returns n_duties: count: those of them that are about something that should be there
// returns findings: list: these findings
// returns reasons: list: what each says, in words, of its latest row
// returns dates: list: date of that row's event; empty where none is recorded
// returns latest_on: date: the latest of these dates
// among: living_patients
// needs: patients, units, contacts
// parts: stays_under_way
// key: rank, patient_id
// source: docs/definitions.md#priority
// version: 3
MATCH (s:Stay)
WHERE s.started_s < $as_of_s
  AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s - $recent_days * 86400)
// The fold asks every work list and keeps what is current, of the living; an end may have been put
// off since.
RETURN s.stay_id AS stay_id, s.ended_s AS ended_s
