// title.en: A patient's team
// title.nb: Teamet rundt en pasient
// title.nn: Teamet rundt ein pasient
// question.en: Who is what for this patient today, and who is not there?
// question.nb: Hvem er hva for denne pasienten i dag, og hvem mangler?
// question.nn: Kven er kva for denne pasienten i dag, og kven manglar?
// param patient: text: the patient's id
// returns patient_id: id: the patient
// returns role: text: gp, coordinator, plan_coordinator, cancer_coordinator, contact_physician,
//   contact_psychologist, primary_contact, plan_owner, individual_plan (declined), ward (of the current
//   stay), service (municipal, going on) or referral (open)
// returns about: text: which plan, contact or referral; empty for other roles
// returns level: text: level of care of the unit; of a missing coordinator: who should name one
// returns holder_id: id: professional or unit; empty where nobody is there
// returns holder_kind: text: professional or unit
// returns unit: unit: where the holder works, or the unit itself; empty where that is not recorded
// returns unit_name: text: its name
// returns since: date: first day; of a gap the day from which somebody should be there, where one is known
// returns status: text: held, gap, declined (the latest assessment says so), or not_recorded (nobody has
//   such a role in the data)
// needs: patients, units, contacts, roles
// parts: places
// key: role, about, level, holder_id, unit, since
// source: docs/definitions.md#patient-team
// version: 2
MATCH (h:Professional)-[r:COORDINATES|CONTACT_PHYSICIAN_FOR|GP_FOR|PRIMARY_CONTACT_FOR]->(p:Patient)
WHERE p.patient_id = $patient
// The fold adds plans, contacts and referrals, where the holders work, and what is not there.
RETURN p.patient_id AS subject, r.kind AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:COORDINATES|CONTACT_PHYSICIAN_FOR|GP_FOR|PRIMARY_CONTACT_FOR]->(p:Patient)
WHERE p.patient_id = $patient
RETURN p.patient_id AS subject, r.kind AS kind, 'unit' AS holder_kind, u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
