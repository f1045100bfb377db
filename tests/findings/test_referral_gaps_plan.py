"""Referrals against the plan: what counts, what is expected, and plans that are refused whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import TableNotLoadedError, UsageError
from tests.findings.drawn import Row, ask, load_tables, rows_of, table

UNITS = table(
    """
    unit_id  kind         level       parent_unit_id  name
    trust    trust        hospital    -               -
    med      clinic       hospital    trust           Medicine
    ward     ward         hospital    med             Ward
    surg     clinic       hospital    trust           Surgery
    mental   clinic       psychiatry  trust           -
    pact     team         hospital    trust           Team
    doc      gp_practice  gp          -               -
    """
)
EXPECTATIONS = table(
    """
    unit_id  measure             period   expected  basis
    med      referrals_to_teams  2023     0.5       share
    surg     referrals_to_teams  2023     0.3       share
    mental   referrals_to_teams  2023     0.2       share
    med      referrals_to_teams  2024     24        absolute
    surg     referrals_to_teams  2024     0         absolute
    med      something_else      2023     7         absolute
    """
)


def referral(number: int, sender: str | None, sent: str, **more: Any) -> Row:
    return {
        "referral_id": f"r{number:03d}", "patient_id": f"p{number % 40:02d}", "to_unit_id": "pact",
        "from_unit_id": sender, "referrer_type": "hospital" if sender else None, "sent_at": sent,
        **more,
    }  # fmt: skip


def _referrals() -> list[Row]:
    sent = [("ward", 12), ("med", 6), ("surg", 15), ("mental", 0), ("doc", 9), (None, 4)]
    rows = []
    for sender, n in sent:
        for _ in range(n):
            day = 1 + len(rows) % 28
            rows.append(referral(len(rows), sender, f"2023-{1 + len(rows) % 12:02d}-{day:02d}"))
    # The first and last moment of the year count, those beside it do not.
    rows.append(referral(len(rows), "surg", "2023-12-31T23:59:59"))
    rows.append(referral(len(rows), "surg", "2023-01-01T00:00:00"))
    rows.append(referral(len(rows), "med", "2022-12-31T23:59:59"))
    rows.append(referral(len(rows), "med", "2024-01-01T00:00:00"))
    rows.append(referral(len(rows), "surg", "2023-06-01", initiator="team"))
    rows.append(referral(len(rows), "surg", "2023-06-02", to_unit_id="med"))
    return rows


REFERRALS = _referrals()
TABLES: dict[str, list[Row]] = {
    "patients": [{"patient_id": f"p{n:02d}", "birth_year": "1950"} for n in range(40)],
    "units": UNITS,
    "contacts": [
        {"contact_id": "c", "patient_id": "p00", "unit_id": "ward", "care_level": "overnight",
         "started_at": "2024-06-30T08:00:00", "ended_at": "2024-06-30T20:00:00"},
    ],
    "referrals": REFERRALS,
    "expectations": EXPECTATIONS,
    "coverage": [
        {"source": "all", "level": level, "covered_from": "2020-01-01", "covered_to": "2024-07-01"}
        for level in ("hospital", "psychiatry", "gp")
    ],
}  # fmt: skip


def by_unit(engine: Engine, **parameters: Any) -> dict[str, Row]:
    return {row["unit"]: row for row in rows_of(ask(engine, "referral_gaps_plan", **parameters))}


def test_shares_are_of_the_referrals_from_the_plans_units(drawn_engine: Engine) -> None:
    found = by_unit(drawn_engine)
    assert {unit: row["n_referrals"] for unit, row in found.items()} == {
        "med": 18, "surg": 17, "mental": 0,
    }  # fmt: skip
    assert {row["period"] for row in found.values()} == {"2023"}
    assert [found[u]["expected"] for u in ("med", "surg", "mental")] == pytest.approx(
        [17.5, 10.5, 7.0]
    )
    assert found["surg"]["n_asked_by_team"] == 1
    assert found["surg"]["observed_to_expected"] == pytest.approx(17 / 10.5)
    assert found["mental"]["observed_to_expected"] == 0
    lower = stats.binom.cdf(0, 35, 0.2)
    assert found["mental"]["p_value"] == pytest.approx(2 * lower)
    # Four referrals have no sender: all of the unit's, or none of them.
    assert found["mental"]["gap"] == pytest.approx(7)
    assert found["mental"]["gap_low"] == pytest.approx(0.2 * 39 - 4)
    assert found["mental"]["gap_high"] == pytest.approx(0.2 * 39)


def test_what_the_team_asked_for_counts_where_that_is_asked(drawn_engine: Engine) -> None:
    found = by_unit(drawn_engine, counts_asked=True)
    assert found["surg"]["n_referrals"] == 18
    assert found["surg"]["n_asked_by_team"] == 0


def test_the_denominator_is_all_that_the_team_got(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "referral_gaps_plan")
    assert result.manifest["among"] == 12 + 6 + 15 + 9 + 4 + 3
    assert "4 referrals in the period have no recorded sender." in result.manifest["notes"]


def test_absolute_numbers_are_taken_for_the_part_that_is_over(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "referral_gaps_plan", period="2024")
    found = {row["unit"]: row for row in rows_of(result)}
    # 182 of the 366 days of 2024 are over on 30 June.
    assert found["med"]["expected"] == pytest.approx(24 * 182 / 366)
    assert found["med"]["n_referrals"] == 1
    assert found["surg"]["reason"] == "nothing_expected"
    assert found["surg"]["observed_to_expected"] is None
    assert any("182 of its 366 days" in note for note in result.manifest["notes"])


def test_a_period_without_numbers_says_which_have_some(drawn_engine: Engine) -> None:
    with pytest.raises(UsageError, match="There are numbers for: 2023, 2024"):
        ask(drawn_engine, "referral_gaps_plan", period="2019")
    with pytest.raises(UsageError, match="No period of the plan is over"):
        ask(drawn_engine, "referral_gaps_plan", as_of="2023-06-30")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with closing(open_engine(f"ladybug:{tmp_path / 'graph'}")) as opened:
        yield opened


def test_a_plan_is_refused_as_a_whole_with_all_that_is_wrong(
    engine: Engine, tmp_path: Path
) -> None:
    wrong = table(
        """
        unit_id  measure             period  expected  basis
        med      referrals_to_teams  2023    -2        absolute
        ward     referrals_to_teams  2023    1.5       share
        surg     referrals_to_teams  spring  3         absolute
        """
    )
    load_tables(engine, tmp_path / "tables", {**TABLES, "expectations": wrong})
    with pytest.raises(UsageError) as refused:
        ask(engine, "referral_gaps_plan")
    assert str(refused.value).splitlines() == [
        "The table expectations names periods that are none: spring. Write a year, a quarter or a "
        "month: 2025, 2025-Q1 or 2025-01.",
        "The plan expects less than nothing of: med.",
        "The plan has a share above 1 for: ward.",
        "The plan covers these units and units above them, so that their referrals would count "
        "twice: ward.",
        "The plan has shares for some units and absolute numbers for others in 2023. Give one of "
        "the two for all. Shares: ward.",
    ]


def test_what_is_wrong_with_the_other_periods_is_said_with_it(
    engine: Engine, tmp_path: Path
) -> None:
    wrong = [
        *EXPECTATIONS,
        *table(
            """
            unit_id  measure             period  expected  basis
            med      referrals_to_teams  2022    -2        absolute
            med      referrals_to_teams  2021    0.5       share
            """
        ),
    ]
    load_tables(engine, tmp_path / "tables", {**TABLES, "expectations": wrong})
    others = [
        "The shares that the plan has for 2021 do not sum to 1.",
        "The plan expects less than nothing of: med (2022).",
    ]
    with pytest.raises(UsageError) as refused:
        ask(engine, "referral_gaps_plan", period="2023")
    assert str(refused.value).splitlines() == others
    with pytest.raises(UsageError) as refused:
        ask(engine, "referral_gaps_plan", period="2019")
    said = str(refused.value).splitlines()
    assert said[0].startswith("The plan has no numbers for the period 2019.")
    assert said[1:] == others


def test_a_unit_that_the_period_misses_is_named(drawn_engine: Engine) -> None:
    missed = "they are not in the table: mental."
    notes = ask(drawn_engine, "referral_gaps_plan", period="2024").manifest["notes"]
    assert [note.endswith(missed) for note in notes if "no number in 2024" in note] == [True]
    notes = ask(drawn_engine, "referral_gaps_plan", period="2023").manifest["notes"]
    assert not any("no number in" in note for note in notes)


def test_shares_that_do_not_sum_to_one_are_refused(engine: Engine, tmp_path: Path) -> None:
    wrong = [row for row in EXPECTATIONS if row["unit_id"] != "mental"]
    load_tables(engine, tmp_path / "tables", {**TABLES, "expectations": wrong})
    with pytest.raises(UsageError, match="do not sum to 1"):
        ask(engine, "referral_gaps_plan", period="2023")


def test_one_unit_alone_is_not_compared(engine: Engine, tmp_path: Path) -> None:
    alone = table(
        """
        unit_id  measure             period  expected  basis
        med      referrals_to_teams  2023    1         share
        """
    )
    load_tables(engine, tmp_path / "tables", {**TABLES, "expectations": alone})
    (row,) = rows_of(ask(engine, "referral_gaps_plan"))
    assert (row["n_referrals"], row["reason"], row["p_value"]) == (18, "one_unit", None)


def test_without_a_plan_the_finding_says_what_it_needs(engine: Engine, tmp_path: Path) -> None:
    tables = {name: rows for name, rows in TABLES.items() if name != "expectations"}
    load_tables(engine, tmp_path / "tables", tables)
    with pytest.raises(TableNotLoadedError):
        ask(engine, "referral_gaps_plan")
