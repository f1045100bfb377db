// title.en: A patient's timeline
// title.nb: Tidslinjen til en pasient
// title.nn: Tidslinja til ein pasient
// question.en: What has happened with this patient, at which level of care, and who was there?
// question.nb: Hva har skjedd med denne pasienten, på hvilket nivå, og hvem var der?
// question.nn: Kva har hendt med denne pasienten, på kva nivå, og kven var der?
// param patient: text: the patient's id
// returns patient_id: id: the patient
// returns lane: text: where it is drawn: hospital, psychiatry, emergency, gp, municipal, home, roles, plans,
//   referrals or needs
// returns what: text: stay, contact, ready_period, notice, role, plan, plan_owner, plan_revision, referral,
//   first_meeting, assessment, residence or death
// returns kind: text: its code: service of a stay, kind of a contact, notice or plan, the role, reason of a
//   referral, the need that was assessed
// returns event_id: text: id of the stay, contact, period, notice, plan or referral
// returns part_of: text: the contact that it is part of or about
// returns stay_id: id: of contacts, notices and periods ready for discharge: the stay
// returns started_at: time: when it began, or happened; empty where the beginning is not recorded
// returns ended_at: time: when it ended; empty while it goes on, of what happened at one moment, and where no
//   end is recorded
// returns goes_on: boolean: it goes on at the end of the day
// returns has_time: boolean: the clock times are known; a day alone stands as its first moment
// returns is_acute: boolean: of contacts, and of stays by their first contact
// returns status: text: how it ended or what was found, see the definition
// returns care_level: text: of contacts: overnight, day or outpatient
// returns level: text: level of care of the unit
// returns unit: unit: where it was, who was referred to, or where the holder worked
// returns unit_name: text: its name
// returns from_unit: unit: of a referral: who sent it
// returns from_unit_name: text: its name
// returns holder_id: id: of roles and owners: professional or unit
// returns holder_kind: text: professional or unit
// returns municipality_code: text: of residences, notices and periods ready for discharge
// returns municipality_name: text: its name
// needs: patients, units, contacts
// parts: municipality_names, places
// key: started_at, lane, what, event_id, kind, holder_id, unit, municipality_code, ended_at
// source: docs/definitions.md#patient-timeline
// version: 1
MATCH (p:Patient)-[:HAD]->(c:Contact)
      -[m:AT|PART_OF_CONTACT|PART_OF_STAY|HAD_READY_PERIOD|HAD_NOTICE]->(x)
WHERE p.patient_id = $patient AND c.started_s < $as_of_s
// Finding the patient costs more than all that hangs on one: few texts, each with several types.
RETURN c.contact_id AS contact_id, c.kind AS kind, c.care_level AS care_level, c.level AS level,
       c.is_acute AS is_acute, c.started_at AS started_at, c.ended_at AS ended_at,
       c.ended_s AS ended_s, c.ended_dead AS ended_dead, c.has_time AS has_time,
       c.unit_id AS unit_id, x.contact_id AS parent_id, x.stay_id AS stay_id,
       m.sequence AS sequence, m.started_s AS part_from_s,
       x.ready_period_id AS ready_period_id, x.ready_at AS ready_at, x.ready_s AS ready_s,
       x.ended_at AS waited_to_at, x.ended_s AS waited_to_s,
       x.municipality_code AS municipality_code,
       x.notice_id AS notice_id, x.kind AS notice_kind, x.sent_at AS sent_at, x.sent_s AS sent_s
