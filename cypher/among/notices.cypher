// title.en: Notices of this kind to municipalities
// returns n: count: notices
// needs: contacts, notices
// version: 1
MATCH (c:Contact)-[:HAD_NOTICE]->(x:Notice)
WHERE x.kind = $notice AND x.sent_s < $as_of_s AND c.started_s < $as_of_s
  AND ($notice = 'admitted' OR c.ended_s < $as_of_s)
RETURN count(x) AS n
