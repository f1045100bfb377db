// why: a source without any GP does not say that this patient has none
MATCH (p:Patient)<-[r:GP_FOR]-(h)
RETURN count(r) AS n
