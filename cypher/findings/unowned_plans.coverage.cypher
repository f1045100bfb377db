// why: a level of care has left the patient only where the sources would have shown its contacts
MATCH (v:Coverage)
RETURN v.level AS level, min(v.covered_from_day) AS covered_from_day,
       max(v.covered_to_day) AS covered_to_day
