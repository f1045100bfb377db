"""The load as a whole: options, manifest, and what the oracle of linking does not look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from pathgraph.ingest.run import LoadReport, load
from tests.engine.every_table import write_every_table

Loaded = tuple[Engine, LoadReport]


@pytest.fixture
def load_tables(tmp_path: Path) -> Callable[..., Loaded]:
    def do(*, edit: dict[str, tuple[str, str]] | None = None, **options: str) -> Loaded:
        folder = tmp_path / "tables"
        write_every_table(folder)
        for name, (old, new) in (edit or {}).items():
            file = folder / f"{name}.csv"
            text = file.read_text(encoding="utf-8")
            assert old in text
            file.write_text(text.replace(old, new), encoding="utf-8")
        engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
        return engine, load("tables", folder, engine, options=options)

    return do


def _stay(engine: Engine, stay_id: str) -> dict[str, Any]:
    columns = (
        "age, s.municipality_code AS municipality_code, s.diagnosis_group AS diagnosis_group, "
        "s.discharged_to AS discharged_to, s.started_s AS started_s, s.ended_s AS ended_s, "
        "s.ended_at AS ended_at, s.unit_ids AS unit_ids, s.next_gp_s AS next_gp_s, "
        "s.next_municipal_s AS next_municipal_s, s.is_acute_first AS is_acute_first"
    )
    rows = engine.query(
        f"MATCH (s:Stay) WHERE s.stay_id = $stay_id RETURN s.age AS {columns}",
        {"stay_id": stay_id},
    ).to_pylist()
    assert len(rows) == 1
    return dict(rows[0])


def test_a_stay_knows_its_patient_place_and_main_diagnosis(
    load_tables: Callable[..., Loaded],
) -> None:
    engine, _ = load_tables()
    first = _stay(engine, "-9223372036854775808")
    assert (first["age"], first["municipality_code"]) == (2025 - 1940, "5501")
    assert first["diagnosis_group"] == "heart failure"
    assert first["discharged_to"] == "home"
    assert json.loads(first["unit_ids"]) == ["ward", "medical"]
    second = _stay(engine, "c2")
    assert (second["municipality_code"], second["diagnosis_group"]) == ("5501", None)
    assert second["discharged_to"] == "nursing home"
    # The nursing home two hours later, the general practitioner thirteen days later.
    assert second["next_municipal_s"] - second["ended_s"] == 2 * 3600
    assert second["next_gp_s"] - second["ended_s"] == 13 * 86400 + 90 * 60
    assert _stay(engine, "c7")["age"] is None


def test_the_residence_is_that_of_the_day_on_which_the_stay_began(
    load_tables: Callable[..., Loaded],
) -> None:
    engine, _ = load_tables(edit={"residences": ("2025-02-01", "2025-01-10")})
    assert _stay(engine, "-9223372036854775808")["municipality_code"] == "5501"
    assert _stay(engine, "c2")["municipality_code"] == "5503"


def test_only_the_first_diagnosis_decides_the_group(load_tables: Callable[..., Loaded]) -> None:
    engine, _ = load_tables(
        edit={"diagnosis_groups": ("heart failure,ICD-10,I50", "COPD,ICD-10,J44")}
    )
    assert _stay(engine, "-9223372036854775808")["diagnosis_group"] is None


def test_an_end_without_clock_time_does_not_lie_before_the_start(
    load_tables: Callable[..., Loaded],
) -> None:
    engine, _ = load_tables(
        edit={"contacts": ("2025-01-10T08:00,2025-01-12T08:00", "2025-01-10T08:00,2025-01-10")}
    )
    stay = _stay(engine, "c2")
    assert stay["ended_s"] == stay["started_s"]
    assert engine.record().manifest["has_time"] is False


def test_coverage_is_taken_as_stated_and_otherwise_assumed(
    load_tables: Callable[..., Loaded],
) -> None:
    engine, _ = load_tables()
    rows = engine.query(
        "MATCH (c:Coverage) RETURN c.level AS level, c.covered_to AS covered_to, "
        "c.is_assumed AS is_assumed"
    ).to_pylist()
    found = {row["level"]: (row["covered_to"], row["is_assumed"]) for row in rows}
    assert found == {
        "hospital": ("2180-06-01", False),
        "gp": ("2025-06-01", False),
        "psychiatry": ("2180-05-02", True),
        "emergency": ("2180-05-02", True),
        "municipal": ("2180-05-02", True),
    }


def test_the_last_day_is_that_of_the_last_contact_unless_the_user_says_less(
    load_tables: Callable[..., Loaded],
) -> None:
    # 1 May 2180 and 31 January 2025, in days since 1970.
    assert load_tables()[0].record().manifest["last_day"] == 76822
    assert load_tables(until="2025-01-31")[0].record().manifest["last_day"] == 20119
    assert load_tables(until="2200-01-01")[0].record().manifest["last_day"] == 76822


def test_the_acute_option_rules_and_is_written_down(load_tables: Callable[..., Loaded]) -> None:
    engine, _ = load_tables()
    assert _stay(engine, "c2")["is_acute_first"] is True
    engine, report = load_tables(acute="2,3")
    assert _stay(engine, "c2")["is_acute_first"] is False
    assert report.record.manifest["acute"]["codes"] == ["2", "3"]
    assert report.record.manifest["options"]["acute"] == "2,3"


def test_the_merge_gap_option_reaches_the_stays(load_tables: Callable[..., Loaded]) -> None:
    apart = load_tables()[1].record.manifest["counts"]["Stay"]
    _, report = load_tables(merge_gap_h="168")
    assert report.record.manifest["counts"]["Stay"] == apart - 1
    assert report.record.manifest["merge_gap_h"] == 168


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"acut": "1"}, "has no option called acut"),
        ({"until": "31.01.2026"}, "YYYY-MM-DD"),
        ({"merge_gap_h": "eight"}, "number of hours"),
        ({"merge_gap_h": "-1"}, "number of hours"),
        ({"holidays": "XX"}, "ISO 3166"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    load_tables: Callable[..., Loaded], options: dict[str, str], part: str
) -> None:
    with pytest.raises(UsageError, match=part):
        load_tables(**options)


def test_a_load_that_fails_leaves_the_graph_before_it(
    load_tables: Callable[..., Loaded],
) -> None:
    engine, report = load_tables()
    with pytest.raises(UsageError):
        load_tables(holidays="XX")
    assert engine.record().load_id == report.record.load_id


def test_equal_tables_give_equal_fingerprints(load_tables: Callable[..., Loaded]) -> None:
    first, again = load_tables()[1].record, load_tables()[1].record
    assert first.load_id != again.load_id
    assert first.fingerprint == again.fingerprint
    changed = load_tables(edit={"patients": ("1940", "1941")})[1].record
    assert changed.fingerprint != first.fingerprint


def test_every_step_is_timed_and_every_table_counted(load_tables: Callable[..., Loaded]) -> None:
    _, report = load_tables()
    assert list(report.seconds) == [
        "reading",
        "checking",
        "linking",
        "writing graph tables",
        "summing up",
        "loading and verifying",
    ]
    assert report.quarantine_file is None
    assert report.tables["contacts"] == {"read": 10, "accepted": 10, "refused": 0}
    assert report.record.manifest["counts"]["PlanStatus"] == 2
