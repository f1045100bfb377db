// title.en: Unusual flows between municipalities and hospitals
// title.nb: Uvanlige strømmer mellom kommuner og sykehus
// title.nn: Uvanlege straumar mellom kommunar og sjukehus
// question.en: To which hospitals and units do more or fewer inhabitants come than population, size and distance let expect?
// question.nb: Til hvilke sykehus og enheter kommer flere eller færre innbyggere enn folketall, størrelse og avstand skulle tilsi?
// question.nn: Til kva sjukehus og einingar kjem fleire eller færre innbyggjarar enn folketal, storleik og avstand skulle tilseie?
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param levels: list, default hospital|psychiatry, one of hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param to: text, default department, one of place|unit|department|clinic|hospital: where patients come to: the municipality that the unit is
//   in, or the nearest unit at or above it of this kind or of a greater one
// param municipalities: list, default served: numbers of the municipalities that flows lead from, and that the units are in; served: those
//   in the catchment of a hospital, all where no catchment was loaded
// param constraint: text, default none, one of none|origin|both: none: population, capacity and distance; origin: what leaves each
//   municipality is as observed; both: also what comes to each place
// param decay: text, default power, one of power|exponential: whether flows fall with the logarithm of the distance or with the distance
// param least_km: number, default 0, at least 0, at most 1000: shorter distances count as this many km; 0: flows within a municipality
//   are left out
// param fdr: number, default 0.05, at least 0.0001, at most 0.5: share of false ones expected among the flows that are named
// param show: text, default unusual, one of unusual|all: unusual: only the flows that are named; all: every pair
// returns from_id: id: municipality that the patients lived in when the contact began
// returns from_name: text: its name
// returns to_id: id: municipality or unit that they come to
// returns to_name: text: its name
// returns status: text, of n_patients: above_expected, below_expected, usual, or why nothing is expected: same_place, no_distance or
//   no_flow_there
// returns n_patients: persons, of from_patients|to_patients: inhabitants with a contact there
// returns expected: share, of n_patients: patients expected
// returns ratio: share, of n_patients: observed to expected
// returns residual: share, of n_patients: deviance residual, divided by the root of the dispersion
// returns p_value: share, of n_patients: two-sided p, with the dispersion of the other pairs
// returns adjusted_p_value: share, of n_patients: the same after Benjamini and Hochberg over all pairs
// returns distance_km: count, km, of to_patients: distance of the great circle between the centroids, rounded
// returns from_patients: persons: inhabitants with a contact at any of the places
// returns to_patients: persons: patients there from any municipality, which counts as its capacity
// needs: patients, units, contacts, residences, municipalities
// parts: named_units, served_municipalities
// key: from_id, to_id
// margins: from_id, to_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#unusual-flows
// version: 1
MATCH (m:Municipality)
// The fold takes the flows from the networks municipality_ties and municipality_units.
RETURN m.municipality_code AS id, m.name AS name, m.population AS population, m.latitude AS latitude,
       m.longitude AS longitude
