"""Referrals over time, funnel and capacity: the findings equal plain Python, on both engines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from pathgraph.analysis.cusum import cusum_limit
from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.findings.drawn import Row, ask, assert_same_rows, load_tables, rows_of, table
from tests.findings.referral_graphs import DAYS, ZONE, draw
from tests.findings.referral_oracle import Referrals

TABLES = draw(seed=29, n_patients=700)
TAIL = 0.00135
DAY = max(DAYS)


@cache
def counted(day: date) -> list[Row]:
    world = Referrals(TABLES, day, ZONE, period_days=1095)
    return [row for row in world.rows() if row["status"] == "counted"]


def period_of(at: str, step: str) -> str:
    year, month = at[:4], int(at[5:7])
    quarter = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(month, 4)
    return {"year": year, "quarter": f"{year}-Q{quarter}", "month": at[:7]}[step]


def periods(day: date, step: str) -> list[str]:
    """Every period with a day from the first one asked about to the last one that can count."""
    last = min(day, date(2024, 6, 30)) - timedelta(days=30)
    first = day - timedelta(days=1094)
    days = ((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))
    return sorted({period_of(text, step) for text in days})


def limits(n: int, share: float) -> tuple[int, int]:
    """The least and greatest numbers whose tails, with them, are likelier than the chart's."""
    chances = [math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    low = next(k for k in range(n + 1) if sum(chances[: k + 1]) > TAIL)
    high = next(k for k in range(n, -1, -1) if sum(chances[k:]) > TAIL)
    return low, high


def charted(rows: Sequence[Row], unit: str | None, names: Sequence[str], step: str) -> list[Row]:
    chart = []
    for name in names:
        own = [row for row in rows if period_of(row["eligible_at"], step) == name]
        chart.append({"by_value": unit, "period": name, "n_in_all": len(rows),
                      "n_eligible": len(own),
                      "n_referred": sum(bool(row["referral_id"]) for row in own)})  # fmt: skip
    first = [row for row in chart if row["n_eligible"]][:4]
    centre = sum(r["n_referred"] for r in first) / sum(r["n_eligible"] for r in first)
    for row, signal in zip(chart, signals(chart, centre), strict=True):
        n, k = row["n_eligible"], row["n_referred"]
        low, high = limits(n, centre)
        row |= {
            "share": k / n if n else None,
            "centre": centre if n else None,
            "limit_low": low / n if n else None,
            "limit_high": high / n if n else None,
            "position": ("below" if k < low else "above" if k > high else "inside") if n else None,
            "is_signal": signal,
            "reason": None if n else "nobody_eligible",
        }
    return chart


def signals(chart: Sequence[Row], centre: float) -> list[bool | None]:
    """The cumulative sum, row by row; its limit has tests of its own."""
    import pandas as pd

    months = pd.DataFrame(
        {
            "expected": [row["n_eligible"] * centre for row in chart],
            "eligible": [float(row["n_eligible"]) for row in chart],
        }
    )
    limit = cusum_limit(months, ratio=0.5, false_signals=0.05)
    if limit is None:
        return [None] * len(chart)
    total, found = 0.0, []
    for row in chart:
        total += row["n_referred"] * math.log(0.5)
        total -= row["n_eligible"] * math.log(1 - centre + 0.5 * centre)
        total = max(total, 0.0)
        found.append(total >= limit)
        total = 0.0 if found[-1] else total
    return found


def places(world: Referrals, by: str, unit: str | None, rows: Sequence[Row]) -> Row:
    """Where a unit is, and in how many departments its patients are."""
    if by not in ("clinic", "hospital"):
        return {"hospital": None, "hospital_name": None, "n_departments": None}
    hospital = world.hospital(unit) if unit and by == "clinic" else None
    departments = {world.department(row["unit"]) if row["unit"] else None for row in rows}
    return {
        "hospital": hospital,
        "hospital_name": world.name(hospital),
        "n_departments": len(departments),
    }


@pytest.mark.parametrize(
    ("by", "step"),
    [("all", "month"), ("clinic", "quarter"), ("hospital", "quarter"), ("municipality", "year")],
)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_referral_control(drawn_engine: Engine, day: date, by: str, step: str) -> None:
    world = Referrals(TABLES, day, ZONE, period_days=1095)
    rows, names = counted(day), periods(day, step)
    own_unit = {
        "all": lambda row: "all",
        "clinic": lambda row: row["clinic"],
        "hospital": lambda row: world.hospital(row["unit"]) if row["unit"] else None,
        "municipality": lambda row: row["municipality_code"],
    }[by]
    expected = []
    for unit in dict.fromkeys(map(own_unit, rows)):
        own = [row for row in rows if own_unit(row) == unit]
        above = places(world, by, unit, own)
        expected += [row | above for row in charted(own, unit, names, step)]
    result = ask(drawn_engine, "referral_control", as_of=day, by=by, step=step)
    found = [{k: v for k, v in row.items() if k != "name"} for row in rows_of(result)]
    assert_same_rows(found, expected, ("by_value", "period"))
    assert result.manifest["among"] == len(rows)


def slope(chart: Sequence[Row], step: str) -> float | None:
    """The factor a year at which the likelihood is greatest, by bisecting its derivative."""
    per_year = {"month": 12, "quarter": 4, "year": 1}[step]
    used = [(i / per_year, r["n_eligible"], r["n_referred"]) for i, r in enumerate(chart)
            if r["n_eligible"]]  # fmt: skip
    total = sum(k for _, _, k in used)
    when = [t for t, _, k in used if k]
    if not when or min(when) == used[-1][0] or max(when) == used[0][0]:
        return None
    low, high = -20.0, 20.0
    for _ in range(200):
        middle = (low + high) / 2
        weights = [n * math.exp(middle * t) for t, n, _ in used]
        mean = sum(w * t for w, (t, _, _) in zip(weights, used, strict=True)) / sum(weights)
        is_too_low = mean < sum(k * t for t, _, k in used) / total
        low, high = (middle, high) if is_too_low else (low, middle)
    return math.exp(low)


@pytest.mark.parametrize("by", ["all", "clinic"])
def test_referral_trend(drawn_engine: Engine, by: str) -> None:
    rows, names = counted(DAY), periods(DAY, "quarter")
    found = {row["by_value"]: row for row in rows_of(ask(
        drawn_engine, "referral_trend", as_of=DAY, by=by
    ))}  # fmt: skip
    units = {"all"} if by == "all" else {row["clinic"] for row in rows}
    assert set(found) == units
    for unit in units:
        own = [row for row in rows if by == "all" or row["clinic"] == unit]
        chart = charted(own, unit, names, "quarter")
        row = found[unit]
        assert (row["n_eligible"], row["n_referred"]) == (
            len(own), sum(r["referral_id"] is not None for r in own),
        )  # fmt: skip
        assert row["ratio_per_year"] == pytest.approx(slope(chart, "quarter"), rel=1e-6)
        assert row["ratio_low"] < row["ratio_per_year"] < row["ratio_high"]
        signalled = [r["period"] for r in chart if r["is_signal"]]
        assert (row["n_signals"], row["last_signal"]) == (
            len(signalled), signalled[-1] if signalled else None,
        )  # fmt: skip
        for position in ("below", "above"):
            assert row[f"n_{position}"] == sum(r["position"] == position for r in chart)


@pytest.mark.parametrize("by", ["clinic", "hospital", "municipality"])
def test_referral_funnel(drawn_engine: Engine, by: str) -> None:
    gaps = {row["by_value"]: row for row in rows_of(ask(
        drawn_engine, "referral_gaps", as_of=DAY, by=by
    ))}  # fmt: skip
    result = ask(drawn_engine, "referral_funnel", as_of=DAY, by=by)
    found = {row["by_value"]: row for row in rows_of(result)}
    assert set(found) == set(gaps)
    assert any("would hide the very units" in note for note in result.manifest["notes"])
    for unit, row in found.items():
        for name in ("hospital", "n_departments", "n_eligible", "n_referred", "expected",
                     "observed_to_expected", "position"):  # fmt: skip
            assert row[name] == gaps[unit][name]
        assert row["tau2"] == 0
        mean = row["expected"]
        # Whoever lies below the lower limit is so rare at one side: the exact test.
        for name, tail in (("95", 0.025), ("998", 0.001)):
            below = row["n_referred"] < row[f"low_{name}"] * mean
            assert below == (stats.poisson.cdf(row["n_referred"], mean) < tail)
            above = row["n_referred"] > row[f"high_{name}"] * mean
            assert above == (stats.poisson.sf(row["n_referred"] - 1, mean) < tail)


def test_referral_capacity(drawn_engine: Engine) -> None:
    world = Referrals(TABLES, DAY, ZONE, period_days=365)
    first = (DAY - timedelta(days=364)).isoformat()
    sent = [r for r in world.referrals if r["sent_local"][:10] >= first]
    gaps = [row["gap"] for row in rows_of(ask(
        drawn_engine, "referral_gaps", as_of=DAY, period_days=365
    ))]  # fmt: skip
    short = 5 * round(sum(g for g in gaps if g and g > 0) / 5)
    (row,) = rows_of(
        ask(drawn_engine, "referral_capacity", as_of=DAY, capacity_per_year=500, consultations=900)
    )
    assert row["from_on"] == first
    assert (row["n_referrals"], row["n_patients"], row["n_short"]) == (
        len(sent), len({r["patient_id"] for r in sent}), short,
    )  # fmt: skip
    assert short > 0
    assert row["utilisation"] == pytest.approx(len(sent) / 500)
    assert row["per_referral"] == pytest.approx(900 / len(sent))
    assert row["consultations_short"] == pytest.approx(short * 900 / len(sent))
    assert row["utilisation_closed"] == pytest.approx((len(sent) + short) / 500)


def test_capacity_needs_the_users_own_numbers(drawn_engine: Engine) -> None:
    from pathgraph.errors import ParameterError

    with pytest.raises(ParameterError):
        ask(drawn_engine, "referral_capacity", as_of=DAY)


def test_hidden_periods_cannot_be_worked_out_from_the_clinics_total(drawn_engine: Engine) -> None:
    result = run(drawn_engine, "referral_control", {"by": "clinic", "step": "month"}, as_of=DAY,
                 suppress_below=5)  # fmt: skip
    by_unit: dict[Any, list[Row]] = {}
    for row, is_hidden in zip(rows_of(result), result.hidden["n_eligible"], strict=True):
        by_unit.setdefault(row["by_value"], []).append(row | {"is_hidden": bool(is_hidden)})
    assert by_unit
    for rows in by_unit.values():
        hidden = [row for row in rows if row["is_hidden"]]
        assert len(hidden) != 1
        for row in hidden:
            assert {row[n] for n in ("n_referred", "share", "limit_low", "is_signal")} == {None}


# ---- the numbers of source 004, shared with the documented example ----

ANCHOR_UNITS = table(
    """
    unit_id  kind      level     parent_unit_id  name
    trust    trust     hospital  -               -
    med      clinic    hospital  trust           Medicine
    surg     clinic    hospital  trust           Surgery
    pact     team      hospital  trust           Team
    """
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with closing(open_engine(f"ladybug:{tmp_path / 'graph'}")) as opened:
        yield opened


@pytest.mark.parametrize(("n", "capacity", "utilisation"), [(871, 1500, 0.581), (870, 1700, 0.512)])
def test_the_reports_capacity_and_consultations(
    engine: Engine, tmp_path: Path, n: int, capacity: int, utilisation: float
) -> None:
    first = date(2022, 1, 1)
    tables: dict[str, list[Row]] = {
        "patients": [{"patient_id": f"p{i}", "birth_year": "1950"} for i in range(n)],
        "units": ANCHOR_UNITS,
        "contacts": [
            {"contact_id": "c", "patient_id": "p0", "unit_id": "med", "care_level": "overnight",
             "started_at": "2022-12-30T08:00:00", "ended_at": "2022-12-31T20:00:00"},
        ],
        "referrals": [
            {"referral_id": f"r{i}", "patient_id": f"p{i}", "to_unit_id": "pact",
             "from_unit_id": "med",
             "sent_at": (first + timedelta(days=i % 365)).isoformat() + "T12:00:00"}
            for i in range(n)
        ],
    }  # fmt: skip
    load_tables(engine, tmp_path / "tables", tables)
    (row,) = rows_of(
        ask(engine, "referral_capacity", as_of="2022-12-31", capacity_per_year=capacity,
            consultations=1920)
    )  # fmt: skip
    assert row["n_referrals"] == n
    assert round(row["utilisation"], 3) == utilisation
    assert round(row["per_referral"], 1) == 2.2
