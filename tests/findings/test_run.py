"""The only door out, on a real LadybugDB graph (the findings' own tests run on both engines)."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import (
    EngineBusyError,
    GraphNotReadyError,
    QueryError,
    TableNotLoadedError,
    UsageError,
)
from pathgraph.progress import QuietProgress
from pathgraph.queries import catalogue as catalogue_module
from pathgraph.queries import findings as findings_package
from pathgraph.queries.run import Context, explain, run
from tests.engine.graph_folder import build_graph_tables
from tests.findings.library_folder import PATIENTS, write_library

LAST_DAY = 20_000  # 2024-10-04
MANIFEST = {
    "timezone": "Europe/Oslo",
    "last_day": LAST_DAY,
    "tables": {"patients": {}, "units": {}, "contacts": {}},
    "acute": {"codes": ["1"], "sentence": "Urgency 1 counts as acute."},
}
UNITS = {"A": 9, "B": 2, "C": 7, "Å": 6, "Z": 12}


def stays_by_unit(**manifest: object) -> dict[str, Any]:
    """Return nodes and relationships: in each unit of ``UNITS`` that many patients with a stay."""
    nodes: dict[str, list[dict[str, object]]] = {
        "Unit": [{"unit_id": u, "name": f"=Unit {u}", "level": "hospital"} for u in UNITS],
        "Patient": [],
        "Stay": [],
    }
    had: list[dict[str, object]] = []
    admitted: list[dict[str, object]] = []
    for unit, n in UNITS.items():
        for i in range(n):
            patient, stay = f"{unit}{i}", f"s{unit}{i}"
            nodes["Patient"].append({"patient_id": patient, "birth_year": 1940 + i})
            nodes["Stay"].append(
                {
                    "stay_id": stay, "level": "hospital", "started_at": "2024-09-01T00:00:00",
                    "started_s": 1_725_141_600 + i, "started_day": 19_967, "is_acute_first": True,
                    "is_acute_any": True, "ended_dead": False, "has_time": True, "n_contacts": 1,
                    "unit_ids": json.dumps([unit, "x"]),
                }
            )  # fmt: skip
            had.append({"from_id": patient, "to_id": stay})
            admitted.append({"from_id": stay, "to_id": unit})
    return {
        "nodes": nodes,
        "relationships": {
            ("HAD_STAY", "Patient", "Stay"): had,
            ("ADMITTED_TO", "Stay", "Unit"): admitted,
        },
        "manifest": {**MANIFEST, **manifest},
    }


def load(place: Path, content: Mapping[str, Any], scratch: Path) -> Engine:
    engine = open_engine(f"ladybug:{place}")
    with engine.begin_load() as session:
        tables = build_graph_tables(
            scratch,
            content["nodes"],
            content["relationships"],
            load_id=session.load_id,
            manifest=content["manifest"],
        )
        session.commit(tables, progress=QuietProgress())
    return engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("graph")
    opened = load(folder / "G", stays_by_unit(), folder / "tables")
    yield opened
    opened.close()


BY_UNIT = (
    "param min_birth_year: int, year, default 1900, at least 1800: born then or later",
    "param measure: text, default any, one of any|first: nothing",
    "returns unit_id: unit: the unit",
    "returns name: text: its name",
    "returns n_patients: persons: people",
    "returns n_stays: count: their stays",
    "returns share_acute: share: acute ones",
    "key: unit_id",
    "needs: contacts",
    "among: everybody",
    "profile young: min_birth_year 1945",
    'profile grouped "With groups": min_birth_year 1950, needs: diagnosis_groups',
)
BY_UNIT_TEXT = """MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:ADMITTED_TO]->(u:Unit)
WHERE p.birth_year >= $min_birth_year AND s.started_s < $as_of_s AND $measure <> ''
RETURN u.unit_id AS unit_id, u.name AS name, count(DISTINCT p) AS n_patients, count(*) AS n_stays,
  1.0 * coalesce(sum(CASE WHEN s.is_acute_first THEN 1 ELSE 0 END), 0) / count(*) AS share_acute"""
EVERYBODY = (
    ("returns n: persons: people with a stay",),
    "MATCH (p:Patient) WHERE p.birth_year >= $min_birth_year RETURN count(p) AS n",
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return write_library(
        tmp_path / "cypher",
        {
            "by_unit": (BY_UNIT, BY_UNIT_TEXT),
            "patients": (
                (*PATIENTS, "param prefix: text: how ids begin"),
                "MATCH (p:Patient) WHERE p.patient_id STARTS WITH $prefix "
                "RETURN p.patient_id AS patient_id",
            ),
        },
        among={"everybody": EVERYBODY},
    )


def test_rows_come_sorted_by_key_with_small_numbers_hidden_and_a_second_row(
    engine: Engine, library: Path
) -> None:
    result = run(engine, "by_unit", folder=library)
    document = result.document()
    assert [row["unit_id"] for row in document["rows"]] == ["A", "B", "C", "Z", "Å"]
    measures = ["n_patients", "n_stays", "share_acute"]
    assert document["rows"][1] == {
        "unit_id": "B", "name": "=Unit B", "n_patients": None, "n_stays": None,
        "share_acute": None, "suppressed": measures,
    }  # fmt: skip
    # The smallest other one: 6 people.
    assert document["rows"][4]["suppressed"] == measures
    assert document["rows"][0] == {
        "unit_id": "A", "name": "=Unit A", "n_patients": 9, "n_stays": 9, "share_acute": 1.0,
    }  # fmt: skip
    assert document["n_suppressed"] == 2
    assert document["among"] == 36


def test_the_document_has_the_members_of_the_design_in_its_order(
    engine: Engine, library: Path
) -> None:
    result = run(engine, "by_unit", {"min_birth_year": "1901"}, folder=library)
    document = json.loads(result.to_json())
    assert list(document)[:12] == [
        "finding", "version", "title", "as_of", "parameters", "data", "among", "n_rows",
        "n_suppressed", "truncated", "columns", "rows",
    ]  # fmt: skip
    assert document["finding"] == "by_unit"
    assert document["as_of"] == "2024-10-04"
    assert document["parameters"] == {"min_birth_year": 1901, "measure": "any"}
    assert document["data"]["snapshot"] == engine.record().load_id
    assert document["data"]["fingerprint"] == engine.record().fingerprint
    assert document["columns"][0] == {"name": "unit_id", "kind": "unit"}
    assert document["acute"] == "Urgency 1 counts as acute."


def test_nothing_is_hidden_with_a_threshold_of_zero(engine: Engine, library: Path) -> None:
    result = run(engine, "by_unit", suppress_below=0, folder=library)
    assert dict(zip(result.frame["unit_id"], result.frame["n_patients"], strict=True)) == UNITS
    assert result.manifest["n_suppressed"] == 0
    assert not [row for row in result.document()["rows"] if "suppressed" in row]


def test_rows_about_one_patient_are_never_hidden(engine: Engine, library: Path) -> None:
    result = run(engine, "patients", {"prefix": "B"}, suppress_below=1000, folder=library)
    assert result.table.column("patient_id").to_pylist() == ["B0", "B1"]


def test_tallies_and_denominator_of_patients_are_never_hidden(
    engine: Engine, tmp_path: Path
) -> None:
    lines = (*PATIENTS, "returns n_units: persons: people met", "among: one")
    text = "MATCH (p:Patient {patient_id: 'B1'}) RETURN p.patient_id AS patient_id, 2 AS n_units"
    library = write_library(
        tmp_path,
        {"met": (lines, text)},
        among={
            "one": (
                ("returns n: persons: x",),
                "MATCH (u:Unit {unit_id: 'B'}) RETURN count(u) AS n",
            )
        },
    )
    result = run(engine, "met", folder=library)
    assert result.document()["rows"] == [{"patient_id": "B1", "n_units": 2}]
    assert (result.manifest["among"], result.manifest["n_suppressed"]) == (1, 0)


def test_limit_cuts_rows_but_not_counts(engine: Engine, library: Path) -> None:
    result = run(engine, "by_unit", limit=2, folder=library)
    document = result.document()
    assert (len(document["rows"]), document["n_rows"], document["truncated"]) == (2, 5, True)
    assert document["n_suppressed"] == 2
    assert document["rows"][1]["suppressed"]
    assert not run(engine, "by_unit", limit=5, folder=library).manifest["truncated"]
    assert len(run(engine, "by_unit", limit=0, folder=library)) == 0


def test_a_profile_sets_values_and_the_caller_goes_before_it(engine: Engine, library: Path) -> None:
    young = run(engine, "by_unit", profile="young", folder=library).manifest
    assert (young["profile"], young["parameters"]["min_birth_year"]) == ("young", 1945)
    assert young["profile_changed"] == []
    changed = run(
        engine, "by_unit", {"min_birth_year": 1941}, profile="young", folder=library
    ).manifest
    assert changed["parameters"]["min_birth_year"] == 1941
    assert changed["profile_changed"] == ["min_birth_year"]
    assert "Set apart from the profile: min_birth_year." in changed["notes"]


def test_all_that_does_not_fit_is_said_at_once(engine: Engine, library: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run(
            engine, "by_unit", {"min_birth_year": 17, "measure": "last", "nobody": 1},
            profile="old", as_of="tomorrow", folder=library,
        )  # fmt: skip
    message = str(caught.value)
    for part in (
        "min_birth_year (in year) does not fit: it must be a whole number of at least 1800",
        "measure does not fit: it must be one of any, first",
        "no parameter called 'nobody'",
        "no profile called 'old'. Its profiles: young, grouped",
        "as_of is no date",
    ):
        assert part in message
    assert "17" not in message.replace("1800", "")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"suppress_below": -1}, "suppress_below"),
        ({"limit": -1}, "limit"),
        ({"as_of": "9999-12-31"}, "later than any calendar"),
        ({"as_of": "2024-02-30"}, "no date"),
    ],
)
def test_limits_are_checked(
    engine: Engine, library: Path, arguments: dict[str, Any], part: str
) -> None:
    with pytest.raises(UsageError, match=part):
        run(engine, "by_unit", folder=library, **arguments)


def test_an_unknown_finding_names_those_that_there_are(engine: Engine, library: Path) -> None:
    with pytest.raises(UsageError, match=r"no finding called 'by_ward'.*by_unit, patients"):
        run(engine, "by_ward", folder=library)


def test_a_parameter_without_default_must_be_given(engine: Engine, library: Path) -> None:
    with pytest.raises(UsageError, match=r"needs a value for prefix \(how ids begin\): a text"):
        run(engine, "patients", folder=library)


def test_missing_tables_are_named_and_never_an_empty_list(engine: Engine, library: Path) -> None:
    with pytest.raises(TableNotLoadedError) as caught:
        run(engine, "by_unit", profile="grouped", folder=library)
    assert str(caught.value) == (
        "The profile grouped of by_unit needs the table diagnosis_groups, which was not loaded. "
        "Add what is missing to the source and load again."
    )
    write_library(
        library,
        {"roles": ((*PATIENTS, "needs: roles, plans"), "MATCH (p:Patient) RETURN p.sex AS x")},
    )
    catalogue_module._catalogue.cache_clear()
    with pytest.raises(TableNotLoadedError, match="roles needs the tables roles, plans"):
        run(engine, "roles", folder=library)


def test_nothing_loaded_is_said(tmp_path: Path, library: Path) -> None:
    with pytest.raises(GraphNotReadyError):
        run(open_engine(f"ladybug:{tmp_path / 'G'}"), "by_unit", folder=library)


TIMES = (
    ("returns what: text: which", "returns n: text: number", "key: what", "levels: hospital, gp"),
    "UNWIND ['as_of_s', 'as_of_day', 'horizon_s', 'horizon_day'] AS what RETURN what AS what, "
    "CASE WHEN what = 'as_of_s' THEN $as_of_s WHEN what = 'as_of_day' THEN $as_of_day "
    "WHEN what = 'horizon_s' THEN $horizon_s ELSE $horizon_day END AS n",
)


def times(engine: Engine, folder: Path, as_of: object = None) -> tuple[dict[str, int], Any]:
    library = write_library(folder, {"times": TIMES})
    result = run(engine, "times", as_of=as_of, folder=library)  # type: ignore[arg-type]
    rows = result.document()["rows"]
    return {row["what"]: int(row["n"]) for row in rows}, result.manifest


def test_as_of_is_the_end_of_the_local_day(engine: Engine, tmp_path: Path) -> None:
    # 2024-10-27 has 25 hours in Oslo; it ends at 23:00 UTC, the day before at 22:00.
    for day, end in (("2024-10-26", "2024-10-26T22:00"), ("2024-10-27", "2024-10-27T23:00")):
        numbers, manifest = times(engine, tmp_path, day)
        expected = dt.datetime.fromisoformat(f"{end}:00+00:00").timestamp()
        assert numbers["as_of_s"] == expected
        assert numbers["as_of_day"] == (dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days
        assert manifest["as_of"] == day
    by_date, _ = times(engine, tmp_path, dt.date(2024, 10, 27))
    by_time, _ = times(engine, tmp_path, dt.datetime(2024, 10, 27, 13, 0))
    assert by_date == by_time == numbers


def test_as_of_is_the_day_of_the_last_contact_by_default(engine: Engine, tmp_path: Path) -> None:
    numbers, manifest = times(engine, tmp_path)
    assert numbers["as_of_day"] == LAST_DAY
    assert not [note for note in manifest["notes"] if "after the last contact" in note]
    _, later = times(engine, tmp_path, "2025-01-01")
    assert [note for note in later["notes"] if "after the last contact" in note]


def coverage(*rows: tuple[str, str, str | None, int, bool]) -> list[dict[str, object]]:
    return [
        {
            "coverage_id": f"{i}", "source": source, "level": level, "municipality_code": code,
            "covered_to_day": to, "covered_from_day": 1, "is_assumed": assumed,
        }
        for i, (source, level, code, to, assumed) in enumerate(rows)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "day", "is_assumed", "not_covered"),
    [
        ((), LAST_DAY, False, ["hospital", "gp"]),
        ((("a", "hospital", None, 19_001, False),), 19_000, False, ["gp"]),
        # A level that the finding does not read bounds nothing.
        ((("a", "hospital", None, 19_001, False), ("a", "municipal", None, 5, False)), 19_000,
         False, ["gp"]),
        # Periods of one source follow each other; of two sources the one that ends first counts.
        ((("a", "hospital", None, 18_001, False), ("a", "hospital", None, 19_001, True)), 19_000,
         True, ["gp"]),
        ((("a", "hospital", None, 19_001, True), ("b", "hospital", None, 18_001, False)), 18_000,
         False, ["gp"]),
        ((("a", "hospital", "1", 19_001, True), ("a", "gp", "2", 18_001, True)), 18_000, True, []),
        # Covered beyond as_of: as_of counts, and nothing is assumed of it.
        ((("a", "hospital", None, LAST_DAY + 9, True),), LAST_DAY, False, ["gp"]),
        ((("a", "hospital", None, LAST_DAY + 1, True),), LAST_DAY, False, ["gp"]),
    ],
)  # fmt: skip
def test_the_horizon_is_the_earliest_end_of_coverage_before_as_of(
    tmp_path: Path, rows: Any, day: int, is_assumed: bool, not_covered: list[str]
) -> None:
    content = stays_by_unit()
    content["nodes"]["Coverage"] = coverage(*rows)
    engine = load(tmp_path / "G", content, tmp_path / "tables")
    numbers, manifest = times(engine, tmp_path / "cypher")
    assert numbers["horizon_day"] == day
    following = dt.datetime(1970, 1, 1) + dt.timedelta(days=day + 1)
    assert abs(numbers["horizon_s"] - (following - dt.datetime(1970, 1, 1)).total_seconds()) <= 7200
    assert manifest["horizon"]["is_assumed"] is is_assumed
    assert manifest["horizon"]["not_covered"] == not_covered
    assert manifest["horizon"]["day"] == (dt.date(1970, 1, 1) + dt.timedelta(days=day)).isoformat()
    engine.close()


def test_no_contact_at_all_takes_the_day_of_the_load(tmp_path: Path, library: Path) -> None:
    content = {
        "nodes": {}, "relationships": {},
        "manifest": {**MANIFEST, "last_day": None, "has_time": False, "notes": ["A note."]},
    }  # fmt: skip
    engine = load(tmp_path / "G", content, tmp_path / "tables")
    result = run(engine, "by_unit", folder=library)
    assert result.manifest["as_of"] == "2026-01-01"
    assert (result.manifest["n_rows"], result.manifest["among"]) == (0, 0)
    assert result.manifest["has_time"] is False
    assert result.manifest["notes"][0] == "A note."
    assert "no clock times" in result.manifest["notes"][1]
    assert list(result.frame.columns) == [c["name"] for c in result.manifest["columns"]]
    assert str(result.frame["n_patients"].dtype) == "Int64"
    engine.close()


def test_only_the_parameters_that_a_text_uses_are_sent(engine: Engine, library: Path) -> None:
    text, arguments = explain(engine, "by_unit", as_of="1970-01-01", folder=library)
    assert text == BY_UNIT_TEXT
    assert arguments == {"min_birth_year": 1900, "measure": "any", "as_of_s": 82_800}


FOLD = """
import pandas as pd

def fold(table, context):
    inner = context.run("by_unit", {"min_birth_year": context.parameters["born"]})
    other = context.query("units")
    assert context.as_of_day == context.horizon_day and context.as_of_s == context.horizon_s
    assert context.as_of.isoformat() == "2024-10-04" and context.load["timezone"]
    return pd.DataFrame(
        {
            "units": [sorted(other["unit_id"].to_pylist())],
            "gaps": [[1, 2.5]],
            "n": [float(sum(inner["n_patients"].to_pylist()))],
            "id": [table["n"].to_pylist()[0]],
            "mean": [float("nan")],
            "is_small": [None],
        }
    )
"""


@pytest.fixture
def fold_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "folds"
    folder.mkdir()
    monkeypatch.setattr(findings_package, "__path__", [*findings_package.__path__, str(folder)])
    yield folder
    for name in [n for n in sys.modules if n.startswith("pathgraph.queries.findings.folded")]:
        del sys.modules[name]


FOLDED = (
    "param born: int, default 1900: from then on",
    "returns id: text: a number",
    "returns n: persons: people",
    "returns units: list: all units",
    "returns gaps: list, d: numbers",
    "returns mean: days: undefined",
    "returns is_small: boolean: unknown",
    "key: id",
)


def test_a_fold_makes_the_table_and_may_ask_more(
    engine: Engine, library: Path, fold_folder: Path
) -> None:
    (fold_folder / "folded_all.py").write_text(FOLD)
    write_library(
        library,
        {"folded_all": (FOLDED, "MATCH (p:Patient) RETURN count(p) AS n")},
        other={
            "findings/folded_all.units.cypher": "// why: the units\n"
            "MATCH (u:Unit) RETURN u.unit_id AS unit_id"
        },
    )
    result = run(engine, "folded_all", suppress_below=0, folder=library)
    assert result.document()["rows"] == [
        {
            "id": "36", "n": 36, "units": ["A", "B", "C", "Z", "Å"], "gaps": [1.0, 2.5],
            "mean": None, "is_small": None,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("returned", "part"),
    [
        ("pd.DataFrame({'id': ['a']})", "did not return them"),
        ("pd.DataFrame({'id': ['a'], 'n': ['x']})", "The column n of folded_bad"),
        ("pd.DataFrame({'id': ['a'], 'n': [1.5]})", "The column n of folded_bad"),
        ("pd.DataFrame({'id': [1.5], 'n': [1]})", "The column id of folded_bad"),
        ("pd.DataFrame({'id': ['a', 'b', 'a'], 'n': [7, 8, 9]})", "two rows with the same id"),
        ("pd.DataFrame({'id': [None, 'b', None], 'n': [7, 8, 9]})", "two rows with the same id"),
    ],
)
def test_a_table_that_is_not_as_declared_is_refused_without_its_values(
    engine: Engine, library: Path, fold_folder: Path, returned: str, part: str
) -> None:
    (fold_folder / "folded_bad.py").write_text(
        f"import pandas as pd\ndef fold(table, context):\n    return {returned}\n"
    )
    lines = ("returns id: text: a", "returns n: persons: b", "key: id")
    write_library(library, {"folded_bad": (lines, "MATCH (p:Patient) RETURN count(p) AS n")})
    with pytest.raises(QueryError, match=part):
        run(engine, "folded_bad", folder=library)


def test_lists_come_as_json_or_as_lists(engine: Engine, tmp_path: Path) -> None:
    library = write_library(
        tmp_path,
        {
            "stays": (
                ("returns patient_id: id: p", "returns units: list: u", "returns both: list: b",
                 "key: patient_id"),
                "MATCH (p:Patient)-[:HAD_STAY]->(s:Stay) WHERE p.patient_id = 'B1' "
                "RETURN p.patient_id AS patient_id, s.unit_ids AS units, "
                "collect(s.stay_id) AS both",
            )
        },
    )  # fmt: skip
    result = run(engine, "stays", folder=library)
    assert result.document()["rows"] == [{"patient_id": "B1", "units": ["B", "x"], "both": ["sB1"]}]


def test_a_denominator_must_be_one_number(engine: Engine, tmp_path: Path) -> None:
    library = write_library(
        tmp_path,
        {
            "patients": (
                (*PATIENTS, "among: many"),
                "MATCH (p:Patient) RETURN p.patient_id AS patient_id",
            )
        },
        among={"many": (("returns n: persons: x",), "MATCH (p:Patient) RETURN p.birth_year AS n")},
    )
    with pytest.raises(QueryError, match="denominator many did not come as one row"):
        run(engine, "patients", folder=library)


class Reloading:
    """A real engine to whose folder somebody loads while a finding is being answered."""

    name = "ladybug"

    def __init__(self, engine: Engine, reload_at: set[int], place: Path, scratch: Path) -> None:
        self.engine, self.url = engine, engine.url
        self._reload_at, self._place, self._scratch = reload_at, place, scratch
        self.n_queries = 0

    def query(self, *args: Any, **kwargs: Any) -> pa.Table:
        self.n_queries += 1
        table = self.engine.query(*args, **kwargs)
        if self.n_queries in self._reload_at:
            content = stays_by_unit()
            content["nodes"]["Patient"].append({"patient_id": f"new{self.n_queries}",
                                                "birth_year": 2000})  # fmt: skip
            load(self._place, content, self._scratch / str(self.n_queries)).close()
        return table

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


def test_rows_and_denominator_are_of_one_snapshot(tmp_path: Path, library: Path) -> None:
    engine = load(tmp_path / "G", stays_by_unit(), tmp_path / "first")
    reloading = Reloading(engine, {1}, tmp_path / "G", tmp_path)
    result = run(reloading, "by_unit", folder=library)  # type: ignore[arg-type]
    assert reloading.n_queries == 4
    assert result.manifest["among"] == 37
    assert result.manifest["data"]["snapshot"] == engine.record().load_id
    always = Reloading(engine, {1, 3, 5}, tmp_path / "G", tmp_path / "again")
    (tmp_path / "again").mkdir()
    with pytest.raises(EngineBusyError, match="loaded anew"):
        run(always, "by_unit", folder=library)  # type: ignore[arg-type]
    engine.close()


def test_a_context_is_what_a_fold_sees() -> None:
    public = {name for name in vars(Context) if not name.startswith("_")}
    assert {"parameters", "as_of", "horizon_s", "query", "run"} <= public


def test_the_frame_has_the_dtypes_of_the_kinds(engine: Engine, library: Path) -> None:
    frame = run(engine, "by_unit", folder=library).frame
    assert isinstance(frame, pd.DataFrame)
    assert str(frame["n_patients"].dtype) == "Int64"
    assert frame["n_patients"].isna().tolist() == [False, True, False, False, True]
