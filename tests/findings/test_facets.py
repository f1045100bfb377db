"""Where patients belong, and how many of a finding's patients belong where, on both engines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import NotAllowedError, TableNotLoadedError, UsageError
from pathgraph.queries.cache import ResultCache
from pathgraph.queries.caller import Caller
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.distribution import bases, distribution
from pathgraph.queries.facets import NOT_RECORDED, facets, filtered, places_of
from pathgraph.queries.result import Result
from pathgraph.queries.run import Answers, run
from tests.findings.drawn import Row, ask, load_tables, overnight, rows_of, table

DAY = "2025-06-30"

UNITS = table("""
    unit_id  name    kind        level       parent_unit_id
    trust    Trust   trust       hospital    -
    heart    Heart   clinic      hospital    trust
    med      Med     department  hospital    heart
    ward     Ward    ward        hospital    med
    lung     Lung    clinic      hospital    trust
    alone    Alone   department  hospital    trust
    psych    -       clinic      psychiatry  trust
    gp       GP      gp_practice gp          -
""")
MUNICIPALITIES = table("""
    municipality_code  name
    0001               North
    0002               South
    0003               Empty
""")

# Who, born in, and whether to be found: two acute stays a month apart.
_PEOPLE = {
    "child17": 2008, "grown18": 2007, "fortynine": 1976, "fifty": 1975, "sixtysix": 1959,
    "sixtyseven": 1958, "seventynine": 1946, "eighty": 1945, "unborn": None,
    "moved": 1980, "moves_later": 1980, "nowhere": 1980, "left": 1980, "twice": 1980,
    "undated": 1980, "tied": 1980, "dead": 1980, "last_day": 1980, "first_day": 1980,
    "north1": 1980, "north2": 1980, "north3": 1980, "north4": 1980, "north5": 1980,
    "well1": 1980, "well2": 1950,
}  # fmt: skip
PATIENTS: list[Row] = [
    {"patient_id": name, "birth_year": year, "sex": "female",
     "died_on": "2025-05-01" if name == "dead" else None}
    for name, year in _PEOPLE.items()
]  # fmt: skip
RESIDENCES = table("""
    patient_id   municipality_code  valid_from  valid_to
    child17      0001               2000-01-01  -
    grown18      0001               2000-01-01  -
    fortynine    0001               2000-01-01  -
    fifty        0001               2000-01-01  -
    sixtysix     0001               2000-01-01  -
    sixtyseven   0002               2000-01-01  -
    seventynine  0002               2000-01-01  -
    eighty       0002               2000-01-01  -
    unborn       0002               2000-01-01  -
    moved        0001               2000-01-01  2025-06-30
    moved        0002               2025-06-30  -
    moves_later  0001               2000-01-01  2025-07-01
    moves_later  0002               2025-07-01  -
    left         0001               2000-01-01  2025-01-01
    twice        0002               2000-01-01  -
    twice        0001               2010-01-01  -
    undated      0001               -           -
    undated      0002               1990-01-01  -
    tied         0001               2000-01-01  -
    tied         0002               2000-01-01  -
    dead         0001               2000-01-01  -
    last_day     0001               2000-01-01  2025-06-30
    first_day    0001               2025-06-30  -
    north1       0001               2000-01-01  -
    north2       0001               2000-01-01  -
    north3       0001               2000-01-01  -
    north4       0001               2000-01-01  -
    north5       0001               2000-01-01  -
    well1        0001               2000-01-01  -
    well2        0002               2000-01-01  -
""")
_UNIT_OF = {"child17": "med", "grown18": "heart", "fortynine": "lung", "fifty": "alone",
            "sixtysix": "psych"}  # fmt: skip
CONTACTS: list[Row] = [
    {
        "contact_id": f"{name}-{n}", "patient_id": name, "care_level": "overnight", "urgency": "1",
        "unit_id": _UNIT_OF.get(name, "ward"),
        "started_at": f"2025-0{n}-01T08:00", "ended_at": f"2025-0{n}-10T08:00",
    }
    for name in _PEOPLE if not name.startswith("well")
    for n in ((1, 2, 3) if name == "north1" else (1, 2))
]  # fmt: skip
CONTACTS += overnight("""
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    w1          well1       lung     2025-03-01T08:00  2025-03-02T08:00  4
    w2          well2       ward     2025-07-01T08:00  2025-07-02T08:00  4
""")
# A patient of one clinic may be back from another one.
CONTACTS += overnight("""
    contact_id  patient_id  unit_id  started_at        ended_at
    n5          north5      lung     2025-03-05T08:00  2025-03-09T08:00
    n5b         north5      lung     2025-03-15T08:00  2025-03-16T08:00
""")
CONTACTS.append(
    {"contact_id": "gp1", "patient_id": "well2", "unit_id": "gp", "care_level": "outpatient",
     "started_at": "2025-06-30T23:00", "ended_at": "2025-06-30T23:30"}
)  # fmt: skip

TABLES = {
    "patients": PATIENTS,
    "units": UNITS,
    "municipalities": MUNICIPALITIES,
    "residences": RESIDENCES,
    "contacts": CONTACTS,
}


def oracle_place(patient: str) -> str:
    """Where the patient lives on the day, reading the rows one by one."""
    best: tuple[str, str] | None = None
    for row in RESIDENCES:
        began = row["valid_from"] or ""
        if row["patient_id"] != patient or began > DAY:
            continue
        if row["valid_to"] is not None and row["valid_to"] <= DAY:
            continue
        if best is None or (began, row["municipality_code"]) > best:
            best = (began, row["municipality_code"])
    return best[1] if best else NOT_RECORDED


def oracle_age(patient: str) -> str:
    year = _PEOPLE[patient]
    if year is None:
        return NOT_RECORDED
    age = 2025 - year
    for name, oldest in (("0-17", 17), ("18-49", 49), ("50-66", 66), ("67-79", 79)):
        if age <= oldest:
            return name
    return "80+"


def oracle_clinic(unit: str) -> str:
    rows = {row["unit_id"]: row for row in UNITS}
    at: str | None = unit
    while at is not None:
        if rows[at]["kind"] == "clinic":
            return at
        at = rows[at]["parent_unit_id"]
    return unit


def oracle_facets(rows: list[Row]) -> dict[str, dict[str, tuple[int, int]]]:
    """Facet to value to number of rows and patients."""
    said: dict[str, Callable[[Row], str]] = {
        "municipality": lambda row: oracle_place(row["patient_id"]),
        "age_group": lambda row: oracle_age(row["patient_id"]),
        "clinic": lambda row: oracle_clinic(row["discharged_from"]),
        "unit": lambda row: row["discharged_from"],
    }
    counted: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in said}
    for row in rows:
        for name, say in said.items():
            counted[name][say(row)].append(row["patient_id"])
    return {
        name: {value: (len(ids), len(set(ids))) for value, ids in values.items()}
        for name, values in counted.items()
    }


def found_facets(
    result: Result, engine: Engine, chosen: dict[str, list[str]] | None = None
) -> dict[str, dict[str, tuple[int, int]]]:
    found = facets(result, places_of(engine, result), chosen)
    return {f.name: {v.value: (v.n_rows, v.n_patients) for v in f.values} for f in found}


def test_every_row_has_its_place(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "readmissions", as_of=DAY)
    rows = rows_of(result)
    places = places_of(drawn_engine, result).table.to_pylist()
    assert len(rows) == 27
    for row, place in zip(rows, places, strict=True):
        assert place == {
            "municipality": oracle_place(row["patient_id"]),
            "age_group": oracle_age(row["patient_id"]),
            "clinic": oracle_clinic(row["discharged_from"]),
            "unit": row["discharged_from"],
        }, row["patient_id"]
    # The drawing has the boundaries that it is drawn for.
    drawn = {row["patient_id"]: place for row, place in zip(rows, places, strict=True)}
    assert drawn["moved"]["municipality"] == "0002"
    assert drawn["moves_later"]["municipality"] == drawn["first_day"]["municipality"] == "0001"
    assert drawn["last_day"]["municipality"] == drawn["nowhere"]["municipality"] == NOT_RECORDED
    assert drawn["undated"]["municipality"] == drawn["tied"]["municipality"] == "0002"
    assert drawn["twice"]["municipality"] == drawn["dead"]["municipality"] == "0001"
    ages = ("child17", "grown18", "fortynine", "fifty", "sixtysix", "sixtyseven", "seventynine")
    assert [drawn[name]["age_group"] for name in ages] == [
        "0-17", "18-49", "18-49", "50-66", "50-66", "67-79", "67-79",
    ]  # fmt: skip


def test_facets_count_rows_and_patients(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "readmissions", as_of=DAY)
    expected = oracle_facets(rows_of(result))
    assert found_facets(result, drawn_engine) == expected
    assert any(rows != patients for rows, patients in expected["municipality"].values())


def test_values_stand_in_order_with_names(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "readmissions", as_of=DAY)
    by_name = {f.name: f.values for f in facets(result, places_of(drawn_engine, result))}
    municipalities = [(v.value, v.name) for v in by_name["municipality"]]
    assert municipalities == [("0001", "North"), ("0002", "South"), (NOT_RECORDED, None)]
    ages = [v.value for v in by_name["age_group"]]
    assert ages == ["0-17", "18-49", "50-66", "67-79", "80+", NOT_RECORDED]
    assert {v.value: v.name for v in by_name["clinic"]}["psych"] is None
    assert by_name["clinic"][0].name == "Heart"


def test_a_choice_counts_in_the_other_facets(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "readmissions", as_of=DAY)
    chosen = {"municipality": ["0002", NOT_RECORDED], "age_group": ["67-79", "18-49"]}
    rows = rows_of(result)

    def left(*names: str) -> list[Row]:
        say = {"municipality": oracle_place, "age_group": oracle_age}
        return [r for r in rows if all(say[n](r["patient_id"]) in chosen[n] for n in names)]

    found = found_facets(result, drawn_engine, chosen)
    both = oracle_facets(left("municipality", "age_group"))
    assert found["clinic"] == both["clinic"]
    assert found["municipality"] == oracle_facets(left("age_group"))["municipality"]
    assert found["age_group"] == oracle_facets(left("municipality"))["age_group"]
    kept = filtered(result, places_of(drawn_engine, result), chosen)
    assert rows_of(kept) == left("municipality", "age_group")
    assert 0 < len(kept) < len(result)
    assert kept.manifest["n_rows"] == len(kept)
    assert kept.manifest["n_rows_in_all"] == len(result)
    assert kept.manifest["where"] == chosen
    assert kept.manifest["among"] == result.manifest["among"]


def test_what_is_no_facet_is_refused(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "revolving_door", as_of=DAY)
    places = places_of(drawn_engine, result)
    assert places.table.column_names == ["municipality", "age_group"]
    with pytest.raises(UsageError, match="municipality, age_group"):
        filtered(result, places, {"unit": ["ward"]})
    with pytest.raises(UsageError, match="not about single patients"):
        places_of(drawn_engine, ask(drawn_engine, "transfers", as_of=DAY))


def test_nothing_found_has_no_values(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "revolving_door", as_of=DAY, min_stays=9)
    assert [f.values for f in facets(result, places_of(drawn_engine, result))] == [(), ()]


@pytest.mark.parametrize("by", ["municipality", "age_group", "clinic"])
def test_distribution(drawn_engine: Engine, by: str) -> None:
    found = distribution(drawn_engine, "readmissions", by, as_of=DAY, suppress_below=0)
    rows = rows_of(ask(drawn_engine, "readmissions", as_of=DAY))
    counted = {value: n for value, (_, n) in oracle_facets(rows)[by].items()}
    people: dict[str, set[str]] = defaultdict(set)
    for name in _PEOPLE:
        if by == "municipality":
            people[oracle_place(name)].add(name)
        elif by == "age_group":
            people[oracle_age(name)].add(name)
    if by == "clinic":
        for contact in CONTACTS:
            if contact["started_at"][:10] <= DAY:
                people[oracle_clinic(contact["unit_id"])].add(contact["patient_id"])
        people = {clinic: ids for clinic, ids in people.items() if clinic in counted}
    expected = {
        value: (counted.get(value, 0), len(people[value]),
                pytest.approx(counted.get(value, 0) / len(people[value])))
        for value in people
    }  # fmt: skip
    assert {
        row["value"] or NOT_RECORDED: (row["n_patients"], row["n_people"], row["share"])
        for row in rows_of(found)
    } == expected
    assert found.manifest["among"] == len({row["patient_id"] for row in rows})
    assert found.finding.titles["nb"].startswith("Reinnleggelser, etter ")


def test_distribution_hides_small_numbers_and_needs_no_right_to_patients(
    drawn_engine: Engine,
) -> None:
    nobody = Caller("guest", sees_patients=False)
    with pytest.raises(NotAllowedError):
        run(drawn_engine, "readmissions", as_of=DAY, caller=nobody)
    found = distribution(drawn_engine, "readmissions", "clinic", as_of=DAY, caller=nobody)
    assert not found.finding.is_patient_level
    shown = {row["value"]: row for row in rows_of(found)}
    assert shown["heart"]["n_patients"] is None or shown["heart"]["n_patients"] >= 5
    for clinic in ("alone", "lung", "psych"):
        assert shown[clinic]["n_patients"] is None
        assert shown[clinic]["share"] is None
    assert found.hidden["n_patients"].sum() >= 2
    assert any("<5" in note for note in found.manifest["notes"])


def test_rows_without_a_unit_are_of_no_clinic(drawn_engine: Engine) -> None:
    """A readmission of which only the admission is known has no unit yet; a plan may have none."""
    assert bases(find_finding("revolving_door")) == ("municipality", "age_group")
    with pytest.raises(UsageError, match="municipality, age_group"):
        distribution(drawn_engine, "revolving_door", "clinic")
    with pytest.raises(UsageError, match="cannot be divided"):
        distribution(drawn_engine, "transfers", "municipality")


def test_people_by_municipality_and_age(drawn_engine: Engine) -> None:
    expected: dict[tuple[str | None, str | None], int] = defaultdict(int)
    for name in _PEOPLE:
        place, age = oracle_place(name), oracle_age(name)
        known = [None if value == NOT_RECORDED else value for value in (place, age)]
        expected[known[0], known[1]] += 1
    rows = rows_of(ask(drawn_engine, "residents", as_of=DAY))
    assert {(r["municipality_code"], r["age_group"]): r["n_people"] for r in rows} == expected
    assert {r["municipality_name"] for r in rows} == {"North", "South", None}


@pytest.mark.parametrize("within_days", [121, 122, 36500])
def test_units_count_a_patient_once(drawn_engine: Engine, within_days: int) -> None:
    first = date.fromordinal(date.fromisoformat(DAY).toordinal() - within_days).isoformat()
    parents = {row["unit_id"]: row["parent_unit_id"] for row in UNITS}
    seen: dict[str, list[str]] = defaultdict(list)
    for contact in CONTACTS:
        if first < contact["started_at"][:10] <= DAY:
            at: str | None = contact["unit_id"]
            while at is not None:
                seen[at].append(contact["patient_id"])
                at = parents[at]
    rows = rows_of(ask(drawn_engine, "units", as_of=DAY, within_days=within_days))
    assert [row["unit"] for row in rows] == sorted(parents)
    for row in rows:
        ids = seen[row["unit"]]
        assert (row["n_contacts"], row["n_patients"]) == (len(ids), len(set(ids))), row["unit"]
        assert row["part_of"] == parents[row["unit"]]
        assert row["clinic"] == oracle_clinic(row["unit"])
        assert row["status"] == "open"


def test_patients_are_read_once_for_a_snapshot_and_day(
    drawn_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = ResultCache(tmp_path / "cache")
    result = ask(drawn_engine, "readmissions", as_of=DAY)
    first = places_of(drawn_engine, result, answers=Answers(cache=cache))
    asked: list[str] = []
    really = type(drawn_engine).query

    def noted(engine: Engine, cypher: str, *args: object, **more: object) -> object:
        asked.append(cypher)
        return really(engine, cypher, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(type(drawn_engine), "query", noted)
    again = places_of(drawn_engine, result, answers=Answers(cache=cache))
    assert again.table.equals(first.table)
    assert again.names == first.names
    assert asked == []
    cache.close()


@pytest.fixture(scope="module")
def without_residences(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("without")
    engine = open_engine(f"ladybug:{folder / 'graph'}")
    tables = {k: v for k, v in TABLES.items() if k not in ("residences", "municipalities")}
    load_tables(engine, folder / "tables", tables)
    yield engine
    engine.close()


def test_not_loaded_is_not_the_same_as_not_recorded(without_residences: Engine) -> None:
    result = ask(without_residences, "readmissions", as_of=DAY)
    places = places_of(without_residences, result)
    assert places.table.column_names == ["age_group", "clinic", "unit"]
    assert any("Residences were not loaded" in note for note in places.notes)
    with pytest.raises(TableNotLoadedError, match="Residences were not loaded"):
        distribution(without_residences, "readmissions", "municipality", as_of=DAY)
    by_age = rows_of(
        distribution(without_residences, "readmissions", "age_group", as_of=DAY, suppress_below=0)
    )
    assert sum(row["n_people"] for row in by_age) == len(_PEOPLE)
