// title.en: Time to a coordinator
// title.nb: Tid til koordinator
// title.nn: Tid til koordinator
// question.en: How soon after a recorded need do patients get a coordinator?
// question.nb: Hvor raskt etter registrert behov får pasienter koordinator?
// question.nn: Kor raskt etter registrert behov får pasientar koordinator?
// param by: text, default all, one of all|municipality: what the patients are divided by: where they lived on
//   the day of the assessment
// returns by_value: text: municipality, or all; empty where not known
// returns name: text: name of the municipality
// returns n_needs: persons: patients with a recorded need
// returns n_appointed: persons, of n_needs: got a coordinator
// returns n_died: persons, of n_needs: died before
// returns n_moved: persons, of n_needs: moved to another municipality before
// returns n_waiting: persons, of n_needs: still wait
// returns share_14_days: share, of n_appointed|n_needs: share appointed within 14 days, death and move being
//   competing events; empty where nobody was followed that long
// returns share_30_days: share, of n_appointed|n_needs: the same within 30 days
// returns share_90_days: share, of n_appointed|n_needs: the same within 90 days
// among: patients_with_recorded_coordinator_need
// needs: patients, needs, roles
// key: by_value
// legal: https://www.helsedirektoratet.no/veiledere/rehabilitering-habilitering-individuell-plan-og-koordinator/individuell-plan-og-koordinator/om-individuell-plan-og-koordinator-formal-og-rettigheter
// source: docs/definitions.md#time-to-a-coordinator
// version: 1
MATCH (m:Municipality)
// The names alone: the fold takes the waits from the finding coordinator_waits.
RETURN m.municipality_code AS municipality_code, m.name AS name
