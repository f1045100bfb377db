// title.en: Stays whose marks of urgency contradict each other
// version: 1
MATCH (s:Stay)
WHERE s.is_acute_first AND NOT s.is_acute_any
   OR s.is_acute_any AND s.first_acute_s IS NULL
   OR NOT s.is_acute_any AND s.first_acute_s IS NOT NULL
   OR s.is_acute_first AND s.first_acute_s <> s.started_s
RETURN s.stay_id AS stay_id
