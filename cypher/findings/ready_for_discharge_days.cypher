// title.en: Days ready for discharge
// title.nb: Døgn som utskrivningsklar
// title.nn: Døgn som utskrivingsklar
// question.en: How long do patients wait in hospital after they are ready for discharge, and how many wait now?
// question.nb: Hvor lenge venter pasienter på sykehuset etter at de er utskrivningsklare, og hvor mange venter nå?
// question.nn: Kor lenge ventar pasientar på sjukehuset etter at dei er utskrivingsklare, og kor mange ventar no?
// returns municipality_code: text: the municipality that was waited for, else where the patient lived when the
//   stay began; empty where neither is known
// returns municipality_name: text: its name
// returns unit: unit: unit that the patients were discharged from, or are at
// returns unit_name: text: its name
// returns n_stays: count: stays that ended alive, and stays in which somebody waits
// returns n_patients: persons: patients with such a stay
// returns n_with_waiting: count, of n_patients_with_waiting|n_patients: stays in which the patient was declared ready
// returns n_patients_with_waiting: persons, of n_patients: patients with such a stay
// returns n_waiting: persons, of n_patients_with_waiting: patients who wait at the end of the day
// returns days_total: days, d, of n_patients_with_waiting|n_patients: days waited, all stays together
// returns mean_days: days, d, of n_patients_with_waiting|n_patients: mean of a stay, those without waiting included
// returns median_days: days, d, of n_patients_with_waiting|n_patients: median of a stay, likewise
// returns p90_days: days, d, of n_patients_with_waiting|n_patients: 90th percentile of a stay, likewise
// among: stays
// needs: patients, units, contacts, ready_periods
// parts: stays_under_way
// key: municipality_code, unit
// levels: hospital, psychiatry
// legal: https://www.helsedirektoratet.no/tema/finansiering/andre-finansieringsordninger/utskrivningsklare-pasienter
// source: docs/definitions.md#days-ready-for-discharge
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:DISCHARGED_FROM]->(u:Unit)
WHERE s.started_s < $as_of_s
  AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s OR NOT s.ended_dead)
// The fold adds the waiting, and what is known of stays that go on.
RETURN p.patient_id AS patient_id, s.stay_id AS stay_id, u.unit_id AS unit_id,
       s.municipality_code AS municipality_code, s.ended_s AS ended_s, s.ended_dead AS ended_dead
