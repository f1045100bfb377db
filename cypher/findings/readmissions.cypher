// title.en: Readmissions
// title.nb: Reinnleggelser
// title.nn: Reinnleggingar
// question.en: Which patients were admitted as emergencies within 30 days of a hospital stay?
// question.nb: Hvilke pasienter ble lagt inn som øyeblikkelig hjelp innen 30 dager etter et sykehusopphold?
// question.nn: Kva pasientar vart lagde inn som augeblikkeleg hjelp innan 30 dagar etter eit sjukehusopphald?
// param acute: text, default first, one of first|any: a stay is acute when its first contact was, or when any was
// param min_gap_h: int, h, default 8, at least 0, at most 87600: shortest time from the end of the index stay
// param min_inclusive: boolean, default true: the shortest time itself counts
// param max_gap_d: int, d, default 30, at least 0, at most 3650: longest time from the end of the index stay
// param max_inclusive: boolean, default true: the longest time itself counts
// param gap_unit: text, default elapsed, one of elapsed|calendar: measure the longest time in
//   elapsed time (24 h to a day), or in calendar days from date to date
// param min_gap_d: int, d, default 0, at least 0, at most 3650: fewest calendar days from date to date
// param min_age: int, year, default 0, at least 0, at most 150: youngest age in the year in which the
//   index stay began; an unknown year of birth passes 0 only
// param exclude_rehabilitation: boolean, default false: stays for rehabilitation are neither index
//   stays nor readmissions
// param require_diagnosis_group: boolean, default false: the index stay's main diagnosis must be in
//   one of the groups that were loaded
// returns patient_id: id: the patient
// returns index_stay_id: id: the stay before
// returns index_started_at: time: when it began
// returns index_ended_at: time: when it ended
// returns readmission_stay_id: id: the acute stay after it
// returns readmission_started_at: time: when that one began
// returns gap_h: hours, h: elapsed time between them
// returns gap_days: days, d: calendar days between them, from date to date
// returns discharged_from: unit: unit that the patient left
// returns discharged_from_name: text: its name
// returns admitted_to: unit: unit that the patient came to; empty while only the admission is known
// returns admitted_to_name: text: its name
// among: eligible_index_stays
// needs: patients, units, contacts
// key: patient_id, readmission_started_at, readmission_stay_id
// levels: hospital, psychiatry
// profile all_ages "All ages, 8 hours to 30 days": min_age 0
// profile age_67 "67 years and older, 8 hours to 30 days": min_age 67
// profile fhi_67 "National indicator, 67 years and older; the diagnosis groups are to be checked by a person":
//   min_age 67, require_diagnosis_group true, needs: diagnoses, diagnosis_groups
// profile skde "SKDE, 1 to 29 calendar days, acute if any contact was": acute any, gap_unit calendar,
//   min_gap_h 0, min_gap_d 1, max_gap_d 29
// profile samhandlingsbarometeret "Samhandlingsbarometeret, without rehabilitation": exclude_rehabilitation true
// profile nhs "NHS England, 0 to 29 calendar days": gap_unit calendar, min_gap_h 0, max_gap_d 29
// source: docs/definitions.md#readmission
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(i:Stay)-[n:NEXT_STAY]->(r:Stay),
      (i)-[:DISCHARGED_FROM]->(u:Unit), (r)-[:ADMITTED_TO]->(v:Unit)
// Each acute stay with the one just before it; the fold asks further back where that one is not
// eligible as index stay.
WHERE r.started_s < $as_of_s
  AND ($acute = 'first' AND r.is_acute_first OR $acute = 'any' AND r.first_acute_s < $as_of_s)
  AND (NOT $exclude_rehabilitation OR coalesce(r.service, '') <> 'rehabilitation')
  AND ($min_age = 0 OR coalesce(r.age, -1) >= $min_age)
WITH p, i, r, u, v, n.gap_s AS elapsed_s, n.gap_days AS elapsed_days,
     NOT i.ended_dead AND ($min_age = 0 OR coalesce(i.age, -1) >= $min_age)
     AND (NOT $exclude_rehabilitation OR coalesce(i.service, '') <> 'rehabilitation')
     AND (NOT $require_diagnosis_group OR i.diagnosis_group IS NOT NULL) AS may_be_index
WHERE NOT may_be_index
   OR (elapsed_s > $min_gap_h * 3600 OR $min_inclusive AND elapsed_s = $min_gap_h * 3600)
   AND elapsed_days >= $min_gap_d
   AND ($gap_unit = 'calendar' OR elapsed_s < $max_gap_d * 86400
        OR $max_inclusive AND elapsed_s = $max_gap_d * 86400)
   AND ($gap_unit = 'elapsed' OR elapsed_days < $max_gap_d
        OR $max_inclusive AND elapsed_days = $max_gap_d)
RETURN p.patient_id AS patient_id, i.stay_id AS index_stay_id,
       i.started_at AS index_started_at, i.ended_at AS index_ended_at,
       r.stay_id AS readmission_stay_id, r.started_at AS readmission_started_at,
       elapsed_s AS gap_s, 1.0 * elapsed_s / 3600 AS gap_h, 1.0 * elapsed_days AS gap_days,
       u.unit_id AS discharged_from, u.name AS discharged_from_name,
       v.unit_id AS admitted_to, v.name AS admitted_to_name,
       r.ended_s < $as_of_s OR EXISTS {
         MATCH (c:Contact)-[m:PART_OF_STAY]->(r) WHERE m.sequence = 1 AND m.started_s < $as_of_s
       } AS is_unit_known,
       may_be_index AS is_eligible
