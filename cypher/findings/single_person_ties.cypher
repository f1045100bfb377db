// title.en: Ties that rest on one professional
// title.nb: Forbindelser som hviler på én fagperson
// title.nn: Samband som kviler på éin fagperson
// question.en: Between which municipalities and units would nobody be named if one professional left?
// question.nb: Mellom hvilke kommuner og enheter ville ingen være navngitt hvis én fagperson sluttet?
// question.nn: Mellom kva kommunar og einingar ville ingen vere namngitt om éin fagperson slutta?
// param roles: list, default coordinator|plan_coordinator|cancer_coordinator|contact_physician|contact_psychologist|primary_contact|plan_owner,
//   one of coordinator|plan_coordinator|cancer_coordinator|contact_physician|contact_psychologist|primary_contact|plan_owner|gp: what
//   professionals and units hold for patients
// param levels: list, default hospital|psychiatry|municipal, one of hospital|psychiatry|emergency|gp|municipal: levels of care
//   at which the professional works
// param depth: text, default department, one of unit|department|clinic|hospital: each unit is shown as the nearest one at or
//   above it of this kind or of a greater one; as the topmost where there is none
// param min_patients: int, default 5, at least 1: ties with fewer patients are left out, and from 2 on those whose number
//   is not shown
// returns from_id: id: municipality where the patients live, or unit at which others hold something for them
// returns from_name: text: its name
// returns from_kind: text: municipality, or what sort of unit it is
// returns from_level: text: its level of care; empty for a municipality
// returns to_id: unit: unit at which the professional works
// returns to_name: text: its name
// returns to_kind: text: what sort of unit it is
// returns to_level: text: its level of care
// returns link: text: roles (of patients) or contact_point (of the municipality)
// returns professional_id: text: the professional on whom the tie rests
// returns kinds: list, of n_patients: what the professional holds
// returns n_patients: persons: patients whom the tie is about; of a contact point, people of the data who live there
// needs: patients, units, residences, roles, employments
// parts: named_units, places, residences, birth_years, owners, municipality_names
// key: from_id, to_id, link
// source: docs/definitions.md#ties-that-rest-on-one-professional
// version: 1
MATCH (h:Professional)-[r:COORDINATES|CONTACT_PHYSICIAN_FOR|GP_FOR|PRIMARY_CONTACT_FOR]->(p:Patient)
WHERE r.kind IN $roles
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
// The fold adds owners of plans, contact points, where the holders work, and where the patients live.
RETURN p.patient_id AS subject, r.kind AS kind, 'professional' AS holder_kind,
       h.professional_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
UNION ALL
MATCH (u:Unit)-[r:COORDINATES|CONTACT_PHYSICIAN_FOR|GP_FOR|PRIMARY_CONTACT_FOR]->(p:Patient)
WHERE r.kind IN $roles
  AND (p.died_day IS NULL OR p.died_day > $as_of_day)
  AND NOT EXISTS { MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.ended_dead AND s.ended_s < $as_of_s }
RETURN p.patient_id AS subject, r.kind AS kind, 'unit' AS holder_kind, u.unit_id AS holder_id,
       r.valid_from_day AS valid_from_day, r.valid_to_day AS valid_to_day
