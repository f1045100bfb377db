// title.en: Stays that end before they start
// version: 1
MATCH (s:Stay)
WHERE s.ended_s < s.started_s
RETURN s.stay_id AS stay_id
