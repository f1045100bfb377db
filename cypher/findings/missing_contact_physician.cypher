// title.en: Stays without a contact physician in time
// title.nb: Opphold uten kontaktlege i tide
// title.nn: Opphald utan kontaktlege i tide
// question.en: For which stays was no contact physician or contact psychologist recorded by the first
//   working day after admission?
// question.nb: For hvilke opphold var ingen kontaktlege eller kontaktpsykolog registrert innen første
//   virkedag etter innleggelsen?
// question.nn: For kva opphald var ingen kontaktlege eller kontaktpsykolog registrert innan første
//   vyrkedag etter innlegginga?
// param proxy: text, default long_stay, one of long_stay|follow_ups|either: what stands for serious illness
//   with a need of some duration: a long stay, planned visits at the clinic afterwards, or either
// param min_hours: int, h, default 96, at least 0, at most 8760: a stay is long when it lasts longer than this
// param follow_ups: int, default 2, at least 1, at most 100: fewest planned outpatient contacts at the
//   clinic that the patient was discharged from
// param follow_up_days: int, d, default 90, at least 1, at most 3650: these contacts begin at most this
//   long after the end of the stay, 24 h to a day
// param within_days: int, d, default 36500, at least 1, at most 36500: the stay began less than this many
//   days before the day asked about; the default sets no limit
// param min_recorded_share: number, default 0.05, at least 0, at most 1: a unit that has a contact physician
//   on a smaller share of its stays is taken not to record them; own proposal
// returns patient_id: id: the patient
// returns stay_id: id: the stay
// returns unit: unit: unit that the patient was discharged from, or is at
// returns unit_name: text: its name
// returns started_at: time: when the stay began
// returns due_on: date: first working day after it
// returns days_overdue: days, d: from that day to the appointment, else to the end of the stay or the day
//   asked about
// returns appointed_on: date: day on which one of the same trust was there after all, during the stay
// returns basis: text: long_stay, follow_ups or both
// returns status: text: missing, or not_recorded where the unit records hardly any
// among: stays_due_a_contact_physician
// needs: patients, units, contacts, roles
// parts: units, stays_under_way
// key: patient_id, started_at, stay_id
// levels: hospital, psychiatry
// legal: https://www.helsedirektoratet.no/rundskriv/pasient-og-brukerrettighetsloven-med-kommentarer/rett-til-helse-og-omsorgstjenester-og-transport/rett-til-kontaktlege
// source: docs/definitions.md#missing-contact-physician
// version: 1
MATCH (u:Unit)
OPTIONAL MATCH (u)-[:PART_OF]->(v:Unit)
// Which unit is part of which; the fold asks for the stays and the roles.
RETURN u.unit_id AS unit_id, u.kind AS kind, v.unit_id AS parent_id
