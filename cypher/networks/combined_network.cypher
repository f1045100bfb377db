// title.en: Combined network
// title.nb: Samlet nettverk
// title.nn: Samla nettverk
// question.en: How closely are units tied when several kinds of ties are weighed together?
// question.nb: Hvor tett er enheter knyttet sammen når flere slags bånd veies sammen?
// question.nn: Kor tett er einingar knytte saman når fleire slags band blir vegne saman?
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
// param min_patients: int, default 5, at least 5: a tie of one kind with fewer patients, or with a number that may not be
//   shown, counts for nothing
// returns from_id: unit: one of the two units
// returns from_name: text: its name
// returns from_kind: text: what sort of unit it is
// returns from_level: text: its level of care
// returns to_id: unit: the other
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns n_patients: persons: patients of the strongest tie of one kind and direction between them; how many different ones
//   there are of all kinds is not known
// returns weight: share, of n_patients: the numbers of the kinds, each times its weight, added up
// returns n_shared: count, of n_patients: patients whom both saw
// returns n_next: count, of n_patients: patients who came from one to the other as next contact; both directions added up
// returns n_referred: count, of n_patients: patients whom one referred to the other; both directions added up
// returns n_met: count, of n_patients: patients about whom both registered a meeting
// returns n_coordinated: count, of n_patients: patients whom one coordinated and the other treated; both directions added up
// returns from_patients: persons: patients of the one in the kind where it has the most
// returns to_patients: persons: patients of the other in the kind where it has the most
// among: patients_with_contact_in_period
// needs: patients, units, contacts
// parts: visits
// key: from_id, to_id
// directed: false
// levels: hospital, psychiatry, emergency, gp, municipal
// source: docs/definitions.md#combined-network
// version: 1
MATCH (u:Unit)
// The fold asks for the networks that it combines.
RETURN count(u) AS n
