// title.en: Formal partners without contact
// title.nb: Formelle samarbeidspartnere uten kontakt
// title.nn: Formelle samarbeidspartnarar utan kontakt
// question.en: Which municipalities and units are to work together and have had nothing to do with each other?
// question.nb: Hvilke kommuner og enheter skal samarbeide og har ikke hatt noe med hverandre å gjøre?
// question.nn: Kva kommunar og einingar skal samarbeide og har ikkje hatt noko med kvarandre å gjere?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param bases: list, default agreement|catchment|contact_point|hospital_area, one of agreement|catchment|contact_point|hospital_area: what
//   makes them partners
// param max_gap_d: int, d, default 30, at least 0, at most 3660: two units have to do with each other where a patient's next contact,
//   begun at most this long after the end of one at the first unit, was at the second
// param show: text, default quiet, one of quiet|all: quiet: only those who are said to be so; all: also those of whom nothing can be said
// returns from_id: id: municipality, or unit of an agreement
// returns from_name: text: its name
// returns from_kind: text: municipality, or what sort of unit it is
// returns from_level: text: its level of care; empty for a municipality
// returns to_id: unit: unit
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns basis: text: what makes them partners: agreement, catchment, contact_point or hospital_area
// returns status: text: quiet; not_recorded (nothing at all is recorded of one of them in the period) or not_covered (a source ends
//   within the period)
// returns from_patients: persons: inhabitants with a contact anywhere in the period; of a unit, its patients
// returns to_patients: persons: patients of the unit, or of what is part of it, in the period
// needs: patients, units, contacts, residences
// parts: named_units, visits, visits_by_residence
// key: from_id, to_id, basis
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#formal-partners-without-contact
// version: 2
MATCH (u:Unit)-[a:HAS_AGREEMENT_WITH]->(v:Unit)
WHERE (a.valid_from_day IS NULL OR a.valid_from_day <= $as_of_day)
  AND (a.valid_to_day IS NULL OR a.valid_to_day > $as_of_day)
RETURN u.unit_id AS from_id, v.unit_id AS to_id, 'agreement' AS basis
UNION ALL
MATCH (u:Unit)-[:SERVES]->(m:Municipality)
RETURN m.municipality_code AS from_id, u.unit_id AS to_id, 'catchment' AS basis
// The fold adds contact points and hospital areas, and takes away those who had to do with each other.
