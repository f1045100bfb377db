// title.en: What the sources cover
// title.nb: Hva kildene dekker
// title.nn: Kva kjeldene dekkjer
// question.en: Which levels of care do the sources cover, where, and from when to when?
// question.nb: Hvilke tjenestenivåer dekker kildene, hvor, og fra når til når?
// question.nn: Kva tenestenivå dekkjer kjeldene, kvar, og frå når til når?
// returns source: text: the source
// returns level: text: level of care
// returns municipality_code: text: the municipality; empty means all
// returns municipality_name: text: its name
// returns covered_from: text: first day covered
// returns covered_to: text: first day no longer covered
// returns basis: text: given (by the source), or assumed from the first and last date seen
// needs: contacts
// key: source, level, municipality_code, covered_from
// source: docs/definitions.md#horizon
// version: 1
MATCH (c:Coverage)
OPTIONAL MATCH (m:Municipality)
WHERE m.municipality_code = c.municipality_code
RETURN c.source AS source, c.level AS level, c.municipality_code AS municipality_code,
       m.name AS municipality_name, c.covered_from AS covered_from, c.covered_to AS covered_to,
       CASE WHEN c.is_assumed THEN 'assumed' ELSE 'given' END AS basis
