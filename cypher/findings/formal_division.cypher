// title.en: The formal division against where patients go
// title.nb: Den formelle inndelingen mot hvor pasientene går
// title.nn: Den formelle inndelinga mot kvar pasientane går
// question.en: Do the patients of each municipality go where the formal division says?
// question.nb: Går pasientene i hver kommune dit den formelle inndelingen sier?
// question.nn: Går pasientane i kvar kommune dit den formelle inndelinga seier?
// param division: text, default hospital, one of hospital|dps: hospital areas, or district psychiatric areas
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param levels: list, default hospital, one of hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param fdr: number, default 0.05, at least 0.0001, at most 0.5: share of false ones expected among the municipalities that go
//   against the division
// param true_ratio: number, default 0.25, at least 0, at most 0.99: of the number that go to the own area where as many go to the other;
//   how likely the test is to notice
// param resolution: number, default 1, at least 0.05, at most 20: above 1 communities are smaller, below 1 greater
// param n_seeds: int, default 50, at least 50, at most 500: runs of Louvain, each with another seed
// param threshold: number, default 0.5, at least 0, at most 1: municipalities that stand together in a smaller share of the runs are not
//   tied in the consensus; own choice
// param n_permutations: int, default 9999, at least 999, at most 99999: how often the areas are dealt out anew among the municipalities
// returns municipality_code: text: official number
// returns municipality_name: text: its name
// returns own_area: text: area of the formal division; empty where it belongs to none
// returns status: text, of n_patients: against (more patients go mostly to another area), with, undecided, no_patients, no_area or
//   one_area
// returns n_patients: persons: inhabitants with a contact at these levels in the period
// returns n_own: persons, of n_patients: those most of whose contacts were in the municipality's own area
// returns share_own: share, of n_own: n_own to n_patients
// returns other_area: text, of n_patients: the other area to which most of the others mostly go
// returns n_other: persons, of n_patients: those most of whose contacts were there
// returns share_other: share, of n_other: n_other to n_patients
// returns difference: share, of n_own|n_other: share of the other area minus that of its own
// returns difference_low: share, of n_own|n_other: lower bound of its 95 % interval
// returns difference_high: share, of n_own|n_other: upper bound
// returns p_value: share, of n_own|n_other: one-sided p that no other area draws more patients than its own
// returns adjusted_p_value: share, of n_own|n_other: the same after Benjamini and Hochberg over the municipalities
// returns observed_to_expected: share, of n_own|n_other: n_own to half of n_own and n_other together
// returns power: share, of n_own|n_other: chance that the test notices it when n_own is true_ratio times that half
// returns n_contacts: count, of n_patients: their contacts
// returns n_inside: persons, of n_patients: inhabitants with any contact in the own area
// returns n_outside: persons, of n_patients: inhabitants with any contact elsewhere
// returns localisation: share, of n_inside|n_outside: share of these contacts that were in the own area
// returns community: text: number of its community, the one with most municipalities first
// returns centre_name: text: name of the municipality whose ties with others weigh most in it
// returns together: share, of n_patients: mean share of the runs in which it stands together with the others of its community
// among: contacts_in_period
// needs: patients, units, contacts, residences, municipalities
// parts: named_units, visits_by_residence
// key: municipality_code
// levels: hospital, psychiatry, emergency, gp, municipal
// profile dps "District psychiatric areas": division dps, levels psychiatry
// source: docs/definitions.md#the-formal-division
// version: 1
MATCH (m:Municipality)
// The fold asks for the contacts of those who live there.
RETURN m.municipality_code AS municipality_code, m.name AS name, m.hospital_area AS hospital_area,
       m.dps_area AS dps_area
