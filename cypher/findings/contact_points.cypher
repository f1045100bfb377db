// title.en: Contact points
// title.nb: Kontaktpunkter
// title.nn: Kontaktpunkt
// question.en: Who answers for each municipality, and for which does nobody?
// question.nb: Hvem svarer for hver kommune, og for hvilke gjør ingen det?
// question.nn: Kven svarar for kvar kommune, og for kva kommunar gjer ingen det?
// returns municipality_code: text: official number
// returns municipality_name: text: its name
// returns status: text: held (somebody answers on the day), ended (somebody did) or missing (nobody is recorded)
// returns holder_kind: text: professional or unit
// returns holder_id: text: the professional or unit that answers, or did last
// returns unit: unit: the unit that answers, or the unit at which the professional works on the day; empty where not known
// returns unit_name: text: its name
// returns since: date, of n_people: first day; empty where not recorded
// returns ended_on: date, of n_people: first day on which nobody answered any more
// returns n_people: persons: people of the data recorded as living there on the day
// needs: patients, residences, contact_points
// parts: birth_years, residences, places
// key: municipality_code, holder_id
// source: docs/definitions.md#contact-point
// version: 1
MATCH (m:Municipality)
// The fold adds who answers, and how many people live there.
RETURN m.municipality_code AS municipality_code, m.name AS municipality_name,
       m.valid_from_day AS valid_from_day, m.valid_to_day AS valid_to_day
