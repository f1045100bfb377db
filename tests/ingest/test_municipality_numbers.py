"""Numbers of municipalities that were renumbered or put together, followed through the load."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.ingest.municipality_numbers import numbers_in_use, successors
from tests.findings.drawn import Row, ask, overnight, rows_of, table
from tests.findings.drawn import load_tables as load_drawn

_DAYS = [date(2019, 6, 1), date(2020, 1, 1), date(2022, 3, 4), date(2024, 1, 1), date(2025, 2, 3)]
_REFORMS = {"1902": "2020-01-01", "5401": "2024-01-01"}

UNITS = table("""
    unit_id  level     kind         municipality_code
    med      hospital  ward         5401
    care     municipal municipal_service  1902
    other    gp        gp_practice  5503
""")
CONTACTS = overnight("""
    contact_id  patient_id  unit_id  started_at           ended_at
    c1          p1          med      2019-02-01T08:00:00  2019-02-03T08:00:00
    c2          p1          med      2025-02-01T08:00:00  2025-02-03T08:00:00
    c3          p2          med      2025-02-01T08:00:00  2025-02-03T08:00:00
""")


def _load(engine: Engine, folder: Path, **tables: list[Row]) -> Any:
    everything = {
        "patients": [{"patient_id": f"p{n}"} for n in range(1, 40)],
        "units": UNITS, "contacts": CONTACTS, **tables,
    }  # fmt: skip
    load_drawn(engine, folder, everything)
    return engine.record()


def _residences(engine: Engine) -> list[tuple[Any, ...]]:
    asked = (
        "MATCH (p:Patient)-[r:LIVES_IN]->(m:Municipality) RETURN p.patient_id AS patient_id, "
        "m.municipality_code AS code, r.valid_from AS valid_from, r.valid_from_day AS from_day, "
        "r.valid_to AS valid_to, r.valid_to_day AS to_day"
    )
    rows = engine.query(asked).to_pylist()
    return sorted((tuple(row.values()) for row in rows), key=repr)


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    with closing(open_engine(f"ladybug:{tmp_path / 'graph'}")) as opened:
        yield opened


def test_the_known_numbers_lead_to_one_number_of_2024_unless_divided() -> None:
    whole = [n for n in numbers_in_use() if n.is_whole]
    assert len({n.municipality_code for n in whole}) == len(whole)
    now = {n.number_in_2024 for n in numbers_in_use()}
    assert not now & {n.municipality_code for n in numbers_in_use()}
    # Troms: renumbered in 2020 and in 2024, Lenvik and three others became Senja in between.
    led = {n.municipality_code: n.number_in_2024 for n in whole}
    assert {led[code] for code in ("1902", "5401")} == {"5501"}
    assert {led[code] for code in ("1927", "1928", "1929", "1931", "5421")} == {"5530"}
    # Tysfjord was divided between Narvik and Hamarøy.
    parts = {n.number_in_2024 for n in numbers_in_use() if n.municipality_code == "1850"}
    assert parts == {"1806", "1875"}


@pytest.mark.parametrize(
    ("present", "declared", "expected"),
    [
        (["1927", "1931", "5421"], {}, {"1927": "5421", "1931": "5421"}),
        (["1927", "1931"], {}, {}),
        (["5501"], {}, {}),
        (["a", "b", "c"], {"a": "b", "b": "c"}, {"a": "c", "b": "c"}),
        (["a", "b"], {"a": "b", "b": "a"}, {}),
        (["a"], {"a": "b"}, {}),
        (["a"], {"a": "a"}, {}),
        (["5401", "5501", "x"], {"5401": "x"}, {"5401": "x"}),
        (["1850", "1806", "1875"], {"1850": "1806"}, {"1850": "1806"}),
    ],
)
def test_a_number_is_led_to_the_newest_that_the_data_hold(
    present: list[str], declared: dict[str, str], expected: dict[str, str]
) -> None:
    followed = successors(present, declared)
    assert followed.successors == expected
    assert followed.divided == ()


def test_a_divided_municipality_keeps_its_number_and_the_load_says_so(
    engine: Engine, tmp_path: Path
) -> None:
    residences = table("""
        patient_id  municipality_code  valid_from  valid_to
        p1          1850               2010-01-01  2020-01-01
        p1          1806               2020-01-01  -
    """)
    record = _load(engine, tmp_path / "tables", residences=residences)
    assert [row[1] for row in _residences(engine)] == ["1806", "1850"]
    assert any(
        note.startswith("Municipalities that were divided") for note in record.manifest["notes"]
    )


def test_a_person_who_stayed_lives_in_one_place_all_the_time(
    engine: Engine, tmp_path: Path
) -> None:
    residences = table("""
        patient_id  municipality_code  valid_from  valid_to
        p1          1902               -           2020-01-01
        p1          5401               2020-01-01  2024-01-01
        p1          5501               2024-01-01  -
        p2          5401               2021-05-01  2022-01-01
        p2          5503               2022-01-01  2024-06-01
        p2          5501               2024-06-01  2025-06-01
        p3          5503               2022-01-01  2023-01-01
        p3          5503               2023-01-01  -
    """)
    names = table("""
        municipality_code  name    valid_from  valid_to
        5401               Tromsø  2020-01-01  2024-01-01
        5501               Tromsø  2024-01-01  -
        5503               Harstad -           -
    """)
    record = _load(engine, tmp_path / "tables", residences=residences, municipalities=names)
    assert [row[:3] + row[4:5] for row in _residences(engine)] == [
        ("p1", "5501", None, None),
        ("p2", "5501", "2021-05-01", "2022-01-01"),
        ("p2", "5501", "2024-06-01", "2025-06-01"),
        ("p2", "5503", "2022-01-01", "2024-06-01"),
        ("p3", "5503", "2022-01-01", "2023-01-01"),
        ("p3", "5503", "2023-01-01", None),
    ]
    assert "1902 > 5501, 5401 > 5501" in " ".join(record.manifest["notes"])
    known = engine.query("MATCH (m:Municipality) RETURN m.municipality_code AS code").to_pylist()
    assert {row["code"] for row in known} == {"5501", "5503"}
    ties = rows_of(ask(engine, "municipality_ties", period_days=3650))
    assert [(row["from_id"], row["to_id"], row["n_contacts"]) for row in ties] == [
        ("5501", "5501", 3)
    ]


def _lived(drawn: random.Random) -> list[Row]:
    """Return residences under the numbers of today, none of one person at once."""
    rows = []
    for patient in range(1, 40):
        days = sorted(drawn.sample(_DAYS, drawn.randint(2, 4)))
        for number, (start, end) in enumerate(pairwise(days)):
            rows.append({
                "patient_id": f"p{patient}",
                "municipality_code": drawn.choice(["5501", "5503", "5530"]),
                "valid_from": None if number == 0 and drawn.random() < 0.5 else start.isoformat(),
                "valid_to": None if end == days[-1] and drawn.random() < 0.5 else end.isoformat(),
            })  # fmt: skip
    return rows


def _as_then_recorded(rows: Sequence[Row]) -> list[Row]:
    """Return the same residences as registers of their time wrote them."""
    ends = [
        ("1902", None, "2020-01-01"),
        ("5401", "2020-01-01", "2024-01-01"),
        ("5501", "2024-01-01", None),
    ]
    written = []
    for row in rows:
        if row["municipality_code"] != "5501":
            written.append(row)
            continue
        for code, first, last in ends:
            start = max(row["valid_from"] or "", first or "")
            end = min(row["valid_to"] or "9999", last or "9999")
            if start < end:
                written.append({**row, "municipality_code": code, "valid_from": start or None,
                                "valid_to": None if end == "9999" else end})  # fmt: skip
    return written


def _united(rows: Sequence[Row]) -> set[tuple[Any, ...]]:
    """Return who lived where, day by day put together again, in plain Python."""
    found = set()
    for patient in {row["patient_id"] for row in rows}:
        for code in {row["municipality_code"] for row in rows if row["patient_id"] == patient}:
            spans = sorted(
                (row["valid_from"] or "", row["valid_to"] or "9999")
                for row in rows
                if (row["patient_id"], row["municipality_code"]) == (patient, code)
            )
            while spans:
                start, end = spans.pop(0)
                while spans and spans[0][0] <= end:
                    end = max(end, spans.pop(0)[1])
                found.add((patient, code, start or None, None if end == "9999" else end))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_what_registers_wrote_in_their_time_gives_what_those_of_today_write(
    engine: Engine, tmp_path: Path, seed: int
) -> None:
    today = _lived(random.Random(seed))
    then = _as_then_recorded(today)
    assert len(then) > len(today)
    _load(engine, tmp_path / "then", residences=then)
    found = {(row[0], row[1], row[2], row[4]) for row in _residences(engine)}
    assert {row for row in found if row[1] == "5501"} == {
        row for row in _united(today) if row[1] == "5501"
    }
    assert len(found) == len(_residences(engine))


def test_what_serves_both_numbers_serves_the_municipality_once(
    engine: Engine, tmp_path: Path
) -> None:
    serves = table("""
        unit_id  municipality_code
        med      5401
        med      5501
        care     5401
    """)
    _load(engine, tmp_path / "tables", unit_serves=serves)
    found = engine.query(
        "MATCH (u:Unit)-[:SERVES]->(m:Municipality) "
        "RETURN u.unit_id AS unit_id, m.municipality_code AS code"
    ).to_pylist()
    assert sorted((row["unit_id"], row["code"]) for row in found) == [
        ("care", "5501"),
        ("med", "5501"),
    ]
    places = engine.query("MATCH (u:Unit) RETURN u.unit_id AS id, u.municipality_code AS code")
    assert {row["id"]: row["code"] for row in places.to_pylist()} == {
        "med": "5501", "care": "5501", "other": "5503",
    }  # fmt: skip


def test_an_old_number_needs_no_row_of_its_own_among_the_municipalities(
    engine: Engine, tmp_path: Path
) -> None:
    names = table("""
        municipality_code  name
        5501               Tromsø
        5503               Harstad
    """)
    residences = [{"patient_id": "p1", "municipality_code": "1902"}]
    record = _load(engine, tmp_path / "tables", residences=residences, municipalities=names)
    assert [row[1] for row in _residences(engine)] == ["5501"]
    counted = record.manifest["tables"]["residences"]
    assert (counted["read"], counted["accepted"], counted["refused"]) == (1, 1, 0)
