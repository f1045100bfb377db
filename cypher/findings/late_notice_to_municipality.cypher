// title.en: Notices to the municipality and how late they are
// title.nb: Varsler til kommunen og hvor sent de kommer
// title.nn: Varsel til kommunen og kor seint dei kjem
// question.en: How long after admission or discharge does the municipality hear of it, and how often too late?
// question.nb: Hvor lenge etter innleggelse eller utskrivning får kommunen vite om den, og hvor ofte for sent?
// question.nn: Kor lenge etter innlegging eller utskriving får kommunen vite om ho, og kor ofte for seint?
// param notice: text, default admitted, one of admitted|discharged: which notices; the one is counted from the start
//   of the contact, the other from its end
// param within_h: number, h, default 24, at least 0, at most 8760: a notice is late when it is sent more than
//   this long after; own proposal
// returns municipality_code: text: the municipality that the notice went to; empty where not recorded
// returns municipality_name: text: its name
// returns unit: unit: unit of the contact
// returns unit_name: text: its name
// returns n_notices: count: notices
// returns n_patients: persons: patients whom they are about
// returns n_late: count, of n_late_patients|n_patients: late ones
// returns n_late_patients: persons, of n_patients: patients whom late ones are about
// returns share_late: share, of n_late_patients|n_patients: n_late to n_notices
// returns median_delay_h: hours, h: median of the time to the notice; below 0 where it was sent before
// among: notices
// needs: patients, units, contacts, notices
// key: municipality_code, unit
// levels: hospital, psychiatry
// legal: https://www.regjeringen.no/no/dokumenter/problemstilling-nar-betalingsplikt-for-u/id682783/
// source: docs/definitions.md#notices-to-the-municipality
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)-[:HAD_NOTICE]->(n:Notice), (c)-[:AT]->(u:Unit)
WHERE n.kind = $notice AND n.sent_s < $as_of_s AND c.started_s < $as_of_s
  AND ($notice = 'admitted' OR c.ended_s < $as_of_s)
WITH p, n, u,
     n.sent_s - CASE WHEN $notice = 'admitted' THEN c.started_s ELSE c.ended_s END AS delay_s
OPTIONAL MATCH (n)-[:TO_MUNICIPALITY]->(m:Municipality)
WITH m.municipality_code AS code, m.name AS municipality_name, u.unit_id AS unit, u.name AS unit_name,
     count(delay_s) AS n_notices, count(DISTINCT p.patient_id) AS n_patients,
     count(CASE WHEN delay_s > $within_h * 3600 THEN 1 END) AS n_late,
     count(DISTINCT CASE WHEN delay_s > $within_h * 3600 THEN p.patient_id END) AS n_late_patients,
     percentileCont(delay_s, 0.5) AS median_s
RETURN code AS municipality_code, municipality_name AS municipality_name, unit AS unit,
       unit_name AS unit_name, n_notices AS n_notices, n_patients AS n_patients, n_late AS n_late,
       n_late_patients AS n_late_patients, 1.0 * n_late / n_notices AS share_late,
       // Neo4j gives a whole number where there is one value only.
       1.0 * median_s / 3600 AS median_delay_h
