// why: discharges past which a municipal service went on, of those that no new contact followed
MATCH (p:Patient)-[:HAD_STAY]->(s:Stay), (p)-[:HAD]->(c:Contact)
WHERE s.ended_s + $within_days * 86400 <= $as_of_s AND NOT s.ended_dead
  AND s.discharged_to IN $home_codes AND s.municipality_code IS NOT NULL
  AND (s.next_gp_s IS NULL OR s.next_gp_s > s.ended_s + $within_days * 86400
       OR s.next_gp_s >= $as_of_s)
  AND (s.next_municipal_s IS NULL OR s.next_municipal_s > s.ended_s + $within_days * 86400
       OR s.next_municipal_s >= $as_of_s)
  AND c.level = 'municipal' AND c.started_s < s.ended_s
  AND (c.ended_s IS NULL OR c.ended_s > s.ended_s)
RETURN DISTINCT s.stay_id AS stay_id
