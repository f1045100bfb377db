// why: teams see people of every age on behalf of others: they are neither child nor adult units
MATCH (u:Unit)
WHERE u.kind = 'team'
RETURN u.unit_id AS unit_id
