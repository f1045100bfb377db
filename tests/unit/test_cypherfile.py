"""The header of a Cypher file, and the finding that it describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pathgraph.cypherfile import cypher_folder, parse_cypher_file, read_cypher_file
from pathgraph.errors import InputError
from pathgraph.queries import catalogue as catalogue_module
from pathgraph.queries.catalogue import catalogue, find_finding, networks, read_library
from pathgraph.queries.header import among_of, check_of, finding_of, variant_problems
from pathgraph.queries.spec import Kind, Parameter, ParameterType, Return, Value
from tests.findings.library_folder import PATIENTS, header, write_library

PATH = Path("x/revolving_door.cypher")


def parse(content: str) -> Any:
    return parse_cypher_file(PATH, content)


def finding(*lines: str, text: str = "MATCH (p:Patient) RETURN p.patient_id AS patient_id") -> Any:
    return finding_of(parse(header(lines) + text), amongs={})


def problems(*lines: str) -> list[str]:
    return list(finding(*lines)[1])


def test_entries_lines_and_text() -> None:
    file = parse(
        "\ufeff// title.en: Patients: all of them\r\n"
        "//\n"
        "// param min_stays: int, default 3: stays\n"
        "//   in the window\n"
        '// profile old "67 and older": min_stays 4, needs: diagnosis_groups\n'
        "\n"
        "MATCH (p:Patient)\n"
        "// no header: this\n"
        "RETURN 1 AS x\n"
    )
    assert file.problems == ()
    assert [(e.word, e.language, e.name, e.title, e.text, e.line) for e in file.entries] == [
        ("title", "en", "", "", "Patients: all of them", 1),
        ("param", "", "min_stays", "", "int, default 3: stays in the window", 3),
        ("profile", "", "old", "67 and older", "min_stays 4, needs: diagnosis_groups", 5),
    ]
    assert file.text_line == 7
    assert file.text == "MATCH (p:Patient)\n// no header: this\nRETURN 1 AS x"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("// Just a remark\nMATCH", "x/revolving_door.cypher:1: a header line reads"),
        ("//   begins nowhere\nMATCH", "x/revolving_door.cypher:1: the line goes on"),
        ("// version: 1\n", "no query below the header"),
        ("", "no query below the header"),
        ("// Title.en: x\nMATCH", "a header line reads"),
    ],
)
def test_a_header_of_another_form_is_refused(content: str, part: str) -> None:
    assert [p for p in parse(content).problems if part in p]


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.cypher: No such file"):
        read_cypher_file(tmp_path / "gone.cypher")
    latin = tmp_path / "latin.cypher"
    latin.write_bytes("// title.nb: Svingdørspasienter\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_cypher_file(latin)


def test_the_folder_is_found() -> None:
    assert (cypher_folder() / "README.md").is_file()


FULL = (
    *PATIENTS,
    "returns n_stays: count: stays",
    "returns gaps: list, d: gaps",
    "param min_stays: int, default 3, at least 2, at most 9: acute stays",
    "param share: number, default 0.5: a share",
    "param window_days: int, d, default 365: length",
    "param acute: text, default first, one of first|any: which contact",
    "param units: list, default a|b: which units",
    "param with_dead: boolean, default false: whether",
    "param name: text: no default",
    "needs: contacts, diagnoses",
    "levels: hospital, psychiatry",
    'profile old "67 and older": min_stays 4, acute any, needs: diagnosis_groups',
    "profile all_ages:",
    "legal: https://example.org/law",
    "version: 3",
)


def test_a_full_header_becomes_a_finding() -> None:
    read, wrong = finding(*FULL)
    assert wrong == []
    assert read.id == "revolving_door"
    assert read.version == 3
    assert read.title == "Patients"
    assert read.titles["nn"] == "Pasientar"
    assert read.question == "Who is here?"
    assert read.is_patient_level
    assert read.key == ("patient_id",)
    assert read.needs == ("contacts", "diagnoses")
    assert read.levels == ("hospital", "psychiatry")
    assert read.legal == "https://example.org/law"
    assert read.returns[2] == Return("gaps", Kind.LIST, "gaps", unit="d")
    assert read.parameter("min_stays") == Parameter(
        "min_stays", ParameterType.INT, "acute stays", default=3, at_least=2, at_most=9
    )
    assert read.parameter("window_days").unit == "d"
    assert read.parameter("acute").one_of == ("first", "any")
    assert read.parameter("units").default == ("a", "b")
    assert read.parameter("with_dead").default is False
    assert read.parameter("name").default is None
    assert read.parameter("share").default == 0.5
    old = read.profile("old")
    assert (old.title, dict(old.values), old.needs) == (
        "67 and older", {"min_stays": 4, "acute": "any"}, ("diagnosis_groups",),
    )  # fmt: skip
    assert dict(read.profile("all_ages").values) == {}


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("colour: red", "'colour' is no header word"),
        ("title.de: Patienten", "Languages (en, nb, nn)"),
        ("version.en: 1", "write '// version: ...'"),
        ("version: 0", "whole number from 1"),
        ("version: 1.5", "whole number from 1"),
        ("needs:", "nothing stands after 'needs:'"),
        ("needs: contacts, wards", "'wards' is no canonical table"),
        ("needs: contacts, contacts", "stands twice"),
        ("levels: hospital, ward", "'ward' is no level of care"),
        ("among: nobody", "'nobody' is no file of cypher/among"),
        ("param: int: x", "write '// param name: ...'"),
        ("param K: int: x", "a name is lower case"),
        ("param as_of_s: int: x", "every finding has 'as_of_s' already"),
        ("param k: integer: x", "'integer' is no type"),
        ("param k: int", "a sentence is missing"),
        ("param k: int, defualt 3: x", "'defualt 3' is not understood"),
        ("param k: int, default: x", "'default' is not understood"),
        ("param k: int, d, h: x", "'h' is not understood"),
        ("param k: int, default three: x", "default does not fit: it must be a whole number"),
        ("param k: int, default 1, at least 2: x", "a whole number of at least 2"),
        ("param k: int, at least two: x", "'at least two' is not understood"),
        ("param k: int, at about 2: x", "'at about 2' is not understood"),
        ("param k: text, at least 2: x", "'at least 2' is not understood"),
        ("param k: int, one of 1|2: x", "'one of 1|2' is not understood"),
        ("param k: text, one of a|a: x", "'one of a|a' is not understood"),
        ("param k: text, default c, one of a|b: x", "it must be one of a, b"),
        ("returns x: number: y", "'number' is no kind"),
        ("returns x: text", "a sentence is missing"),
        ("returns x: text, a, b: y", "'b' is not understood"),
        ("returns x: count, of patient_id: y", "'of patient_id' does not name"),
        ("returns patient_id: id: again", "'returns patient_id' stands twice"),
        ("profile p: k 3", "'k' is no parameter"),
        ("profile p: needs: wards", "'wards' is no canonical table"),
        ('source "x": y', "only a profile has a title"),
        ("key: stay_id", "'stay_id' is no column of the finding"),
    ],
)
def test_each_fault_of_a_header_is_named_with_its_line(line: str, part: str) -> None:
    default = [x for x in PATIENTS if not (line.startswith("key") and x.startswith("key"))]
    found = problems(*default, line)
    assert any(part in problem for problem in found), found
    assert all(problem.startswith(str(PATH)) for problem in found)


def test_a_profile_value_must_fit() -> None:
    found = problems(*PATIENTS, "param k: int, at least 2: x", "profile p: k 1")
    assert found[0].endswith("the value of 'k' does not fit: it must be a whole number of at "
                             "least 2.")  # fmt: skip


@pytest.mark.parametrize("word", ["title.nn", "question.en", "key", "source", "version", "returns"])
def test_what_every_header_has_is_missed(word: str) -> None:
    lines = header(PATIENTS).splitlines()
    kept = [line for line in lines if not line.startswith(f"// {word}")]
    _, wrong = finding_of(parse("\n".join([*kept, "MATCH"])), amongs={})
    assert [p for p in wrong if f"the header lacks '// {word}" in p], wrong


def test_all_faults_come_at_once() -> None:
    assert len(problems("colour: red", "param k: integer: x", "returns x: number: y")) >= 4


def aggregated(*returns: str, key: str = "unit_id") -> list[str]:
    return problems("returns unit_id: unit: u", *returns, f"key: {key}")


def test_measures_need_the_number_of_people_beside_them() -> None:
    assert "as a column of kind persons" in aggregated("returns n: count: x")[0]
    assert "as a column of kind persons" in aggregated("returns first: date: x")[0]
    assert aggregated("returns n: count: x", "returns m: persons: y") == []
    assert aggregated("returns name: text: x") == []
    # A measure in the key names the row.
    assert aggregated("returns n: count: x", key="unit_id, n") == []
    assert problems(*PATIENTS, "returns n: count: x") == []


@pytest.mark.parametrize("name", ["stay_id", "index_stay_id", "contact_id", "plan_id", "need_id"])
def test_rows_about_one_patient_carry_the_patient(name: str) -> None:
    assert "return patient_id too" in aggregated(f"returns {name}: id: x")[0]
    assert problems(*PATIENTS, f"returns {name}: id: x") == []


def test_a_list_cannot_sort_rows() -> None:
    found = problems("returns patient_id: id: p", "returns l: list: x", "key: l")
    assert any("rows cannot be sorted by it" in problem for problem in found)


def test_denominators_checks_and_other_texts() -> None:
    among, wrong = among_of(
        parse("// title.en: Stays\n// returns n: count: stays\n// version: 2\nMATCH")
    )
    assert (among.title, among.returns.kind, among.version, wrong) == ("Stays", Kind.COUNT, 2, [])
    for content, part in (
        ("// returns n: persons: x\n// version: 1\nMATCH", "lacks '// title.en"),
        ("// title.en: x\n// returns m: persons: x\n// version: 1\nMATCH", "returns one column"),
        ("// title.en: x\n// returns n: share: x\n// version: 1\nMATCH", "returns one column"),
        ("// title.en: x\n// returns n: persons: x\nMATCH", "lacks '// version"),
        ("// title.nb: x\n// returns n: persons: x\n// version: 1\nMATCH", "Languages (en)"),
        ("// title.en: x\n// param k: int: x\n// returns n: persons: x\n// version: 1\nMATCH",
         "'param' is no header word"),
    ):  # fmt: skip
        assert any(part in problem for problem in among_of(parse(content))[1]), content
    assert check_of(parse("// title.en: x\n// version: 1\nMATCH")) == []
    assert len(check_of(parse("// needs: x\nMATCH"))) == 3
    assert variant_problems(parse("// why: one engine sorts lists\nMATCH")) == []
    assert "lacks '// why" in variant_problems(parse("MATCH"))[0]


VALUES = (
    ("int", [("3", 3), (3, 3), (3.0, 3), (np.int64(3), 3), (" -4 ", -4)],
     ["x", "3.5", 3.5, True, None, float("nan"), float("inf"), 2**63, "", [3]]),
    ("number", [("3.5", 3.5), (3, 3.0), (np.float32(0.5), 0.5)],
     ["x", True, None, "nan", "inf", float("inf"), [1]]),
    ("boolean", [("true", True), ("False", False), (True, True), (np.bool_(False), False)],
     ["yes", 1, 0, None, ""]),
    ("text", [("a", "a"), ("", ""), ("3", "3")], [3, None, ["a"], True]),
    ("list", [("a|b", ("a", "b")), (["a"], ("a",)), ("a", ("a",)), ({"b", "a"}, ("a", "b"))],
     ["", [], [1], None, "a|", 3]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "given", "expected"),
    [(t, g, e) for t, good, _ in VALUES for g, e in good],
)
def test_values_are_taken_as_python_or_as_text(type_: str, given: object, expected: Value) -> None:
    value = Parameter("k", ParameterType(type_), "x").accept(given)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("type_", "given"), [(t, g) for t, _, bad in VALUES for g in bad])
def test_other_values_are_refused_without_repeating_them(type_: str, given: object) -> None:
    with pytest.raises(ValueError, match="it must be"):
        Parameter("k", ParameterType(type_), "x").accept(given)


@pytest.mark.parametrize("given", [2, 5, 2.0])
def test_bounds_are_inclusive(given: float) -> None:
    bounded = Parameter("k", ParameterType.NUMBER, "x", at_least=2, at_most=5)
    assert bounded.accept(given) == given
    for beyond in (1.99, 5.01):
        with pytest.raises(ValueError, match="a number of at least 2 and at most 5"):
            bounded.accept(beyond)


def test_each_part_of_a_list_is_one_of() -> None:
    listed = Parameter("k", ParameterType.LIST, "x", one_of=("a", "b"))
    assert listed.accept("b|a") == ("b", "a")
    with pytest.raises(ValueError, match="one or more of a, b"):
        listed.accept("a|c")


def test_the_catalogue_says_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    folder = write_library(
        tmp_path,
        {
            "one": (("returns x: number: y",), "MATCH"),
            "two": ((*PATIENTS, "among: gone"), "MATCH"),
        },
        among={"bad": (("returns m: persons: x",), "MATCH")},
        other={
            "findings/three.neo4j.cypher": "// why: x\nMATCH",
            "findings/two.part.neo4j.cypher": "// why: x\nMATCH",
            "among/four.neo4j.cypher": "// why: x\nMATCH",
        },
    )
    with pytest.raises(InputError) as caught:
        catalogue(folder)
    said = "\n".join(caught.value.problems)
    for part in (
        "one.cypher:", "two.cypher:", "bad.cypher:", "three.cypher is not there",
        "two.part.cypher is not there", "four.cypher is not there",
    ):  # fmt: skip
        assert part in said


def test_texts_for_one_engine_and_parts(tmp_path: Path) -> None:
    folder = write_library(
        tmp_path,
        {"two": ((*PATIENTS, "among: many"), "MATCH all")},
        among={"many": (("returns n: persons: x",), "MATCH n")},
        other={
            "findings/two.neo4j.cypher": "// why: x\nMATCH neo4j",
            "findings/two.part.cypher": "// why: x\nMATCH part",
            "findings/two.part.ladybug.cypher": "// why: x\nMATCH part of ladybug",
            "among/many.neo4j.cypher": "// why: x\nMATCH n on neo4j",
        },
    )
    findings, _, wrong = read_library(folder)
    two = findings["two"]
    assert wrong == []
    assert (two.text("ladybug"), two.text("neo4j")) == ("MATCH all", "MATCH neo4j")
    assert two.text("ladybug", "part") == "MATCH part of ladybug"
    assert two.text("neo4j", "part") == "MATCH part"
    # The finding has the denominator with the texts of all engines.
    assert two.among.text("neo4j") == "MATCH n on neo4j"
    assert two.among.text("ladybug") == "MATCH n"
    with pytest.raises(KeyError):
        two.text("neo4j", "other")


def test_the_catalogue_is_in_order_and_cannot_be_changed(tmp_path: Path) -> None:
    folder = write_library(tmp_path, dict.fromkeys(("b", "c", "a"), (PATIENTS, "MATCH")))
    found = catalogue(folder)
    assert list(found) == ["a", "b", "c"]
    with pytest.raises(TypeError):
        found["d"] = found["a"]  # type: ignore[index]
    assert catalogue_module.catalogue(folder) is found


NETWORK = (
    "returns from_id: unit: one end", "returns from_name: text: name",
    "returns from_kind: text: kind", "returns from_level: text: level",
    "returns to_id: unit: other end", "returns to_name: text: name",
    "returns to_kind: text: kind", "returns to_level: text: level",
    "returns n_patients: persons: people", "key: from_id, to_id",
)  # fmt: skip


def network_file(lines: tuple[str, ...]) -> dict[str, str]:
    return {"networks/ties.cypher": header(lines) + "MATCH\n"}


def test_a_network_is_a_finding_of_its_own_sort(tmp_path: Path) -> None:
    folder = write_library(
        tmp_path, {"one": (PATIENTS, "MATCH")}, other=network_file((*NETWORK, "directed: false"))
    )
    assert list(catalogue(folder)) == ["one"]
    assert list(networks(folder)) == ["ties"]
    assert find_finding("ties", folder).is_directed is False
    assert find_finding("one", folder).is_network is False


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (NETWORK, "lacks '// directed: true'"),
        ((*NETWORK, "directed: both"), "write '// directed: true' or"),
        ((*(n for n in NETWORK if "to_kind" not in n), "directed: true"), "returns to_kind"),
        ((*NETWORK[:-1], "key: from_id", "directed: true"), "told apart by"),
        ((*(n for n in NETWORK if "persons" not in n), "directed: true"), "an edge has people"),
        ((*NETWORK, "returns patient_id: id: p", "directed: true"), "about many patients"),
        ((*NETWORK, "directed: true", "margins: nobody"), "'nobody' is no column"),
        ((*NETWORK, "directed: true", "within: from_id, nobody"), "'nobody' is no column"),
        ((*NETWORK, "directed: true", "within: from_id, from_id"), "stands twice"),
        ((*NETWORK, "directed: true", "least: from_id"), "'from_id' is no column of kind count"),
        ((*NETWORK, "directed: true", "repeated: nobody"), "'nobody' is no column"),
        ((*NETWORK, "directed: true", "sum: n_patients = from_id + to_id"), "'from_id' is no"),
        ((*NETWORK, "directed: true", "sum: n_patients"), "write '// sum: whole = part + part'"),
    ],
)
def test_what_a_network_must_say(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    folder = write_library(tmp_path, other=network_file(lines))
    _, _, problems = read_library(folder)
    assert any(said in problem for problem in problems), problems


def test_a_finding_has_no_direction_and_no_id_of_a_network(tmp_path: Path) -> None:
    folder = write_library(
        tmp_path,
        {"ties": ((*PATIENTS, "directed: true"), "MATCH")},
        other=network_file((*NETWORK, "directed: true")),
    )
    _, _, problems = read_library(folder)
    assert any("'directed' is no header word" in problem for problem in problems)
    assert any("is called ties already" in problem for problem in problems)
