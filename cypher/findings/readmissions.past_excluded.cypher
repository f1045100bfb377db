// why: where the stay just before is not eligible, the latest eligible one lies further back
MATCH (p:Patient)-[:HAD_STAY]->(e:Stay)-[:NEXT_STAY]->(r:Stay)-[:ADMITTED_TO]->(v:Unit)
WHERE r.started_s < $as_of_s AND ($min_age = 0 OR coalesce(r.age, -1) >= $min_age)
  AND ($acute = 'first' AND r.is_acute_first OR $acute = 'any' AND r.first_acute_s < $as_of_s)
  AND (NOT $exclude_rehabilitation OR coalesce(r.service, '') <> 'rehabilitation')
  AND NOT (NOT e.ended_dead AND ($min_age = 0 OR coalesce(e.age, -1) >= $min_age)
           AND (NOT $exclude_rehabilitation OR coalesce(e.service, '') <> 'rehabilitation')
           AND (NOT $require_diagnosis_group OR e.diagnosis_group IS NOT NULL))
WITH p, r, v
MATCH (p)-[:HAD_STAY]->(i:Stay)-[:DISCHARGED_FROM]->(u:Unit)
WHERE i.stay_id <> r.stay_id
  AND i.ended_s <= r.started_s AND i.ended_s >= r.started_s - ($max_gap_d + 2) * 86400
  AND NOT i.ended_dead AND ($min_age = 0 OR coalesce(i.age, -1) >= $min_age)
  AND (NOT $exclude_rehabilitation OR coalesce(i.service, '') <> 'rehabilitation')
  AND (NOT $require_diagnosis_group OR i.diagnosis_group IS NOT NULL)
WITH p, r, v, i, u, r.started_s - i.ended_s AS from_end_s, r.started_day - i.ended_day AS from_end_d
RETURN p.patient_id AS patient_id, i.stay_id AS index_stay_id,
       i.started_at AS index_started_at, i.ended_at AS index_ended_at,
       r.stay_id AS readmission_stay_id, r.started_at AS readmission_started_at,
       from_end_s AS gap_s, 1.0 * from_end_s / 3600 AS gap_h, 1.0 * from_end_d AS gap_days,
       u.unit_id AS discharged_from, u.name AS discharged_from_name,
       v.unit_id AS admitted_to, v.name AS admitted_to_name,
       r.ended_s < $as_of_s OR EXISTS {
         MATCH (c:Contact)-[m:PART_OF_STAY]->(r) WHERE m.sequence = 1 AND m.started_s < $as_of_s
       } AS is_unit_known,
       (from_end_s > $min_gap_h * 3600 OR $min_inclusive AND from_end_s = $min_gap_h * 3600)
       AND from_end_d >= $min_gap_d
       AND ($gap_unit = 'calendar' OR from_end_s < $max_gap_d * 86400
            OR $max_inclusive AND from_end_s = $max_gap_d * 86400)
       AND ($gap_unit = 'elapsed' OR from_end_d < $max_gap_d
            OR $max_inclusive AND from_end_d = $max_gap_d) AS is_within
