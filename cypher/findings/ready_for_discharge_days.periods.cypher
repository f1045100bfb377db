// why: the periods in which patients were ready
MATCH (c:Contact)-[:HAD_READY_PERIOD]->(r:ReadyPeriod), (c)-[:PART_OF_STAY]->(s:Stay)
WHERE r.ready_s < $as_of_s AND c.started_s < $as_of_s AND s.started_s < $as_of_s
RETURN s.stay_id AS stay_id, r.ready_s AS ready_s, r.ended_s AS ready_until_s,
       r.municipality_code AS awaited_code
