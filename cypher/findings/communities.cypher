// title.en: Communities of the contact network
// title.nb: Fellesskap i kontaktnettverket
// title.nn: Fellesskap i kontaktnettverket
// question.en: Which municipalities or units belong together by where patients go?
// question.nb: Hvilke kommuner eller enheter hører sammen etter hvor pasientene går?
// question.nn: Kva kommunar eller einingar høyrer saman etter kvar pasientane går?
// param network: text, default municipality_ties, one of municipality_ties|municipality_units|unit_transfers|shared_patients|referral_network:
//   whose communities are looked for
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param levels: list, default hospital, one of hospital|psychiatry|emergency|gp|municipal: levels of care that count
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param weight: text, default times, one of times|patients: a tie weighs as many contacts or referrals as there were, or as many patients
// param at_home: boolean, default true: ties of a node to itself count, as contacts in the patient's own municipality
// param resolution: number, default 1, at least 0.05, at most 20: above 1 communities are smaller, below 1 greater
// param n_seeds: int, default 50, at least 50, at most 500: runs of Louvain, each with another seed
// param threshold: number, default 0.5, at least 0, at most 1: nodes that stand together in a smaller share of the runs are not tied in
//   the consensus; own choice
// returns node_id: id: municipality or unit
// returns name: text: its name
// returns kind: text: municipality, or what sort of unit it is
// returns level: text: its level of care; empty for a municipality
// returns community: text: number of its community, the one with most nodes first
// returns n_members: count, of n_patients: nodes in it
// returns centre_id: id: the one of them whose ties with others weigh most
// returns centre_name: text: its name
// returns together: share, of n_patients: mean share of the runs in which it stands together with the others of its community
// returns next_community: text: the community that comes next; empty where there is one alone
// returns together_next: share, of n_patients: the same with the members of that one
// returns n_patients: persons: inhabitants with a contact, or patients of the unit
// among: contacts_in_period
// needs: patients, units, contacts
// key: node_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#communities
// version: 1
MATCH (m:Municipality)
// The fold takes the ties from the network asked for.
RETURN count(m.municipality_code) AS n
