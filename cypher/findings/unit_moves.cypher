// title.en: Moves between units
// title.nb: Flyttinger mellom enheter
// title.nn: Flyttingar mellom einingar
// question.en: Between which units do patients move during a hospital stay?
// question.nb: Mellom hvilke enheter flyttes pasienter under et sykehusopphold?
// question.nn: Mellom kva einingar blir pasientar flytte under eit sjukehusopphald?
// returns from_unit: unit: unit that was left
// returns from_unit_name: text: its name
// returns to_unit: unit: unit that was come to
// returns to_unit_name: text: its name
// returns n_moves: count: moves within a stay
// returns n_patients: persons: patients who moved so
// returns median_gap_h: hours, h: median of the time from the end at the one to the start at the other
// returns p90_gap_h: hours, h: 90th percentile of that time
// among: stays
// needs: patients, units, contacts
// key: from_unit, to_unit
// source: docs/definitions.md#unit-move
// version: 1
MATCH (c:Contact)-[m:PART_OF_STAY]->(s:Stay)
WHERE m.previous_unit_id <> m.unit_id AND m.started_s < $as_of_s
WITH s, c, m.previous_unit_id AS left_id, m.unit_id AS reached_id, m.started_s AS begun_s,
     m.gap_s AS between_s
MATCH (p:Patient)-[:HAD_STAY]->(s)
WHERE s.started_s < $as_of_s
  // A contact may begin before the admission that it is part of; it is part of the stay since then.
  AND (s.ended_s < $as_of_s OR NOT EXISTS {
         MATCH (c)-[:PART_OF_CONTACT]->(b:Contact) WHERE b.started_s >= $as_of_s })
WITH left_id, reached_id, count(begun_s) AS n_moves, count(DISTINCT p.patient_id) AS n_patients,
     percentileCont(between_s, 0.5) AS median_s, percentileCont(between_s, 0.9) AS p90_s
MATCH (u:Unit)
WHERE u.unit_id = left_id
WITH left_id, reached_id, n_moves, n_patients, median_s, p90_s, u.name AS from_unit_name
MATCH (v:Unit)
WHERE v.unit_id = reached_id
RETURN left_id AS from_unit, from_unit_name AS from_unit_name,
       reached_id AS to_unit, v.name AS to_unit_name,
       n_moves AS n_moves, n_patients AS n_patients,
       // Neo4j gives a whole number where there is one value only.
       1.0 * median_s / 3600 AS median_gap_h, 1.0 * p90_s / 3600 AS p90_gap_h
