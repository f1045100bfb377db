"""A generated region on disk: what its rows hold, and the answer key against brute force.

The brute force reads the written tables only and counts in plain Python, patient by patient.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pathgraph.model.tables import CANONICAL_TABLES, REQUIRED_TABLES
from pathgraph.synth.drawn_lives import N_DRAWN, REPEATS
from pathgraph.synth.generate import Report, write_region
from pathgraph.synth.region import build_region

PATIENTS, YEARS = 2500, 3
HOUR, DAY = 3600, 86_400
ACUTE = ("1", "2", "3")
NEVER = 2**60


OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True, slots=True)
class Written:
    folder: Path
    report: Report

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.path(name))

    def path(self, name: str) -> Path:
        whole = self.folder / f"{name}.parquet"
        return whole if whole.exists() else self.folder / name

    def rows(self, name: str) -> list[dict[str, object]]:
        return self.table(name).to_pylist()

    def key(self, finding: str, *columns: str) -> set[tuple[str, ...]]:
        with (self.folder / "answer_key" / f"{finding}.csv").open(encoding="utf-8") as file:
            return {tuple(row[c] for c in columns) for row in csv.DictReader(file)}


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    unit: str
    level: str
    kind: str
    parent: str | None
    care_level: str | None
    start: int
    end: int
    urgency: str | None
    to: str | None
    dead: bool


@dataclass(frozen=True, slots=True)
class Life:
    id: str
    birth_year: int
    died_day: int
    homes: list[tuple[int, str]]
    contacts: list[Contact]

    def stays(self) -> list[list[Contact]]:
        """Merge by the rule: less than 8 hours after the latest end, or sent back."""
        found: list[list[Contact]] = []
        latest = -NEVER
        for c in self.contacts:
            if c.parent or c.care_level != "overnight" or c.level not in ("hospital", "psychiatry"):
                continue
            if found and (c.start - latest < 8 * HOUR or c.urgency == "5"):
                found[-1].append(c)
            else:
                found.append([c])
            latest = max(latest, c.end)
        return found

    def home(self, day: int) -> str:
        return [code for since, code in self.homes if since <= day][-1]


@pytest.fixture(scope="module", params=[(1, 3), (2, 2)], ids=["three years", "two years"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    seed, years = request.param
    folder = tmp_path_factory.mktemp("region") / "out"
    return Written(folder, write_region(folder, patients=PATIENTS, seed=seed, years=years))


def instant(text: str) -> int:
    """Local time; what occurs twice means the first time unless the offset is given."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=OSLO)).timestamp())


@pytest.fixture(scope="module")
def lives(written: Written) -> list[Life]:
    level = {row["unit_id"]: row["level"] for row in written.rows("units")}
    contacts: dict[object, list[Contact]] = defaultdict(list)
    frame = written.table("contacts").to_pandas()
    starts = [instant(text) for text in frame["started_at"]]
    known = frame["ended_at"].notna().tolist()
    end_s = [instant(text) for text in frame["ended_at"].fillna("1970-01-01T01:00:00")]
    for i, row in enumerate(frame.to_dict("records")):
        text = {k: None if pd.isna(v) else v for k, v in row.items()}
        contacts[row["patient_id"]].append(
            Contact(
                text["contact_id"], text["unit_id"], level[text["unit_id"]], text["kind"],
                text["parent_contact_id"], text["care_level"], starts[i],
                end_s[i] if known[i] else NEVER, text["urgency"], text["discharged_to"],
                bool(text["ended_dead"]),
            )
        )  # fmt: skip
    homes: dict[object, list[tuple[int, str]]] = defaultdict(list)
    for row in written.rows("residences"):
        homes[row["patient_id"]].append((_days(row["valid_from"]), str(row["municipality_code"])))
    return [
        Life(
            str(row["patient_id"]), int(str(row["birth_year"])),
            _days(row["died_on"]) if row["died_on"] else NEVER,
            sorted(homes[row["patient_id"]]),
            sorted(contacts[row["patient_id"]], key=lambda c: (c.start, c.id)),
        )
        for row in written.rows("patients")
    ]  # fmt: skip


def _days(value: object) -> int:
    return (pd.Timestamp(str(value)) - pd.Timestamp("1970-01-01")).days


def local(instant: int) -> pd.Timestamp:
    return pd.Timestamp(instant, unit="s", tz="UTC").tz_convert("Europe/Oslo")


END = int(pd.Timestamp("2026-01-01", tz="Europe/Oslo").timestamp())


def test_every_table_of_the_design_is_there_with_its_columns(written: Written) -> None:
    names = {table.name for table in CANONICAL_TABLES} - {"diagnosis_groups"}
    for table in CANONICAL_TABLES:
        if table.name in names:
            read = written.table(table.name)
            assert read.schema.names == [column.name for column in table.columns]
            assert written.report.rows[table.name] == read.num_rows > 0
    assert set(REQUIRED_TABLES) <= names


def test_keys_are_unique_and_references_are_met(written: Written) -> None:
    ids = {
        f"{table.name}.{table.key[0]}": set(written.table(table.name)[table.key[0]].to_pylist())
        for table in CANONICAL_TABLES
        if len(table.key) == 1
    }
    for table in CANONICAL_TABLES:
        if table.name == "diagnosis_groups":
            continue
        frame = written.table(table.name).to_pandas()
        assert not frame.duplicated(list(table.key)).any(), table.name
        for column in table.columns:
            if column.references:
                assert set(frame[column.name].dropna()) <= ids[column.references], column.name


def test_nobody_is_in_two_beds_or_seen_before_birth_or_after_death(lives: list[Life]) -> None:
    for life in lives:
        beds = [c for c in life.contacts if c.care_level == "overnight" and not c.parent]
        for one, other in pairwise(beds):
            assert one.end <= other.start, life.id
        for c in life.contacts:
            assert c.start < END
            assert c.end == NEVER or c.start <= c.end < END
            assert c.end == NEVER or _days(local(c.end).date()) <= life.died_day
            assert _days(local(c.start).date()) <= life.died_day
            if life.died_day != NEVER:
                assert c.end != NEVER, c.id
        dead = [c for c in life.contacts if c.dead]
        assert len(dead) <= 1
        if dead:
            assert _days(local(dead[0].end).date()) == life.died_day


def test_nobody_sees_a_gp_or_a_clinic_while_in_hospital(lives: list[Life]) -> None:
    elsewhere = ("consultation", "home_visit", "outpatient_visit", "day_treatment", "team_contact")
    # Those written by hand are seen between two admissions of one stay.
    for life in lives[N_DRAWN:]:
        stays = [(s[0].start, max(c.end for c in s)) for s in life.stays()]
        for c in life.contacts:
            if c.kind in elsewhere:
                assert not any(start <= c.start < end for start, end in stays), c.id


def test_ward_stays_fill_their_admission_in_different_wards(lives: list[Life]) -> None:
    n_wards: dict[int, int] = defaultdict(int)
    for life in lives:
        children: dict[str, list[Contact]] = defaultdict(list)
        for c in life.contacts:
            if c.parent:
                children[c.parent].append(c)
        for admission in (c for c in life.contacts if c.kind == "admission"):
            wards = children[admission.id]
            assert wards[0].start == admission.start
            assert wards[-1].end == admission.end
            for one, other in pairwise(wards):
                assert one.end == other.start
                assert one.unit != other.unit
            n_wards[len(wards)] += 1
    assert set(n_wards) >= {1, 2, 3}


def test_child_units_see_those_of_17_and_younger_only(lives: list[Life]) -> None:
    region = build_region()
    child = set(region.units.ids[region.is_child_unit])
    n = 0
    for life in lives:
        for c in life.contacts:
            if c.level in ("hospital", "psychiatry"):
                is_child = local(c.start).year - life.birth_year <= 17
                assert (c.unit in child) == is_child, c.id
                n += is_child
    assert n > 100


def test_who_lives_outside_is_seen_by_the_trust_only(written: Written, lives: list[Life]) -> None:
    inside = set(build_region().municipalities.code[:24])
    others = [life for life in lives if all(code not in inside for _, code in life.homes)]
    assert 0.01 < len(others) / PATIENTS < 0.03
    levels = {c.level for life in others for c in life.contacts}
    assert levels <= {"hospital", "psychiatry", "emergency"}


def readmitted(life: Life) -> Iterator[tuple[str, str, str]]:
    for before, after in pairwise(life.stays()):
        end = max(c.end for c in before)
        gap = after[0].start - end
        is_alive = not any(c.dead for c in before)
        if after[0].urgency in ACUTE and is_alive and 8 * HOUR <= gap <= 30 * DAY:
            yield life.id, before[0].id, after[0].id


def test_readmissions_against_brute_force(written: Written, lives: list[Life]) -> None:
    found = {row for life in lives for row in readmitted(life)}
    columns = ("patient_id", "index_stay_id", "readmission_stay_id")
    assert found == written.key("readmissions", *columns)
    assert len(found) > 50


def doors(life: Life) -> list[list[list[Contact]]]:
    """Return, for each acute stay, the acute stays up to it within 365 x 24 h."""
    acute = [stay for stay in life.stays() if stay[0].urgency in ACUTE]
    return [
        [s for s in acute[: i + 1] if stay[0].start - s[0].start <= 365 * DAY]
        for i, stay in enumerate(acute)
    ]


def test_revolving_doors_and_their_discharges_against_brute_force(
    written: Written, lives: list[Life]
) -> None:
    found, between = set(), set()
    for life in lives:
        windows = [w for w in doors(life) if len(w) >= 3]
        if windows:
            found.add((life.id,))
            if END - windows[-1][-1][0].start <= 365 * DAY and life.died_day == NEVER:
                fullest = max(windows, key=len)
                between |= {(life.id, stay[0].id) for stay in fullest[:-1]}
    assert found == written.key("revolving_door", "patient_id")
    assert between == written.key("before_the_return", "patient_id", "stay_id")
    assert len(found) > 20


def test_bouncing_against_brute_force(written: Written, lives: list[Life]) -> None:
    found = set()
    for life in lives:
        runs: list[list[Contact]] = []
        for c in life.contacts:
            if c.care_level == "overnight" and not c.parent:
                if runs and runs[-1][0].level == c.level:
                    runs[-1].append(c)
                else:
                    runs.append([c])
        for a, b, again in zip(runs, runs[1:], runs[2:], strict=False):
            gaps = [y[0].start - max(c.end for c in x) for x, y in ((a, b), (b, again))]
            is_back = a[0].level == again[0].level and again[0].urgency in ACUTE
            if is_back and max(gaps) <= 30 * DAY:
                found.add((again[0].id,))
    assert found == written.key("bouncing", "level_run_id")
    assert len(found) >= 2 * REPEATS


def not_followed_up(life: Life) -> Iterator[tuple[str]]:
    stays, inside = life.stays(), set(build_region().municipalities.code[:24])
    for i, stay in enumerate(stays):
        last = max(stay, key=lambda c: (c.end, c.start))
        end, window = last.end, last.end + 14 * DAY
        if any(c.dead for c in stay) or last.to != "1" or window > END:
            continue
        if life.home(_days(local(stay[0].start).date())) not in inside:
            continue
        seen = [
            c.start
            for c in life.contacts
            if c.start >= end
            and (c.level == "municipal" or c.kind in ("consultation", "home_visit"))
        ]
        back = [s[0].start for s in stays[i + 1 :] if s[0].urgency in ACUTE]
        first, returned = min(seen, default=NEVER), min(back, default=NEVER)
        if first <= window and first <= returned:
            continue
        died = life.died_day <= _days(local(end).date()) + 14
        if returned > window and not died:
            yield (stay[0].id,)


def test_no_follow_up_against_brute_force(written: Written, lives: list[Life]) -> None:
    found = {row for life in lives for row in not_followed_up(life)}
    assert found == written.key("no_follow_up_after_discharge", "stay_id")
    assert len(found) > 50


def test_emergency_returns_against_brute_force(written: Written, lives: list[Life]) -> None:
    found = set()
    for life in lives:
        acute = [stay[0].start for stay in life.stays() if stay[0].urgency in ACUTE]
        visits = [
            c.start
            for c in life.contacts
            if c.level == "emergency" and not any(0 <= a - c.start <= DAY for a in acute)
        ]
        for i in range(2, len(visits)):
            recent = visits[i] >= END - 365 * DAY
            if visits[i] - visits[i - 2] <= 30 * DAY and recent and life.died_day == NEVER:
                found.add((life.id,))
    assert found == written.key("emergency_returns", "patient_id")
    assert len(found) >= REPEATS


NEAR = {
    "readmissions": ("patient_id", "index_stay_id", "readmission_stay_id"),
    "revolving_door": ("patient_id",),
    "bouncing": ("level_run_id",),
    "no_follow_up_after_discharge": ("stay_id",),
    "emergency_returns": ("patient_id",),
}


@pytest.mark.parametrize("finding", NEAR)
def test_near_misses_are_there_five_times_and_not_planted(written: Written, finding: str) -> None:
    columns = NEAR[finding]
    near = written.key(f"near_misses/{finding}", *columns, "near_miss")
    words: dict[str, int] = defaultdict(int)
    for row in near:
        words[row[-1]] += 1
    assert words
    assert set(words.values()) == {REPEATS}
    assert not {row[:-1] for row in near} & written.key(finding, *columns)
    contacts = set(written.table("contacts")["contact_id"].to_pylist())
    patients = {f"p{i:08d}" for i in range(N_DRAWN)}
    assert {value for row in near for value in row[:-1]} <= contacts | patients


def test_somebody_is_seen_on_the_last_day(lives: list[Life]) -> None:
    last = max(c.start for life in lives for c in life.contacts)
    assert local(last).date().isoformat() == "2025-12-31"
    # Not by chance: it is the last of the lives that are written by hand.
    drawn = lives[N_DRAWN - 1]
    assert [local(c.start).date().isoformat() for c in drawn.contacts] == ["2025-12-31"]
