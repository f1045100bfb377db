// title.en: What a patient is in the work lists for
// title.nb: Hva en pasient står på arbeidslister for
// title.nn: Kva ein pasient står på arbeidslister for
// question.en: In which work lists is this patient, why, and since when?
// question.nb: På hvilke arbeidslister står denne pasienten, hvorfor, og siden når?
// question.nn: På kva arbeidslister står denne pasienten, kvifor, og sidan når?
// param patient: text: the patient's id
// param recent_days: int, d, default 90, at least 1, at most 3660: stays count while they go on and so long after
//   their end; own proposal
// param language: text, default en, one of en|nb|nn: language of the reasons
// returns patient_id: id: the patient
// returns finding: text: the work list, each at least once
// returns status: text: current, earlier (found, but nothing to act on), not_found, not_recorded (nobody records
//   it there) or not_loaded
// returns on: date: day of the event; empty where none is recorded
// returns reason: text: why, in words
// returns is_duty: boolean: it is about something that should be there
// returns n_rows: count: rows of the finding that say so on that day
// needs: patients, units, contacts
// key: finding, status, on, reason
// source: docs/definitions.md#patient-findings
// version: 2
MATCH (p:Patient)
WHERE p.patient_id = $patient
// The fold asks the work lists, and the timeline for the patient's stays.
RETURN p.patient_id AS patient_id
