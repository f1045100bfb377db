// title.en: Discharges home whose days afterwards are covered at GP and municipal level
// returns n: count: discharges
// needs: contacts
// version: 1
MATCH (s:Stay)
WHERE s.started_s < $as_of_s AND s.municipality_code IS NOT NULL
  AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s
       OR s.ended_s + $within_days * 86400 <= $as_of_s
          AND NOT s.ended_dead AND s.discharged_to IN $home_codes)
// The fold adds what is known of stays that go on, and counts those that are covered.
RETURN s.stay_id AS stay_id, s.municipality_code AS municipality_code, s.ended_s AS ended_s,
       s.ended_dead AS ended_dead, s.discharged_to AS ended_to
