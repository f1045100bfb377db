// title.en: Missing contact points
// title.nb: Manglende kontaktpunkter
// title.nn: Manglande kontaktpunkt
// question.en: For which municipalities and trusts does nobody answer?
// question.nb: For hvilke kommuner og helseforetak er det ingen som svarer?
// question.nn: For kva kommunar og helseføretak er det ingen som svarar?
// param municipalities: list, default served: numbers of the municipalities that are asked about; served: those in the catchment
//   of a hospital, all where no catchment was loaded
// param unit_kinds: list, default trust, one of trust|hospital|clinic: sorts of units that are to have a coordinating unit of
//   their own; own proposal
// returns municipality_code: text: official number; empty where the row is about a unit
// returns municipality_name: text: its name
// returns unit: unit: the unit; empty where the row is about a municipality
// returns unit_name: text: its name
// returns status: text: ended (somebody answered before) or missing (nobody is recorded)
// returns holder_kind: text: professional or unit
// returns holder_id: text: the professional or unit that answered last
// returns ended_on: date, of n_people: first day on which nobody answered any more
// returns n_people: persons: people of the data recorded as living there on the day; of a unit, in its catchment
// needs: patients, units, residences, contact_points
// parts: birth_years, residences, served_municipalities
// key: municipality_code, unit
// legal: https://www.helsedirektoratet.no/veiledere/rehabilitering-habilitering-individuell-plan-og-koordinator/individuell-plan-og-koordinator/om-individuell-plan-og-koordinator-formal-og-rettigheter
// source: docs/definitions.md#missing-contact-points
// version: 1
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(a:Unit)
// The fold takes the municipalities from the finding contact_points.
RETURN u.unit_id AS unit_id, u.name AS unit_name, u.kind AS kind, a.unit_id AS parent_id,
       u.valid_from_day AS valid_from_day, u.valid_to_day AS valid_to_day
