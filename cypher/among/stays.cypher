// title.en: Stays that had begun
// returns n: count: stays
// needs: contacts
// version: 1
MATCH (s:Stay)
WHERE s.started_s < $as_of_s
RETURN count(s) AS n
