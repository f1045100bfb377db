"""Random patients with referrals to the team: the findings equal the oracle, on both engines."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache
from math import comb
from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.attack import SENT, worked_out
from tests.findings.drawn import Row, ask, assert_same_rows, rows_of
from tests.findings.referral_graphs import DAYS, ZONE, draw
from tests.findings.referral_oracle import Referrals, gaps

TABLES = draw(seed=17, n_patients=900)
VARIANTS: dict[str, dict[str, Any]] = {
    "as they are": {},
    "three years": {"period_days": 1095},
    "another team, short times": {
        "teams": ["pact2"], "within_days": 200, "refer_within_days": 2, "refusal_days": 30,
        "episode_days": 60, "both_kinds": False,
    },
    "other bounds": {"older_age": 66, "older_stays": 1, "any_age_stays": 2},
}  # fmt: skip


@cache
def referrals(day: date, variant: str) -> Referrals:
    return Referrals(TABLES, day, ZONE, **VARIANTS[variant])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_eligible_patients(drawn_engine: Engine, day: date, variant: str) -> None:
    world = referrals(day, variant)
    result = ask(drawn_engine, "eligible_patients", as_of=day, **VARIANTS[variant])
    assert_same_rows(rows_of(result), world.rows(), result.finding.key)
    assert result.manifest["among"] == world.n_with_stay()


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_late_referrals(drawn_engine: Engine, day: date) -> None:
    world = Referrals(TABLES, day, ZONE, refer_within_days=365, period_days=400)
    result = ask(drawn_engine, "late_referrals", as_of=day, period_days=400)
    names = [column.name for column in result.finding.returns]
    referred = [
        row for row in world.rows()
        if row["referral_id"] and row["status"] in ("counted", "not_over")
    ]  # fmt: skip
    late = [{n: row[n] for n in names} for row in referred if row["days_to_referral"] > 30]
    assert_same_rows(rows_of(result), late, result.finding.key)
    assert result.manifest["among"] == len(referred)
    assert len(late) > 3


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_never_referred(drawn_engine: Engine, day: date) -> None:
    world = Referrals(TABLES, day, ZONE)
    result = ask(drawn_engine, "never_referred", as_of=day)
    assert_same_rows(rows_of(result), world.never_referred(), result.finding.key)
    assert result.manifest["among"] == len(world.in_hospital())


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_rejected_then_referred_again(drawn_engine: Engine, day: date) -> None:
    world = Referrals(TABLES, day, ZONE)
    result = ask(drawn_engine, "rejected_then_referred_again", as_of=day)
    assert_same_rows(rows_of(result), world.again(90), result.finding.key)
    first = (day - timedelta(days=364)).isoformat()
    rejected = [r for r in world.referrals if r["outcome"] == "rejected"]
    assert result.manifest["among"] == sum(r["sent_local"][:10] >= first for r in rejected)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_referrals_without_referrer(drawn_engine: Engine, day: date) -> None:
    world = Referrals(TABLES, day, ZONE)
    result = ask(drawn_engine, "referrals_without_referrer", as_of=day)
    assert_same_rows(rows_of(result), world.without_sender(), result.finding.key)


LEVELS = ("department", "clinic", "hospital")


def _places(world: Referrals, unit: str | None) -> Row:
    if unit is None:
        return dict.fromkeys(LEVELS)
    return {"department": world.department(unit), "hospital": world.hospital(unit)}


@pytest.mark.parametrize("by", ["clinic", "department", "hospital", "municipality"])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_referral_gaps(drawn_engine: Engine, day: date, by: str) -> None:
    world = referrals(day, "three years")
    rows = [{**row, **_places(world, row["unit"])} for row in world.rows()]
    result = ask(drawn_engine, "referral_gaps", as_of=day, by=by, basis="trust_mean")
    expected = gaps(rows, "municipality_code" if by == "municipality" else by)
    above = {"department": ("clinic", "hospital"), "clinic": ("hospital",)}.get(by, ())
    for row in expected:
        own = [r for r in rows if by in LEVELS and r[by] == row["by_value"]]
        counted = [r for r in own if r["status"] == "counted"]
        row["n_departments"] = len({r["department"] for r in counted}) or None
        for name in ("clinic", "hospital"):
            row[name] = own[0][name] if name in above else None
            row[f"{name}_name"] = world.name(row[name])
    names = set(expected[0])
    found = [{name: row[name] for name in names} for row in rows_of(result)]
    assert_same_rows(found, expected, ("by_value",))
    assert result.manifest["among"] == sum(row["n_eligible"] for row in expected)
    for row in rows_of(result):
        others = [r for r in expected if r["by_value"] != row["by_value"]]
        n_others = sum(r["n_eligible"] for r in others)
        referred = sum(r["n_referred"] for r in others)
        # Fisher's test, by counting all fourfold tables with the same sums.
        lower, upper = _tails(row["n_referred"], row["n_eligible"], referred, n_others)
        if row["p_value"] is not None:
            assert row["p_value"] == pytest.approx(min(1, 2 * min(lower, upper)))
        if row["expected"]:
            assert row["observed_to_expected"] == pytest.approx(row["n_referred"] / row["expected"])


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_departments_add_up_to_their_clinic(drawn_engine: Engine, day: date) -> None:
    numbers = ("n_eligible", "n_referred", "n_not_referred", "n_competing")
    by_clinic, by_department = (
        rows_of(ask(drawn_engine, "referral_gaps", as_of=day, by=by))
        for by in ("clinic", "department")
    )
    added: dict[str, Counter[str]] = {}
    for row in by_department:
        added.setdefault(row["clinic"], Counter()).update({n: row[n] for n in numbers})
    assert added == {row["by_value"]: Counter({n: row[n] for n in numbers}) for row in by_clinic}
    # A clinic with several, a ward that stands for itself, and a clinic with one.
    n_of = Counter(row["clinic"] for row in by_department)
    assert n_of["somatic"] > 2
    assert "rounds" in {row["by_value"] for row in by_department}
    assert 1 in n_of.values()


@pytest.mark.parametrize("basis", ["all", "one municipality"])
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_small_number_is_worked_out_from_the_tables_of_all_levels(
    drawn_engine: Engine, day: date, basis: str
) -> None:
    # A third of the patients, so that there are small numbers.
    asked = {"municipalities": ["5536"]} if basis != "all" else {}
    tables, above = [], {}
    for by in LEVELS:
        true, shown = (
            rows_of(run(drawn_engine, "referral_gaps", {**asked, "by": by}, as_of=day,
                        suppress_below=below))
            for below in (0, 5)
        )  # fmt: skip
        if by == "department":
            above = {row["by_value"]: row for row in true}
        of = {
            row["by_value"]: [d for d, r in above.items() if r.get(by, d) == row["by_value"]]
            for row in true
        }
        tables.append((true, shown, of))
        if by != "department":
            funnel = rows_of(run(drawn_engine, "referral_funnel", {**asked, "by": by}, as_of=day))
            for name in ("n_eligible", "n_referred"):
                assert [row[name] for row in funnel] == [row[name] for row in shown]
    assert any(row["n_eligible"] is None for _, shown, _ in tables for row in shown) or not asked
    assert worked_out(tables, ("n_eligible", "n_referred", *SENT), 5) == []


def _tails(hits: int, n: int, other_hits: int, n_others: int) -> tuple[float, float]:
    total = comb(n + n_others, hits + other_hits)
    ways = [
        comb(n, k) * comb(n_others, hits + other_hits - k) if k <= hits + other_hits else 0
        for k in range(n + 1)
    ]
    return sum(ways[: hits + 1]) / total, sum(ways[hits:]) / total


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_gaps_by_referrer_count_who_was_referred(drawn_engine: Engine, day: date) -> None:
    counted = [r for r in referrals(day, "three years").rows() if r["status"] == "counted"]
    result = ask(drawn_engine, "referral_gaps", as_of=day, by="referrer_type")
    found = {row["by_value"]: row["n_referred"] for row in rows_of(result)}
    assert found == dict(Counter(r["referred_by"] for r in counted if r["referred_by"]))
    assert {row["expected"] for row in rows_of(result)} == {None}
    assert {row["reason"] for row in rows_of(result)} == {"not_a_place"}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_reach(drawn_engine: Engine, day: date) -> None:
    counted = [r for r in referrals(day, "three years").rows() if r["status"] == "counted"]
    result = ask(drawn_engine, "reach", as_of=day, by="age_and_municipality")
    found = {
        (row["age_group"], row["municipality_code"]): (row["n_eligible"], row["n_referred"])
        for row in rows_of(result)
    }
    n: Counter[tuple[str | None, str | None]] = Counter()
    hits: Counter[tuple[str | None, str | None]] = Counter()
    for row in counted:
        place = _age_group(row["age"]), row["municipality_code"]
        n[place] += 1
        hits[place] += row["referral_id"] is not None
    assert found == {place: (n[place], hits[place]) for place in n}
    for row in rows_of(result):
        assert row["share_low"] <= row["share"] <= row["share_high"]


def _age_group(age: int | None) -> str | None:
    if age is None:
        return None
    bounds = ((17, "0-17"), (49, "18-49"), (66, "50-66"), (79, "67-79"), (200, "80+"))
    return next(name for oldest, name in bounds if age <= oldest)


def test_the_graphs_hold_every_sort_of_row() -> None:
    met: Counter[str] = Counter()
    for day in DAYS:
        rows = referrals(day, "as they are").rows()
        met += Counter(str(row["status"]) for row in rows)
        met += Counter(str(row["referred_by"]) for row in rows)
        met += Counter(str(row["competing"]) for row in rows)
        met += Counter(code for row in rows for code in row["criteria"])
        world = Referrals(TABLES, day, ZONE)
        met["never referred"] += len(world.never_referred())
        met["again"] += len(world.again(90))
        met["without sender"] += len(world.without_sender())
    senders = ("own_clinic", "asked_by_team", "other_clinic", "gp", "municipal_service", "patient",
               "relative", "other", "not_recorded")  # fmt: skip
    statuses = ("counted", "not_resident", "open_episode", "refused", "not_over")
    criteria = ("older_two_stays", "three_stays", "both_kinds_of_care", "score")
    more = ("died", "moved", "never referred", "again", "without sender")
    missing = {n for n in (*senders, *statuses, *criteria, *more) if met[n] < 3}
    assert missing == set(), met
