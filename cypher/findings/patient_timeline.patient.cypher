// why: what hangs on the patient, each row being one of five sorts, told apart by its id
MATCH (p:Patient)
WHERE p.patient_id = $patient
OPTIONAL MATCH (p)-[r:HAD_STAY|HAS_NEED|HAS_PLAN|WAS_REFERRED|LIVES_IN]->(x)
RETURN p.died_day AS died_day,
       x.stay_id AS stay_id, x.level AS level, x.service AS service, x.started_at AS started_at,
       x.started_s AS started_s, x.ended_at AS ended_at, x.ended_s AS ended_s,
       x.ended_dead AS ended_dead, x.is_acute_first AS is_acute, x.has_time AS has_time,
       x.need AS need, x.status AS status, x.assessed_day AS assessed_day,
       x.plan_id AS plan_id, x.kind AS kind, x.valid_from_day AS valid_from_day,
       x.valid_to_day AS valid_to_day,
       x.referral_id AS referral_id, x.reason AS reason, x.outcome AS outcome, x.sent_at AS sent_at,
       x.sent_s AS sent_s, x.assessed_s AS assessed_s, x.first_meeting_at AS first_meeting_at,
       x.first_meeting_s AS first_meeting_s, x.closed_at AS closed_at, x.closed_s AS closed_s,
       x.municipality_code AS municipality_code, r.valid_from_day AS lived_from_day,
       r.valid_to_day AS lived_to_day
