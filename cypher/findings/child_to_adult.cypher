// title.en: From child to adult services
// title.nb: Fra barn til voksen
// title.nn: Frå barn til vaksen
// question.en: Which patients of child units soon turn 18 and have nothing planned in adult services?
// question.nb: Hvilke pasienter ved barneenheter fyller snart 18 år og har ingenting planlagt hos voksne?
// question.nn: Kva pasientar ved barneeiningar fyller snart 18 år og har ingenting planlagt hos vaksne?
// param within_days: int, d, default 365, at least 1, at most 3650: contacts and referrals dated less than this many
//   days before the day asked about, or on it, count
// param child_share: number, default 0.9, at least 0, at most 1: a unit is a child unit when at least this share of
//   its contacts concerns children; own proposal
// param child_age: int, year, default 17, at least 0, at most 30: a child is at most this old in the year of the
//   contact (year less year of birth); own proposal
// param min_contacts: int, default 10, at least 1, at most 1000000: and when it has at least this many contacts; own
//   proposal
// returns patient_id: id: the patient
// returns turns_18: text: year in which the patient turns 18
// returns n_child_contacts: count: contacts in child units in that time
// returns last_child_on: date: day on which the last of them began
// returns child_units: list: these units
// among: patients_turning_18
// needs: patients, units, contacts, referrals
// key: patient_id
// levels: hospital, psychiatry
// source: docs/definitions.md#from-child-to-adult
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
// A year or two too many; the fold knows the calendar.
WHERE p.birth_year >= 1950 + $as_of_day / 365.2425 AND p.birth_year <= 1954 + $as_of_day / 365.2425
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND c.level IN ['hospital', 'psychiatry'] AND NOT c.has_children
  AND c.started_s < $as_of_s AND c.started_day > $as_of_day - $within_days
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(d:Stay) WHERE d.ended_dead AND d.ended_s < $as_of_s }
RETURN p.patient_id AS patient_id, p.birth_year AS birth_year, c.unit_id AS unit_id,
       count(c.contact_id) AS n_contacts, max(c.started_day) AS last_day
