// title.en: Back and forth between levels of care
// title.nb: Fram og tilbake mellom nivåer
// title.nn: Fram og attende mellom nivå
// question.en: Who left one level of care for another and soon came back as an emergency?
// question.nb: Hvem gikk fra ett nivå til et annet og kom snart tilbake som øyeblikkelig hjelp?
// question.nn: Kven gjekk frå eitt nivå til eit anna og kom snart attende som augeblikkeleg hjelp?
// param max_gap_d: int, d, default 30, at least 0, at most 3650: longest time from the end at one level to the
//   start at the next, each way, 24 h to a day, itself included; own proposal
// returns patient_id: id: the patient
// returns level_run_id: id: the return: first contact of the stay at the first level again
// returns from_level: text: level of care that was left and returned to
// returns via_level: text: level of care in between
// returns left_at: time: when the first level was left; empty where it overlaps what came next and was not
//   yet left on the day
// returns returned_at: time: when the patient was back
// returns gap_out_days: days, d: time from the one level to the other; 0 where they overlap
// returns gap_back_days: days, d: time back again; 0 where they overlap
// returns via_days: days, d: time at the level in between, until it was left or the patient was back
// among: patients_with_overnight_care
// needs: patients, units, contacts
// key: level_run_id
// levels: hospital, psychiatry, municipal
// source: docs/definitions.md#back-and-forth
// version: 1
MATCH (a:LevelRun)-[x:NEXT_RUN]->(b:LevelRun)-[y:NEXT_RUN]->(c:LevelRun)
WHERE c.is_acute AND c.started_s < $as_of_s AND a.level = c.level AND a.level <> b.level
WITH a, b, c,
     CASE WHEN x.gap_s > 0 THEN x.gap_s ELSE 0 END AS out_s,
     CASE WHEN y.gap_s > 0 THEN y.gap_s ELSE 0 END AS back_s
WHERE out_s <= $max_gap_d * 86400 AND back_s <= $max_gap_d * 86400
MATCH (p:Patient)-[:HAD_RUN]->(c)
RETURN p.patient_id AS patient_id, c.level_run_id AS level_run_id,
       c.level AS from_level, b.level AS via_level,
       CASE WHEN a.ended_s < $as_of_s THEN a.ended_at END AS left_at, c.started_at AS returned_at,
       1.0 * out_s / 86400 AS gap_out_days, 1.0 * back_s / 86400 AS gap_back_days,
       1.0 * (CASE WHEN b.ended_s < c.started_s THEN b.ended_s ELSE c.started_s END - b.started_s)
         / 86400 AS via_days
