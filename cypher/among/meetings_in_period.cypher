// title.en: Meetings registered in the period
// returns n: count: meetings
// needs: contacts
// version: 1
MATCH (c:Contact)
WHERE c.started_day > $as_of_day - $period_days AND c.started_day <= $as_of_day
  AND NOT c.has_children AND c.level IN $levels AND c.kind IN $kinds
RETURN count(c) AS n
