"""Findings on plans, people and levels find in a generated region what was planted, and no more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.ingest.run import load
from pathgraph.queries.score import Score, score
from pathgraph.synth.drawn_lives import REPEATS
from pathgraph.synth.generate import write_region
from pathgraph.synth.teams import UNDER_REFERRING

# A seed each, so that chance meets other cases on the other engine.
SEEDS = {"ladybug": 5, "neo4j": 6}
N = 2500

FINDINGS = (
    "both_kinds_of_care",
    "child_to_adult",
    "competing_plans",
    "conflicting_coordinators",
    "contested_plans",
    "coordination_need",
    "eligible_patients",
    "ended_coordinator",
    "late_coordinator",
    "late_notice_to_municipality",
    "late_referrals",
    "missing_contact_physician",
    "missing_contact_points",
    "missing_coordinator",
    "missing_individual_plan",
    "never_referred",
    "ready_for_discharge_days",
    "referral_gaps",
    "referrals_without_referrer",
    "rejected_then_referred_again",
    "stale_plans",
    "unowned_plans",
)


@pytest.fixture(scope="module", params=["ladybug", "neo4j"])
def scored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Score]:
    folder = tmp_path_factory.mktemp("generated")
    write_region(folder / "region", patients=N, seed=SEEDS[request.param])
    if request.param == "ladybug":
        yield _load_and_score(open_engine(f"ladybug:{folder / 'graph'}"), folder / "region")
        return
    with request.getfixturevalue("neo4j_exclusively")() as url:
        yield _load_and_score(open_engine(url), folder / "region")


def _load_and_score(engine: Engine, folder: Path) -> Score:
    with contextlib.closing(engine):
        report = load("tables", folder, engine)
        assert not any(n["refused"] for n in report.tables.values())
        return score(engine, folder)


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_finding_finds_what_is_planted(scored: Score, finding: str) -> None:
    (one,) = [item for item in scored.findings if item.key.finding.id == finding]
    assert one.key.planted
    assert one.found - one.key.planted == set()
    assert one.key.planted - one.found == set()
    assert one.wrongly_found == ()


@pytest.mark.parametrize(
    ("finding", "n_words"),
    [
        ("eligible_patients", 8),
        ("late_referrals", 1),
        ("never_referred", 4),
        ("referrals_without_referrer", 2),
        ("rejected_then_referred_again", 2),
    ],
)
def test_near_misses_of_referrals_are_there_five_times(
    scored: Score, finding: str, n_words: int
) -> None:
    (one,) = [item for item in scored.findings if item.key.finding.id == finding]
    near = one.near_misses()
    assert [row["n"] for row in near] == [REPEATS] * n_words
    assert sum(row["n_found"] for row in near) == 0


def test_the_planted_under_referral_is_scored_and_not_required(scored: Score) -> None:
    (effect,) = [one for one in scored.effects if one.key.finding.id == "referral_gaps"]
    planted = {row["row"] for row in effect.table if row["planted_ratio"] is not None}
    assert planted == set(UNDER_REFERRING)
    # So few people cannot show it.
    assert effect.recall is None
    assert scored.is_perfect
