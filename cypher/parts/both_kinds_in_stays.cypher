// why: from when on, in a stay, the patient had been in both somatic and psychiatric or substance treatment
MATCH (p:Patient)-[b:HAD_BOTH_KINDS]->(s:Stay)
WHERE b.at_s < $as_of_s AND b.at_s - b.since_s <= $within_days * 86400
  AND b.since_s >= ($as_of_day - $period_days - $within_days - 1) * 86400
RETURN p.patient_id AS patient_id, b.at_s AS at_s, b.since_s AS since_s
