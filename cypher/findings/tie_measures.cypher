// title.en: Which ties hold a network together
// title.nb: Hvilke bånd som holder et nettverk sammen
// title.nn: Kva band som held eit nettverk saman
// question.en: Which ties are returned, and without which would the network fall apart?
// question.nb: Hvilke bånd er gjensidige, og uten hvilke ville nettverket falle fra hverandre?
// question.nn: Kva band er gjensidige, og utan kva for band ville nettverket falle frå kvarandre?
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
// returns from_id: id: unit or municipality
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is, or municipality
// returns from_level: text: its level of care
// returns to_id: id: the other
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is, or municipality
// returns to_level: text: its level of care
// returns n_patients: persons: patients of the tie
// returns weight: share: weight of the tie: its patients, or what combined_network gives it
// returns weight_back: share: weight of the tie in the other direction, 0 where none counts; empty where ties have no direction
// returns reciprocity: share: share of the weight that is returned; empty where ties have no direction
// returns is_bridge: boolean: without the tie, and the one in the other direction, the network would fall into more parts
// needs: patients, units, contacts
// key: from_id, to_id
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#tie-measures
// version: 1
MATCH (u:Unit)
// The fold asks for the network.
RETURN count(u) AS n
