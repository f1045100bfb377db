"""The coordination layer of the generated region: its rows, its boundaries, its answer key."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pathgraph.model.tables import canonical_table
from pathgraph.model.types import ColumnType
from pathgraph.synth import answer_key
from pathgraph.synth.block import draw_lives
from pathgraph.synth.coordination import draw_coordination, region_tables
from pathgraph.synth.holders import LEVEL_UNKNOWN, list_holders
from pathgraph.synth.lives import NEVER, Lives, Services, SpecialistDates, Stays, Truths
from pathgraph.synth.near_misses import CASE_SCRIPTS, N_EACH, PLAN_SCRIPTS, cast_scripts
from pathgraph.synth.needs import MUNICIPAL, SPECIALIST, find_long_care
from pathgraph.synth.period import Period
from pathgraph.synth.plan_tables import plan_ids
from pathgraph.synth.plan_truths import _a_year_later
from pathgraph.synth.region import Region, build_region
from pathgraph.synth.region_rows import region_rows

SEED, N = 11, 4000
PERIOD = Period(3)
D = PERIOD.last_day

Drawn = tuple[Lives, dict[str, pa.Table]]


@pytest.fixture(scope="module")
def region() -> Region:
    return build_region()


@pytest.fixture(scope="module")
def drawn(region: Region) -> Drawn:
    lives, tables = draw_lives(region, SEED, 0, N, PERIOD)
    tables |= draw_coordination(region, lives, SEED, PERIOD)
    for name, rows in region_rows(region).items():
        tables[name] = rows
    for name, rows in region_tables(region, SEED, PERIOD).items():
        tables[name] = pa.concat_tables([tables[name], rows]) if name in tables else rows
    return lives, tables


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


# The rows keep the rules of the canonical tables.

_WRITTEN = (
    "roles",
    "needs",
    "plans",
    "plan_statuses",
    "plan_revisions",
    "plan_owners",
    "referrals",
    "ready_periods",
    "notices",
    "contact_points",
    "agreements",
    "unit_serves",
    "expectations",
    "coverage",
    "professionals",
    "employments",
)


@pytest.mark.parametrize("name", _WRITTEN)
def test_rows_keep_the_tables_rules(drawn: Drawn, name: str) -> None:
    tables, declared = drawn[1], canonical_table(name)
    frame = tables[name].to_pandas()
    assert len(frame) > 0
    assert not frame.duplicated(list(declared.key)).any()
    for column in declared.columns:
        values = frame[column.name].dropna()
        assert not column.required or len(values) == len(frame)
        assert not column.codes or set(values) <= set(column.codes)
        if column.references:
            table, key = column.references.split(".")
            assert set(values) <= set(tables[table][key].to_pylist()), column.name
    for first, last in declared.intervals:
        known = frame[[first, last]].dropna()
        assert (known[first] <= known[last]).all(), (first, last)
    if declared.one_of:
        assert (frame[list(declared.one_of)].notna().sum(axis=1) == 1).all()


def test_dates_are_dates_and_times_have_a_zone(drawn: Drawn) -> None:
    for name in _WRITTEN:
        for column in canonical_table(name).columns:
            type_ = drawn[1][name].schema.field(column.name).type
            if column.type is ColumnType.DATE:
                assert type_ == pa.date32()
            if column.type is ColumnType.TIME:
                assert type_ == pa.timestamp("s", tz="UTC")


def test_the_same_seed_gives_the_same_rows(region: Region) -> None:
    def once(seed: int) -> dict[str, pa.Table]:
        lives, _ = draw_lives(region, seed, 0, 1500, PERIOD)
        return draw_coordination(region, lives, seed, PERIOD)

    first, again, other = once(1), once(1), once(2)
    assert all(first[name].equals(again[name]) for name in first)
    assert not first["roles"].equals(other["roles"])


def test_nothing_is_added_to_lives_written_by_hand(drawn: Drawn) -> None:
    lives, tables = drawn
    by_hand = set(lives.patient_ids(np.flatnonzero(lives.is_drawn)).to_pylist())
    for name in ("needs", "plans"):
        assert not by_hand & set(tables[name]["patient_id"].to_pylist()), name
    own = [one for one in tables["referrals"]["patient_id"].to_pylist() if one in by_hand]
    written = np.array([one.patient for one in lives.drawn_referrals])
    assert sorted(own) == sorted(lives.patient_ids(written).to_pylist())
    roles = tables["roles"].to_pandas()
    assert set(roles.loc[roles["patient_id"].isin(by_hand), "role"]) <= {"contact_physician"}


# Scripts: what a word stands for is not found, what has none is.


def _found(lives: Lives, finding: str, column: str) -> set[str]:
    return {text for table in lives.truths.found[finding] for text in table[column].to_pylist()}


def test_scripted_plans_are_found_or_not_as_they_say(region: Region, drawn: Drawn) -> None:
    lives = drawn[0]
    cast = cast_scripts(region, lives, SEED, D)
    ids = plan_ids(cast.plans).to_pylist()
    for place, script in enumerate(PLAN_SCRIPTS):
        column = "patient_id" if script.finding in _BY_PATIENT else "plan_id"
        found = _found(lives, script.finding, column)
        which = np.flatnonzero(cast.plan_script == place)
        assert len(which) == N_EACH * len(script.plans), script
        names = (
            lives.patient_ids(cast.plans.patient[which]).to_pylist()
            if column == "patient_id"
            else [ids[i] for i in which]
        )
        assert [name in found for name in names] == [not script.word] * len(names), script


_BY_PATIENT = ("competing_plans", "both_kinds_of_care")


def test_scripted_coordinators_are_found_or_not_as_they_say(region: Region, drawn: Drawn) -> None:
    lives = drawn[0]
    cast = cast_scripts(region, lives, SEED, D)
    for place, script in enumerate(CASE_SCRIPTS):
        which = np.flatnonzero(cast.case_script == place)
        assert len(which) == N_EACH, script
        found = _found(lives, script.finding, "patient_id")
        names = lives.patient_ids(cast.cases.patient[which]).to_pylist()
        if script.finding == "missing_coordinator" and not script.word and "person" in script.roles:
            # A coordinator at one level is enough for who needs none at the other.
            duty = ("specialist", "municipal")[script.roles.index("none")]
            rows = [t.to_pandas() for t in lives.truths.found["missing_coordinator"]]
            assert all(
                set(r.loc[r["patient_id"].isin(names), "duty_level"]) <= {duty} for r in rows
            )
            continue
        assert [name in found for name in names] == [not script.word] * len(names), script


def test_every_near_miss_is_there_five_times(drawn: Drawn) -> None:
    counts: dict[tuple[str, str], int] = {}
    for finding, tables in drawn[0].truths.near.items():
        for table in tables:
            for word in table["near_miss"].to_pylist():
                counts[finding, word] = counts.get((finding, word), 0) + 1
    assert {key: n for key, n in counts.items() if n < 5} == {}
    words = {(s.finding, s.word) for s in (*PLAN_SCRIPTS, *CASE_SCRIPTS) if s.word}
    assert words <= counts.keys()
    physicians = {word for finding, word in counts if finding == "missing_contact_physician"}
    assert physicians >= {
        "exactly_96_hours",
        "psychologist",
        "unit_as_contact_physician",
        "named_on_the_first_working_day_after_a_public_holiday",
    }


def test_holders_are_in_the_state_that_was_asked_for(region: Region) -> None:
    holders = list_holders(region, PERIOD)
    levels = np.array([0, 1, 3, 4])
    nowhere, draw = np.zeros(4, np.int64), np.array([0.0, 0.4, 0.7, 0.999])
    today = holders.pick("left_today", levels, nowhere, draw)
    assert (holders.ends[today] == D).all()
    assert not holders.holds(today, D).any()
    assert holders.holds(today, D - 1).all()
    tomorrow = holders.pick("leaves_tomorrow", levels, nowhere, draw)
    assert holders.holds(tomorrow, D).all()
    assert not holders.holds(tomorrow, D + 1).any()
    steady = holders.pick("steady", levels, nowhere, draw)
    assert (holders.level[steady] == levels).all()
    assert (holders.another("steady", steady, draw) != steady).all()
    alone = holders.pick("unemployed", np.full(4, LEVEL_UNKNOWN), nowhere, draw)
    assert (holders.unit[alone] == NEVER).all()


# Long care at several places: the boundaries.


def _lives(
    dates: list[tuple[int, int, int]] = (),  # type: ignore[assignment]
    services: list[tuple[int, int, int, int]] = (),  # type: ignore[assignment]
    n: int = 8,
) -> Lives:
    """People with dates (patient, unit, day) and services (patient, kind, first, last day)."""
    none = np.zeros(0, np.int64)
    never = np.full(n, NEVER)
    at = np.array(sorted(dates), dtype=np.int64).reshape(-1, 3)
    served = np.array(sorted(services), dtype=np.int64).reshape(-1, 4)
    return Lives(
        first=50_000,
        birth_year=np.full(n, 1950),
        sex=np.zeros(n, np.int64),
        is_drawn=np.zeros(n, bool),
        municipality=np.zeros(n, np.int64),
        moved_day=never,
        moved_to=never,
        died_day=never,
        gp_unit=np.zeros(n, np.int64),
        last_seen=np.full((n, 5), NEVER),
        stays=Stays(**dict.fromkeys(Stays.__slots__, none)),
        services=Services(served[:, 0], served[:, 1], served[:, 1] * 0, served[:, 2], served[:, 3]),
        specialist=SpecialistDates(
            at[:, 0], at[:, 1], at[:, 2], at[:, 2] * 86_400, np.ones(len(at), bool)
        ),
        truths=Truths(),
    )


def _at(region: Region, patient: int, unit: str, *days: int) -> list[tuple[int, int, int]]:
    return [(patient, region.unit(unit), D - one) for one in days]


def test_two_clinics_whose_spans_overlap_by_90_days(region: Region) -> None:
    heart = (200, 150, 100)
    dates = [
        *_at(region, 0, "hlk-heart", *heart),
        *_at(region, 0, "mk-medicine", 190, 150, 100),
        *_at(region, 1, "hlk-heart", *heart),
        *_at(region, 1, "mk-medicine", 189, 150, 99),
        *_at(region, 2, "hlk-heart", *heart),
        *_at(region, 2, "hlk-lung", *heart),
        *_at(region, 3, "hlk-heart", *heart),
        *_at(region, 3, "mk-medicine", 190, 190, 100),
        *_at(region, 4, "hlk-heart", *heart),
        # Two units of a clinic are one place; three dates of which two are one day are two.
        *_at(region, 4, "mk-medicine", 190, 150),
        *_at(region, 4, "mk-geriatrics", 100),
    ]
    found = find_long_care(region, _lives(dates), D)
    assert found[:5, SPECIALIST].tolist() == [True, False, False, False, True]
    assert not found[:, MUNICIPAL].any()


def test_dates_of_more_than_365_days_ago_do_not_count(region: Region) -> None:
    second = _at(region, 0, "mk-medicine", 364, 300, 270) + _at(
        region, 1, "mk-medicine", 364, 300, 270
    )
    first = _at(region, 0, "hlk-heart", 364, 300, 270) + _at(region, 1, "hlk-heart", 365, 300, 270)
    found = find_long_care(region, _lives(second + first), D)
    assert found[:2, SPECIALIST].tolist() == [True, False]


def test_a_clinic_and_a_municipal_service(region: Region) -> None:
    dates = [date_ for p in range(5) for date_ in _at(region, p, "hlk-heart", 200, 150, 100)]
    services = [
        (0, 15, D - 900, NEVER),
        (1, 15, D - 900, D - 110),
        (2, 15, D - 900, D - 111),
        (3, 28, D - 900, NEVER),
        # Two periods of a kind are one span; those that ended a year ago are not in it.
        (4, 15, D - 195, D - 180),
        (4, 15, D - 120, D - 50),
    ]
    found = find_long_care(region, _lives(dates, services), D)
    assert found[:5, MUNICIPAL].tolist() == [True, True, False, False, True]
    assert not found[:, SPECIALIST].any()


def test_a_year_after_the_29th_of_february() -> None:
    days = np.array([day("2024-02-29"), day("2024-02-28"), day("2024-12-31"), day("2023-03-31")])
    expected = ["2025-02-28", "2025-02-28", "2025-12-31", "2024-03-31"]
    assert _a_year_later(days).tolist() == [day(text) for text in expected]


# The answer key: blocks together.


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _stays_due(n: int, unit: str, recorded: int, *, recent: bool, start: int = 0) -> pa.Table:
    return pa.table(
        {
            "stay_id": [f"s-{unit}-{start + i}" for i in range(n)],
            "unit": [unit] * n,
            "is_recent": [recent] * n,
            "is_recorded": [i < recorded for i in range(n)],
            "is_met": [i < recorded for i in range(n)],
        }
    )


def test_units_that_record_no_contact_physicians_are_told_apart(
    region: Region, tmp_path: Path
) -> None:
    first, second = Truths(), Truths()
    first.found["missing_contact_physician"] = [
        _stays_due(19, "a", 1, recent=True),
        _stays_due(20, "b", 1, recent=True),
        _stays_due(10, "c", 10, recent=False),
        _stays_due(10, "d", 0, recent=False),
    ]
    second.found["missing_contact_physician"] = [
        _stays_due(1, "a", 0, recent=True, start=90),
        _stays_due(1, "b", 0, recent=True, start=90),
        _stays_due(1, "c", 0, recent=True, start=90),
    ]
    answer_key.write(tmp_path, [first, second], region, "2025-12-31")
    rows = _rows(tmp_path / "answer_key" / "missing_contact_physician.csv")
    status = {(row["stay_id"].split("-")[1], row["status"]) for row in rows}
    # 1 of 20 is 5 %, which is enough; 1 of 21 is not; what was recorded years ago is not asked.
    assert status == {
        ("a", "missing"),
        ("b", "not_recorded"),
        ("c", "not_recorded"),
        ("d", "not_recorded"),
    }
    assert len(rows) == 19 + 20 + 1 + 10
    assert list(rows[0]) == ["stay_id", "status", "as_of"]


def test_counts_of_blocks_are_summed(region: Region, tmp_path: Path) -> None:
    def truths(n: int) -> Truths:
        place = {"municipality_code": ["5501"], "unit": ["mk-medicine-ward"]}
        one = Truths()
        one.found["late_notice_to_municipality"] = [
            pa.table({**place, "n_notices": [n], "n_late": [1]})
        ]
        return one

    answer_key.write(tmp_path, [truths(3), truths(4)], region, "2025-12-31")
    rows = _rows(tmp_path / "answer_key" / "late_notice_to_municipality.csv")
    assert [(row["n_notices"], row["n_late"]) for row in rows] == [("7", "2")]


def test_a_child_unit_is_found_in_the_whole_region(region: Region, tmp_path: Path) -> None:
    def truths(n: int, young: int) -> Truths:
        one = Truths()
        one.found["_contacts_of_units"] = [
            pa.table({"unit": ["c", "few"], "n_contacts": [n, 4], "n_young": [young, 4]})
        ]
        one.found["_seen_before_18"] = [
            pa.table(
                {
                    "patient_id": [f"p{n}", f"q{n}", f"q{n}", f"r{n}"],
                    "unit": ["c", "c", "few", "c"],
                    "is_contact": [True, True, True, False],
                }
            )
        ]
        return one

    answer_key.write(tmp_path, [truths(5, 5), truths(5, 4)], region, "2025-12-31")
    rows = _rows(tmp_path / "answer_key" / "child_to_adult.csv")
    # 9 of 10 are young; the other unit has 8 contacts in all, and who was only sent was not seen.
    assert [row["patient_id"] for row in rows] == ["p5"]


def test_no_near_miss_is_also_found_and_no_file_is_empty(
    region: Region, drawn: Drawn, tmp_path: Path
) -> None:
    by_chance = Truths()
    by_chance.found["stale_plans"] = [pa.table({"plan_id": ["a"]})]
    by_chance.near["stale_plans"] = [
        pa.table({"plan_id": ["a", "b"], "near_miss": ["revise_by_is_today"] * 2})
    ]
    by_chance.found["unowned_plans"] = [pa.table({"plan_id": pa.array([], pa.string())})]
    answer_key.write(tmp_path / "small", [by_chance], region, "2025-12-31")
    key = tmp_path / "small" / "answer_key"
    assert [row["plan_id"] for row in _rows(key / "near_misses" / "stale_plans.csv")] == ["b"]
    assert not (key / "unowned_plans.csv").exists()
    answer_key.write(tmp_path / "region", [drawn[0].truths], region, "2025-12-31")
    files = list((tmp_path / "region").rglob("*.csv"))
    assert len(files) > 20
    for file in files:
        rows = _rows(file)
        assert {row["as_of"] for row in rows} == {"2025-12-31"}, file
        assert not file.name.startswith("_")


def test_what_is_planted_for_later_is_in_the_tables(drawn: Drawn, region: Region) -> None:
    tables = drawn[1]
    later = answer_key._later()[0]
    valid = tables["agreements"].to_pandas()
    valid = valid[valid["valid_to"].isna() | (valid["valid_to"] > date(2025, 12, 31))]
    agreed = set(zip(valid["unit_id"], valid["other_unit_id"], strict=True))
    gaps = later["handovers_without_agreement"]
    assert not agreed & set(zip(gaps["unit"], gaps["other_unit"], strict=True))
    points = tables["contact_points"].to_pandas()
    points = points[points["valid_to"].isna() | (points["valid_to"] > date(2025, 12, 31))]
    ended = tables["employments"].to_pandas()
    ended = ended[ended["valid_to"] <= date(2025, 12, 31)]["professional_id"]
    answering = set(points.loc[~points["professional_id"].isin(ended), "municipality_code"])
    everywhere = set(region.municipalities.code[: region.municipalities.n_trust])
    planted = answer_key._of_the_region()[0]["missing_contact_points"]
    assert everywhere - answering == set(planted["municipality_code"])


def test_a_contact_physician_named_on_the_due_day_is_in_time(drawn: Drawn) -> None:
    lives, tables = drawn
    due = pa.concat_tables(lives.truths.found["missing_contact_physician"]).to_pandas()
    stays = lives.stays
    ids = lives.contact_ids(stays.first_contact).to_pylist()
    place = {stay_id: i for i, stay_id in enumerate(ids)}
    roles = tables["roles"].to_pandas()
    roles = roles[roles["role"].isin(("contact_physician", "contact_psychologist"))]
    # Of another trust: recorded, and not satisfied by it.
    employed = tables["employments"].to_pandas()
    elsewhere = employed.loc[employed["unit_id"].str.startswith("other-"), "professional_id"]
    roles = roles[~roles["professional_id"].isin(elsewhere)]
    held: dict[str, list[tuple[int, int]]] = {}
    for row in roles.itertuples():
        first, last = _numbers(row.valid_from), _numbers(row.valid_to)
        held.setdefault(row.patient_id, []).append((first, last))
    patients = lives.patient_ids(stays.patient).to_pylist()
    for row in due.itertuples():
        i = place[row.stay_id]
        due_day = int(PERIOD.to_working_days(stays.start_day[i : i + 1] + 1)[0])
        is_met = any(a <= due_day < b for a, b in held.get(patients[i], []))
        assert is_met == row.is_met, row.stay_id
    assert 0.02 < (~due["is_met"]).mean() < 0.6


def test_a_stay_of_exactly_96_hours_is_due_nobody(drawn: Drawn) -> None:
    truths = drawn[0].truths
    due = pa.concat_tables(truths.found["missing_contact_physician"]).to_pandas()
    near = pa.concat_tables(
        [t.select(["stay_id", "near_miss"]) for t in truths.near["missing_contact_physician"]]
    ).to_pandas()
    exact = near.loc[near["near_miss"] == "exactly_96_hours", "stay_id"]
    assert len(exact) >= 5
    assert not set(exact) & set(due["stay_id"])
    assert set(near["stay_id"]).isdisjoint(due.loc[~due["is_met"], "stay_id"])


def _numbers(value: object) -> int:
    return (value - date(1970, 1, 1)).days if isinstance(value, date) else 10**6


def test_a_block_without_stays_has_no_waiting_and_no_notices(region: Region) -> None:
    lives = replace(_lives(n=3), truths=Truths())
    tables = draw_coordination(region, lives, SEED, PERIOD)
    assert tables["ready_periods"].num_rows == tables["notices"].num_rows == 0
