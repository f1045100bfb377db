// title.en: From stay to stay
// title.nb: Fra opphold til opphold
// title.nn: Frå opphald til opphald
// question.en: From which units do patients leave hospital, and to which units do they come next?
// question.nb: Fra hvilke enheter skrives pasienter ut, og til hvilke enheter kommer de neste gang?
// question.nn: Frå kva einingar blir pasientar skrivne ut, og til kva einingar kjem dei neste gong?
// param max_gap_d: int, d, default 36500, at least 0, at most 36500: longest time from the end of one
//   stay to the start of the next, 24 h to a day; the default sets no limit
// returns from_unit: unit: unit that the patients were discharged from
// returns from_unit_name: text: its name
// returns to_unit: unit: unit that their next stay began at
// returns to_unit_name: text: its name
// returns n_transfers: count: pairs of a stay and the next one
// returns n_patients: persons: patients with such a pair
// returns median_gap_h: hours, h: median of the time between the stays
// returns p90_gap_h: hours, h: 90th percentile of that time
// among: stays
// needs: patients, units, contacts
// key: from_unit, to_unit
// source: docs/definitions.md#transfer
// version: 1
MATCH (p:Patient)-[:HAD_STAY]->(a:Stay)-[n:NEXT_STAY]->(b:Stay),
      (a)-[:DISCHARGED_FROM]->(u:Unit), (b)-[:ADMITTED_TO]->(v:Unit)
WHERE b.started_s < $as_of_s
WITH p, b, u, v, n.gap_s AS between_s
WHERE between_s <= $max_gap_d * 86400
  // While only the admission is known and none of the contacts below it, so is not the unit.
  AND (b.ended_s < $as_of_s OR EXISTS {
         MATCH (c:Contact)-[m:PART_OF_STAY]->(b) WHERE m.sequence = 1 AND m.started_s < $as_of_s })
RETURN u.unit_id AS from_unit, u.name AS from_unit_name,
       v.unit_id AS to_unit, v.name AS to_unit_name,
       count(between_s) AS n_transfers, count(DISTINCT p.patient_id) AS n_patients,
       // Neo4j gives a whole number where there is one value only.
       1.0 * percentileCont(between_s, 0.5) / 3600 AS median_gap_h,
       1.0 * percentileCont(between_s, 0.9) / 3600 AS p90_gap_h
