"""The counting of hits and false alarms over many regions, and one small run of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import referral_seeds
from benchmarks.referral_seeds_table import (
    as_markdown,
    discoveries,
    hits_by_power,
    level_of_shuffles,
)
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load
from pathgraph.queries.run import run
from pathgraph.synth.generate import write_region

_COLUMNS = (
    "seed", "shuffle", "clinic", "is_planted", "adjusted_p_value", "observed_to_expected",
    "expected", "power",
)  # fmt: skip


def _rows(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_COLUMNS)).assign(basis="trust_mean")


ROWS = _rows(
    (1, 0, "low", True, 0.01, 0.3, 20.0, 0.95),
    (1, 0, "other", False, 0.04, 0.5, 20.0, 0.8),
    (1, 0, "high", False, 0.001, 1.9, 20.0, 0.8),
    (2, 0, "low", True, 0.05, 0.4, 10.0, 0.91),
    (2, 0, "other", False, None, None, 0.0, None),
    (3, 0, "low", True, 0.049, 0.4, 10.0, 0.9),
    (1, 1, "low", False, 0.01, None, None, None),
    (1, 1, "other", False, 0.5, None, None, None),
    (1, 2, "low", False, 0.2, None, None, None),
    (2, 1, "low", False, 0.05, None, None, None),
)


def test_hits_are_counted_where_the_power_is_above_nine_tenths() -> None:
    found = hits_by_power(ROWS).set_index("clinic")
    assert found.loc["low", ["seeds", "alarms", "with_power", "hits_with_power"]].tolist() == [
        3, 2, 2, 1,
    ]  # fmt: skip
    assert found.loc["high", ["alarms", "found_above"]].tolist() == [0, 1]


def test_an_alarm_that_was_not_planted_is_false() -> None:
    (found,) = discoveries(ROWS).to_dict("records")
    assert (found["alarms"], found["false"]) == (3, 1)
    assert found["share"] == pytest.approx(1 / 3)
    # Of seed 1 one alarm of two is false; seeds 2 and 3 have none.
    assert found["mean_share"] == pytest.approx(0.5 / 3)
    assert found["low"] < 1 / 3 < found["high"]


def test_the_level_is_the_share_of_shuffles_with_any_finding() -> None:
    (found,) = level_of_shuffles(ROWS).to_dict("records")
    assert (found["shuffles"], found["share"]) == (3, pytest.approx(1 / 3))


def test_a_small_run_gives_a_row_a_clinic_basis_and_shuffle() -> None:
    rows = referral_seeds.ask_seed(seed=1, patients=3000, years=3, shuffles=2)
    asked = rows[rows["shuffle"] == 0]
    assert set(asked["basis"]) == set(referral_seeds.BASES)
    assert set(asked.loc[asked["is_planted"], "clinic"]) == {"hlk", "nor"}
    dealt = rows[rows["shuffle"] > 0]
    assert dealt.groupby(["basis", "shuffle"]).ngroups == 4
    # What is dealt out anew is not what was.
    assert dealt["p_value"].nunique() > 2
    assert "hlk" in as_markdown(rows)


def test_the_tables_that_are_kept_give_the_same_answer(tmp_path: Path) -> None:
    region, kept = tmp_path / "region", tmp_path / "kept"
    write_region(region, patients=2000, seed=3)
    referral_seeds._keep_what_is_read(region, kept)
    answers = []
    for tables in (region, kept):
        with closing(open_engine(f"ladybug:{tmp_path / f'{tables.name}-graph'}")) as engine:
            load("tables", tables, engine)
            asked = {"basis": "standardised", "period_days": 1095}
            found = run(engine, "referral_gaps", asked, suppress_below=0, as_of="2025-12-31")
            answers.append(found.table.to_pylist())
    assert answers[0] == answers[1]
    assert len(answers[0]) > 3
