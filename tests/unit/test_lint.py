"""The linter of the portable subset: what it refuses, where, and what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from pathgraph.engine.empty_graph import explain_on_empty_graph
from pathgraph.queries.lint import lint, main
from pathgraph.queries.portable import lint_text
from tests.findings.library_folder import PATIENTS, write_library

P = "MATCH (p:Patient)"
STAYS = "MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)"
ID = "RETURN p.patient_id AS patient_id"

REFUSED = {
    "undirected": (f"{P}-[:HAD_STAY]-(s:Stay) {ID}", "no direction"),
    "both directions": (f"{P}<-[:HAD_STAY]->(s:Stay) {ID}", "no direction"),
    "undirected without brackets": (f"{P}--(s:Stay) {ID}", "no direction"),
    "two labels": (f"MATCH (p:Patient:Unit) {ID}", "one label"),
    "either label": (f"MATCH (p:Patient|Unit) {ID}", "one label"),
    "both labels": (f"MATCH (p:Patient&Unit) {ID}", "one label"),
    "old type list": (f"{P}-[:HAD|:HAD_STAY]->(s) {ID}", "a relationship pattern is"),
    "condition in the node": ("MATCH (p:Patient WHERE p.sex = 'x') " + ID, "Move conditions"),
    "condition in the relationship": (
        "MATCH (a:Stay)-[r:NEXT_STAY WHERE r.gap_s > 1]->(b:Stay) RETURN a.stay_id AS x",
        "Move conditions to WHERE",
    ),
    "named path": (f"MATCH x = (p:Patient)-[:HAD_STAY]->(s:Stay) {ID}", "a path has no name"),
    "quantified path": (f"MATCH ((p:Patient)-[:HAD_STAY]->(s:Stay))+ {ID}", "node pattern is"),
    "repeated type": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality)<-[:LIVES_IN]-(b:Patient) "
        "RETURN a.patient_id AS a_id, b.patient_id AS b_id",
        "LIVES_IN stands twice",
    ),
    "repeated type in two paths": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality), (b:Patient)-[:LIVES_IN]->(m) "
        "RETURN a.patient_id AS a_id",
        "LIVES_IN stands twice",
    ),
    "repeated type, check under OR": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality)<-[:LIVES_IN]-(b:Patient) "
        "WHERE a.patient_id <> b.patient_id OR a.sex = 'x' RETURN a.patient_id AS a_id",
        "LIVES_IN stands twice",
    ),
    "repeated type, check beside OR": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality)<-[:LIVES_IN]-(b:Patient) WHERE "
        "a.sex = 'x' OR m.population > 1 AND a.patient_id <> b.patient_id "
        "RETURN a.patient_id AS a_id",
        "LIVES_IN stands twice",
    ),
    "repeated type, other properties compared": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality)<-[:LIVES_IN]-(b:Patient) "
        "WHERE a.birth_year < b.died_day RETURN a.patient_id AS a_id",
        "LIVES_IN stands twice",
    ),
    "repeated type, sum compared": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality)<-[:LIVES_IN]-(b:Patient) "
        "WHERE a.birth_year < b.birth_year + 5 RETURN a.patient_id AS a_id",
        "LIVES_IN stands twice",
    ),
    "chain over a type that may lead back": (
        "MATCH (a:Unit)-[:HAS_AGREEMENT_WITH]->(b:Unit)-[:HAS_AGREEMENT_WITH]->(c:Unit) "
        "RETURN a.unit_id AS a_id",
        "HAS_AGREEMENT_WITH stands twice",
    ),
    "two matches in EXISTS": (
        f"{P} WHERE EXISTS {{ MATCH (p)-[:HAD]->(c:Contact) MATCH (c)-[:AT]->(u:Unit) }} {ID}",
        "one MATCH",
    ),
    "two matches in COUNT": (
        f"{P} WHERE COUNT {{ MATCH (p)-[:HAD]->(c:Contact) MATCH (c)-[:AT]->(u:Unit) }} > 1 {ID}",
        "one MATCH",
    ),
    "WITH in EXISTS": (
        f"{P} WHERE EXISTS {{ MATCH (p)-[:HAD]->(c:Contact) WITH c RETURN c.kind AS x }} {ID}",
        "one MATCH",
    ),
    "fault inside EXISTS": (
        f"{P} WHERE EXISTS {{ MATCH (p)-[:HAD]->(c:Contact) WHERE c.wrong = 1 }} {ID}",
        "Contact has no property wrong",
    ),
    "short EXISTS": (f"{P} WHERE EXISTS {{ (p)-[:HAD_STAY]->(:Stay) }} {ID}", "short form"),
    "exists function": (f"{P} WHERE exists(p.sex) {ID}", "IS NOT NULL"),
    "COLLECT subquery": (
        f"{P} RETURN COLLECT {{ MATCH (p)-[:HAD_STAY]->(s) RETURN s.stay_id }} AS x",
        "COLLECT { }",
    ),
    "pattern as condition": (f"{P} WHERE (p)-[:HAD_STAY]->(:Stay) {ID}", "EXISTS { MATCH"),
    "pattern to the left": (f"{P} WHERE (p)<-[:GP_FOR]-() {ID}", "EXISTS { MATCH"),
    "pattern after NOT": (f"{P} WHERE NOT (p)-[:HAD_STAY]->(:Stay) {ID}", "EXISTS { MATCH"),
    "pattern without brackets": (f"{P} WHERE (p)-->(:Stay) {ID}", "EXISTS { MATCH"),
    "unbounded": ("MATCH (a:Unit)-[:PART_OF*]->(b:Unit) RETURN a.unit_id AS x", "upper bound"),
    "bounded below only": (
        "MATCH (a:Unit)-[:PART_OF*1..]->(b:Unit) RETURN a.unit_id AS x", "upper bound",
    ),
    "variable length that may circle": (
        "MATCH (a:Unit)-[:HAS_AGREEMENT_WITH*1..3]->(b:Unit) RETURN a.unit_id AS x", "circle",
    ),
    "CALL subquery": (f"{P} CALL {{ MATCH (s:Stay) RETURN s }} {ID}", "CALL"),
    "CALL procedure": (f"CALL db.labels() YIELD label {ID}", "CALL"),
    "list comprehension": (f"{P} RETURN [x IN [1, 2] | x] AS l", "comprehensions"),
    "filtering comprehension": (f"{P} RETURN [x IN [1, 2] WHERE x > 1] AS l", "comprehensions"),
    "pattern comprehension": (
        f"{P} RETURN [(p)-[:HAD_STAY]->(s) | s.stay_id] AS l", "comprehensions",
    ),
    "map projection": (f"{P} RETURN p {{ .patient_id }} AS m", "maps and map projections"),
    "map": (f"{P} RETURN {{a: 1}} AS m", "maps and map projections"),
    "APOC": (f"{P} RETURN apoc.text.join(['a'], ',') AS t", "extension"),
    "toFloat": (f"{P} RETURN toFloat(p.birth_year) AS t", "write 1.0 * x"),
    "toString": (f"{P} RETURN toString(p.birth_year) AS t", "tostring(...)"),
    "round": (f"{P} RETURN ROUND (p.birth_year) AS t", "unrounded"),
    "substring": (f"{P} RETURN substring(p.sex, 0, 1) AS t", "first place"),
    "labels": (f"{P} RETURN labels(p) AS t", "stands in the pattern"),
    "type": (f"{P}-[r:HAD]->(c) RETURN type(r) AS t", "stands in the pattern"),
    "date": (f"{P} WHERE date(p.died_on) > 1 {ID}", "*_day"),
    "duration": (f"{P} WHERE duration.days > 1 AND duration('P1D') > 1 {ID}", "*_day"),
    "unknown function": (f"{P} RETURN frobnicate(p.sex) AS t", "known are"),
    "list predicate": (f"{P} WHERE any(x IN [1] WHERE x = 1) {ID}", "any(...)"),
    "place in a list": (f"{STAYS} WITH p, collect(s.stay_id) AS l RETURN l[0] AS t", "a place"),
    "slice": (f"{STAYS} RETURN collect(s.stay_id)[0..2] AS t", "a slice"),
    "place in a parameter": (f"{P} WHERE p.sex = $sexes[0] {ID}", "a place"),
    "regular expression": (f"{P} WHERE p.sex =~ 'f.*' {ID}", "=~ differs"),
    "concatenation": (f"{P} RETURN p.sex || 'x' AS t", "Write +"),
    "ordered WITH": (f"{P} WITH p ORDER BY p.patient_id {ID}", "without LIMIT"),
    "ordered WITH and WHERE": (
        f"{P} WITH p ORDER BY p.patient_id WHERE p.sex = 'x' {ID} ORDER BY patient_id LIMIT 3",
        "without LIMIT",
    ),
    "LIMIT without order": (f"{P} {ID} LIMIT 3", "gives any rows"),
    "aggregate of an aggregate": (f"{STAYS} RETURN max(count(s)) AS t", "two steps"),
    "sum without coalesce": (f"{P} RETURN sum(p.birth_year) AS t", "coalesce(sum(...), 0)"),
    "alias like a variable": (f"{STAYS} RETURN count(s) AS s", "alias s is also a variable"),
    "alias like a variable in WITH": (
        f"{P} WITH p.patient_id AS p RETURN p AS t", "alias p is also a variable",
    ),
    "column without a name": (f"{P} RETURN p.patient_id", "AS name"),
    "WITH without a name": (f"{P} WITH p.sex RETURN 1 AS x", "AS name"),
    "RETURN *": (f"{P} RETURN *", "RETURN * hides"),
    "nullable parameter": (f"{P} WHERE $sex IS NULL OR p.sex = $sex {ID}", "never null"),
    "label in a condition": (f"MATCH (p) WHERE p:Patient {ID}", "Write it in the pattern"),
    "unknown label": ("MATCH (p:Patent) RETURN p.patient_id AS x", "no label Patent"),
    "unknown type": (f"{P}-[:VISITED]->(c:Contact) {ID}", "no relationship VISITED"),
    "no type": (f"{P}-[r]->(c:Contact) {ID}", "has no type"),
    "arrow without type": (f"{P}-->(c:Contact) {ID}", "has no type"),
    "wrong way": (f"{P}<-[:HAD_STAY]-(s:Stay) {ID}", "HAD_STAY never goes from Stay to Patient"),
    "wrong end": (f"{P}-[:HAD]->(s:Stay) {ID}", "HAD never goes from Patient to Stay"),
    "two kinds of node": (f"{STAYS} MATCH (s:Unit) {ID}", "another kind of node"),
    "unknown property": (f"{P} RETURN p.age AS t", "Patient has no property age"),
    "unknown property by the relationship": (
        "MATCH (c:Contact)-[:AT]->(u) RETURN u.wards AS t", "Unit has no property wards",
    ),
    "unknown property of a relationship": (
        "MATCH (a:Stay)-[r:NEXT_STAY]->(b:Stay) RETURN r.gap AS t", "NEXT_STAY has no property gap",
    ),
    "unknown property in the pattern": (
        "MATCH (u:Unit {floor: 3}) RETURN u.unit_id AS t", "Unit has no property floor",
    ),
    "unknown property after renaming": (
        f"{P} WITH p AS q RETURN q.age AS t", "Patient has no property age",
    ),
    "internal node_key": (f"{P} RETURN p.node_key AS t", "belongs to the engines"),
    "internal load_id": ("MATCH (l:Load) RETURN l.load_id AS t", "belongs to the engines"),
    "internal merge_key": (
        "MATCH (:Stay)-[r:NEXT_STAY]->(:Stay) RETURN r.merge_key AS t", "belongs to the engines",
    ),
    "CREATE": ("CREATE (p:Patient) RETURN 1 AS x", "only read"),
    "MERGE": ("MERGE (p:Patient) RETURN 1 AS x", "only read"),
    "SET": (f"{P} SET p.sex = 'x' {ID}", "only read"),
    "DELETE": (f"{P} DETACH DELETE p RETURN 1 AS x", "only read"),
    "REMOVE": (f"{P} REMOVE p.sex {ID}", "only read"),
    "LOAD": ("LOAD FROM 'x.csv' RETURN 1 AS x", "only read"),
    "COPY": ("COPY (MATCH (p:Patient) RETURN p.sex AS s) TO 'x.csv'", "only read"),
    "two queries": (f"{P} {ID}; MATCH (u:Unit) RETURN u.unit_id AS x", "semicolon"),
    "no RETURN": (f"{P} WHERE p.sex = 'x'", "one RETURN"),
    "column twice": (f"{P} RETURN p.sex AS x, p.birth_year AS x", "returned twice"),
    "no clause": (f"FIND (p) {ID}", "begins no clause"),
    "open bracket": (f"MATCH (p:Patient {ID}", "never closed"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_outside_the_subset_is_refused(name: str) -> None:
    text, part = REFUSED[name]
    sentences = [sentence for _, sentence in lint_text(text)]
    assert any(part in sentence for sentence in sentences), sentences


ACCEPTED = {
    "plain": f"{P} WHERE p.birth_year > 1950 AND NOT p.sex IS NULL {ID}",
    "words in strings and comments": (
        f"{P} // CREATE (x)--(y) CALL toFloat(1);\n"
        f"WHERE p.sex = 'CALL {{ (a)--(b) }} ; SET' /* MERGE =~ */ OR p.sex = \"it's\" {ID}"
    ),
    "quoted names": "MATCH (p:`Patient`) RETURN p.`patient_id` AS `patient_id`",
    "both arrows": f"{STAYS}<-[:PART_OF_STAY]-(c:Contact) {ID}",
    "properties in the pattern": "MATCH (u:Unit {level: $level}) RETURN u.unit_id AS x",
    "either type": f"MATCH (p:Patient)-[:HAD|HAD_STAY]->(x) {ID}",
    "repeated type with a check of ids": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality)<-[:LIVES_IN]-(b:Patient) "
        "WHERE m.population > 1 AND a.patient_id < b.patient_id RETURN a.patient_id AS x"
    ),
    "repeated type with a check of nodes": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality)<-[:LIVES_IN]-(b:Patient) "
        "WHERE a <> b RETURN a.patient_id AS x"
    ),
    "repeated type from two labels": (
        "MATCH (a:Professional)-[:COORDINATES]->(p:Patient)<-[:COORDINATES]-(u:Unit) "
        "RETURN p.patient_id AS x"
    ),
    "repeated type in two clauses": (
        "MATCH (a:Patient)-[:LIVES_IN]->(m:Municipality) MATCH (b:Patient)-[:LIVES_IN]->(m) "
        "RETURN a.patient_id AS x, b.patient_id AS y"
    ),
    "chain over an acyclic type": (
        "MATCH (a:Stay)-[:NEXT_STAY]->(b:Stay)-[:NEXT_STAY]->(c:Stay) RETURN a.stay_id AS x"
    ),
    "bounded and acyclic": "MATCH (a:Unit)-[:PART_OF*0..4]->(b:Unit) RETURN a.unit_id AS x",
    "EXISTS and COUNT": (
        f"{P} WHERE NOT EXISTS {{ MATCH (p)-[r:LIVES_IN]->(m:Municipality) WHERE "
        f"r.valid_from_day <= $as_of_day }} AND COUNT {{ MATCH (p)-[:HAD_STAY]->(:Stay) }} > 1 {ID}"
    ),
    "OPTIONAL MATCH": (
        f"{P} OPTIONAL MATCH (p)-[:HAD_STAY]->(s:Stay) WHERE s.started_s < $as_of_s "
        "RETURN p.patient_id AS x, count(DISTINCT s) AS n"
    ),
    "sums and medians": (
        f"{STAYS} RETURN 1.0 * coalesce(sum(CASE WHEN s.is_acute_any THEN 1 ELSE 0 END), 0) "
        "/ count(*) AS share, percentileCont(s.n_contacts, 0.5) AS median"
    ),
    "aggregates in two steps": (
        f"{STAYS} WITH p, count(s) AS n_stays WHERE n_stays > 1 RETURN max(n_stays) AS most"
    ),
    "ordered with a limit": (
        f"{P} WITH p ORDER BY p.patient_id LIMIT 3 {ID} ORDER BY patient_id SKIP 1 LIMIT 2"
    ),
    "UNION": (f"{P} RETURN count(p) AS n UNION ALL MATCH (n:Unit) RETURN count(n) AS amount"),
    "lists": f"{P} WHERE p.sex IN ['a', 'b'] OR p.sex IN $sexes UNWIND [1, 2] AS x {ID}",
    "STARTS WITH": f"{P} WHERE p.sex STARTS WITH 'f' OR p.sex ENDS WITH 'm' {ID}",
    "arithmetic with brackets": f"{P} WHERE (p.birth_year) - (1900) > 3 AND 2 < -1 {ID}",
    "DISTINCT": "MATCH (p:Patient) WITH DISTINCT p RETURN DISTINCT p.patient_id AS patient_id",
    "a property of either end": (
        "MATCH (h)-[:COORDINATES]->(p:Patient) "
        "RETURN coalesce(h.unit_id, h.professional_id) AS holder"
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_in_the_subset_passes_and_the_engine_takes_it(name: str) -> None:
    text = ACCEPTED[name]
    if name != "UNION":
        assert lint_text(text) == []
        values = {"level": "x", "as_of_day": 1, "as_of_s": 1, "sexes": ["a"]}
        assert explain_on_empty_graph({name: (text, values)}) == {}
        return
    # The names of a union's parts are the engine's to compare; a variable of one is none of the
    # other.
    assert lint_text(text.replace("amount", "n")) != []
    assert lint_text(text.replace("(n", "(u")) == []


def test_lines_are_those_of_the_file() -> None:
    text = "MATCH (p:Patient)\n/* one\ntwo */ WHERE p.age > 1\nRETURN\n  round(p.birth_year) AS x"
    assert [line for line, _ in lint_text(text, first_line=10)] == [12, 14]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{P} RETURN p.patient_id AS patient_id, p.sex AS sex", []),
        (f"{P} RETURN p.sex AS sex, p.patient_id AS patient_id", ["same order"]),
        (f"{P} RETURN p.patient_id AS patient_id", ["same order"]),
        (
            f"{P} RETURN p.patient_id AS patient_id, p.sex AS sex "
            f"UNION {P} RETURN p.sex AS sex, p.patient_id AS patient_id",
            ["same order"],
        ),
    ],
)
def test_columns_are_compared_with_the_header(text: str, said: list[str]) -> None:
    sentences = [s for _, s in lint_text(text, columns=("patient_id", "sex"))]
    assert len(sentences) == len(said)
    assert all(part in s for part, s in zip(said, sentences, strict=True))


def test_a_good_folder_has_no_problems(tmp_path: Path) -> None:
    folder = write_library(
        tmp_path,
        {
            "patients": (
                (*PATIENTS, "param born: int, default 1900: from", "among: all_patients"),
                f"{P} WHERE p.birth_year >= $born AND $horizon_s > 0 {ID}",
            )
        },
        among={
            "all_patients": (
                ("returns n: persons: people",),
                f"{P} WHERE p.birth_year >= $born RETURN count(p) AS n",
            )
        },
        other={
            "checks/no_one.cypher": "// title.en: No patient without id\n// version: 1\n"
            "MATCH (p:Patient) WHERE p.patient_id IS NULL RETURN count(p) AS n",
            "findings/patients.neo4j.cypher": "// why: a test\n"
            f"{P} WHERE p.birth_year >= $born {ID}",
        },
    )
    assert lint(folder) == []


def lint_of(folder: Path, *header: str, text: str, **kwargs: object) -> list[str]:
    return lint(write_library(folder, {"patients": ((*PATIENTS, *header), text)}, **kwargs))  # type: ignore[arg-type]


def test_parameters_are_declared_and_used(tmp_path: Path) -> None:
    problems = lint_of(
        tmp_path,
        "param born: int, default 1900: from",
        text=f"{P} WHERE p.birth_year > $borne {ID}",
    )
    assert [p.split(": ", 1)[1] for p in problems] == [
        "$borne is used, but patients.cypher has no '// param borne: ...'. Add it, or correct "
        "the name.",
        "the parameter born is never used. Use it or remove it.",
    ]


def test_a_parameter_of_the_denominator_is_declared_by_the_finding(tmp_path: Path) -> None:
    problems = lint_of(
        tmp_path,
        "among: some",
        text=f"{P} {ID}",
        among={
            "some": (("returns n: persons: x",), f"{P} WHERE p.sex = $sex RETURN count(p) AS n")
        },
    )
    assert len(problems) == 1
    assert "some.cypher: $sex is used, but patients.cypher has no" in problems[0]


def test_a_denominator_returns_n(tmp_path: Path) -> None:
    problems = lint_of(
        tmp_path,
        "among: some",
        text=f"{P} {ID}",
        among={"some": (("returns n: persons: x",), f"{P} RETURN count(p) AS patients")},
    )
    assert any("RETURN gives patients, but the header declares n" in p for p in problems)


def test_a_check_has_no_parameters(tmp_path: Path) -> None:
    text = f"// title.en: x\n// version: 1\n{P} WHERE p.sex = $sex RETURN count(p) AS n"
    problems = lint(write_library(tmp_path, other={"checks/sex.cypher": text}))
    assert len(problems) == 1
    assert "a check has no parameters" in problems[0]


def test_what_only_the_engine_sees_is_found_on_an_empty_graph(tmp_path: Path) -> None:
    # Text and number compared: nothing that a look at the words would show.
    problems = lint_of(tmp_path, text=f"{P} WHERE p.patient_id + 1 > p.sex * 2 {ID}")
    assert len(problems) == 1
    assert "patients.cypher: LadybugDB" in problems[0]


def test_problems_name_file_and_line(tmp_path: Path) -> None:
    problems = lint_of(tmp_path, text=f"{P}\nWHERE p.age > 1\n{ID}")
    path = tmp_path / "findings" / "patients.cypher"
    lines = path.read_text(encoding="utf-8").split("\n")
    number = 1 + next(i for i, line in enumerate(lines) if "p.age" in line)
    assert problems[0].startswith(f"{path}:{number}: Patient has no property age.")


def test_the_command_prints_problems_and_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write_library(tmp_path / "good", {"patients": (PATIENTS, f"{P} {ID}")})
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == ""
    bad = write_library(tmp_path / "bad", {"patients": (PATIENTS, f"{P}--() {ID}")})
    assert main([str(bad)]) == 1
    said = capsys.readouterr()
    assert "no direction" in said.out
    assert said.err.startswith("1 Cypher files, ")


def test_a_fold_may_use_a_parameter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathgraph.queries import findings as findings_package

    (tmp_path / "folded_for_lint.py").write_text("def fold(t, c):\n    return c.parameters['k']\n")
    monkeypatch.setattr(findings_package, "__path__", [str(tmp_path)])
    folder = write_library(
        tmp_path / "cypher",
        {"folded_for_lint": ((*PATIENTS, "param k: int, default 3: x"), f"{P} RETURN p.sex AS s")},
    )
    assert lint(folder) == []


PART = f"// why: a test\n{P} WHERE p.birth_year > $born {ID}"


def test_a_shared_part_uses_the_parameters_of_who_asks_for_it(tmp_path: Path) -> None:
    asked = lint_of(
        tmp_path,
        "parts: grown",
        "param born: int, default 1900: from",
        text=f"{P} {ID}",
        other={"parts/grown.cypher": PART},
    )
    assert asked == []
    undeclared = lint_of(tmp_path, "parts: grown", text=f"{P} {ID}")
    assert len(undeclared) == 1
    assert "grown.cypher: $born is used, but patients.cypher has no" in undeclared[0]


@pytest.mark.parametrize(
    ("parts", "files", "said"),
    [
        ((), {"parts/grown.cypher": PART}, "no finding asks for it"),
        (("parts: grow",), {"parts/grown.cypher": PART}, "'grow' is no file of cypher/parts"),
        (
            ("parts: grown",),
            {"parts/grown.cypher": PART, "findings/patients.grown.cypher": PART},
            "grown is a shared part too",
        ),
        (
            ("parts: grown",),
            {"parts/grown.neo4j.cypher": PART},
            "grown.cypher is not there, only a text for one engine",
        ),
        (
            ("parts: grown",),
            {"parts/grown.cypher": f"{P} WHERE p.birth_year > $born {ID}"},
            "why",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_shared_parts(
    tmp_path: Path, parts: tuple[str, ...], files: dict[str, str], said: str
) -> None:
    folder = write_library(
        tmp_path,
        {"patients": ((*PATIENTS, *parts, "param born: int, default 1900: from"),
                      f"{P} WHERE p.birth_year > $born {ID}")},
        other=files,
    )  # fmt: skip
    assert any(said in problem for problem in lint(folder)), lint(folder)
