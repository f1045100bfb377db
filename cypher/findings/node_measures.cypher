// title.en: Who is central in a network
// title.nb: Hvem som er sentral i et nettverk
// title.nn: Kven som er sentral i eit nettverk
// question.en: Which units or municipalities hold a network together?
// question.nb: Hvilke enheter eller kommuner holder et nettverk sammen?
// question.nn: Kva einingar eller kommunar held eit nettverk saman?
// param network: text, default shared_patients, one of
//   shared_patients|unit_transfers|referral_network|meetings|coordinator_ties|combined_network|municipality_units|municipality_meetings|municipality_ties:
//   network whose ties are looked at; the weights below are those of combined_network alone
// param period_days: int, d, default 365, at least 1, at most 3650: what began less than this many days before the
//   day asked about, or on it, counts
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param levels: list, default hospital|psychiatry|emergency|gp|municipal, one of
//   hospital|psychiatry|emergency|gp|municipal: levels of care whose contacts count
// param weight_shared: number, default 1, at least 0, at most 1000: weight of each patient whom both units saw; own choice, 0
//   leaves this kind out
// param weight_next: number, default 1, at least 0, at most 1000: weight of each patient who came from one to the other as next
//   contact; own choice, 0 leaves this kind out
// param weight_referred: number, default 1, at least 0, at most 1000: weight of each patient whom one referred to the other;
//   own choice, 0 leaves this kind out
// param weight_met: number, default 1, at least 0, at most 1000: weight of each patient about whom both registered a meeting;
//   own choice, 0 leaves this kind out
// param weight_coordinated: number, default 1, at least 0, at most 1000: weight of each patient whom one coordinated and the
//   other treated; own choice, 0 leaves this kind out
// param min_patients: int, default 5, at least 5: ties with fewer patients, and those with a number that may not be shown, count
//   for nothing
// returns node_id: id: unit or municipality
// returns node_name: text: its name
// returns node_kind: text: what sort of unit it is, or municipality
// returns node_level: text: its level of care
// returns n_patients: persons: its patients in the network
// returns degree_in: count: others from which a tie leads here; where ties have no direction the neighbours
// returns degree_out: count: others to which a tie leads; where ties have no direction the neighbours
// returns degree: count: neighbours, in whatever direction
// returns adjusted_degree: share: neighbours per 100 of its patients
// returns strength_in: share: weights of the ties that lead here, added up
// returns strength_out: share: weights of the ties that lead away, added up
// returns strength: share: weights of its ties in both directions, added up
// returns betweenness: share: mean share of the shortest ways between two others that lead over it; a tie is as long as 1
//   divided by its weight
// returns closeness: share: 1 divided by the mean length of the shortest ways that lead here, times the share of the others
//   from which one does
// returns pagerank: share: share of the time that a walk along ties by their weight spends here
// returns clustering: share: share of the pairs of its neighbours that have a tie with each other; empty for fewer than two
// returns core: count: greatest number k for which it belongs to a part where all have at least k neighbours within it
// returns is_articulation_point: boolean: without it the network would fall into more parts
// needs: patients, units, contacts
// key: node_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#node-measures
// version: 1
MATCH (u:Unit)
// The fold asks for the network.
RETURN count(u) AS n
