// title.en: New in the work lists
// title.nb: Nye på arbeidslistene
// title.nn: Nye på arbeidslistene
// question.en: Which patients have come into a work list since a day, and into which?
// question.nb: Hvilke pasienter har kommet på en arbeidsliste siden en dag, og på hvilken?
// question.nn: Kva pasientar har kome på ei arbeidsliste sidan ein dag, og på kva for ei?
// param since: text: the earlier day (YYYY-MM-DD), at whose end the patient was not in the list
// param recent_days: int, d, default 90, at least 1, at most 3660: stays count while they go on and so long after
//   their end; own proposal
// param language: text, default en, one of en|nb|nn: language of the reasons
// returns patient_id: id: the patient
// returns finding: text: the work list
// returns reason: text: what it says, in words, of its latest row
// returns latest_on: date: date of that row's event; empty where none is recorded
// returns n_findings: count: work lists that the patient is in now
// returns is_first: boolean: the patient was in none of them on the earlier day
// among: living_patients
// needs: patients, units, contacts
// key: patient_id, finding
// source: docs/definitions.md#new-since
// version: 3
MATCH (p:Patient)
// The fold asks priority on both days.
RETURN count(p) AS n_patients
