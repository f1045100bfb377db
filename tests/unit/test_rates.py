"""Intervals and standardisation of readmission rates, against published and worked-out numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.rates import index_reasons, readmission_rates


def stays(
    readmitted: list[list[int]], *, age: int | None = 70, sex: str | None = "female"
) -> pd.DataFrame:
    """One inner list a patient, one number a stay."""
    rows = [
        {
            "patient_id": f"p{p}",
            "is_readmitted": bool(y),
            "n_readmissions": y,
            "age": age,
            "sex": sex,
        }
        for p, own in enumerate(readmitted)
        for y in own
    ]
    frame = pd.DataFrame(
        rows, columns=["patient_id", "is_readmitted", "n_readmissions", "age", "sex"]
    )
    return frame.astype({"age": "Int64", "sex": "str"})


def rate(readmitted: list[list[int]]) -> pd.Series:
    return readmission_rates(stays(readmitted), by=None, age_band=5).iloc[0]


def test_with_one_stay_each_it_is_wilsons_interval() -> None:
    # 20 of 200, the variance of 199 and the quantile of t with 199 degrees of freedom, 1.97196.
    p, n, z = 0.1, 199, 1.97196
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    row = rate([[1]] * 20 + [[0]] * 180)
    limits = ((middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n))
    assert (row["share_low"], row["share_high"]) == pytest.approx(limits, rel=1e-5)
    # Wilson's own, for 200 and 1.96.
    assert limits == pytest.approx((0.0657, 0.1494), abs=1e-3)


def test_stays_that_say_the_same_count_once() -> None:
    once = rate([[1]] * 20 + [[0]] * 80)
    five_times = rate([[1] * 5] * 20 + [[0] * 5] * 80)
    assert five_times["n_index"] == 500
    for name in ("share", "share_low", "share_high"):
        assert five_times[name] == pytest.approx(once[name])
    # And the other interval: 100 events are worth 25. That is more than the 20 patients, since
    # the variance of a share of 0.2 is 0.8 of Poisson's; the exact lower limit of 25 is 16.18.
    assert five_times["ratio_low"] == pytest.approx(16.18 / 25, rel=0.01)
    assert once["ratio_low"] == pytest.approx(12.22 / 20, rel=0.001)


def test_stays_that_offset_each_other_are_not_more_than_independent() -> None:
    offset = rate([[1, 0]] * 50)
    independent = rate([[1]] * 50 + [[0]] * 50)
    assert offset["share_high"] - offset["share_low"] == pytest.approx(
        independent["share_high"] - independent["share_low"], rel=0.03
    )


@pytest.mark.parametrize(
    ("observed", "low", "high"),
    [(3, 0.619, 8.767), (10, 4.795, 18.390)],
)
def test_the_ratio_has_the_exact_poisson_interval(observed: int, low: float, high: float) -> None:
    # One stay a patient and rare events: no clustering. Times the expected number, which is
    # the observed one, the limits are those of the tables.
    row = rate([[1]] * observed + [[0]] * 100_000)
    assert row["n_expected"] == pytest.approx(observed)
    assert row["ratio_low"] * observed == pytest.approx(low, abs=2e-3)
    assert row["ratio_high"] * observed == pytest.approx(high, abs=2e-3)


def test_no_events_have_an_upper_limit() -> None:
    frame = pd.concat([stays([[1]] * 10 + [[0]] * 90), stays([[0]] * 50)], ignore_index=True)
    frame["patient_id"] = [f"p{n}" for n in range(len(frame))]
    frame["unit"] = ["a"] * 100 + ["b"] * 50
    rows = readmission_rates(frame, by="unit", age_band=5).set_index("by_value")
    assert (rows.loc["b", "share_low"], rows.loc["b", "ratio_low"]) == (0, 0)
    expected = 50 * 10 / 150
    assert rows.loc["b", "n_expected"] == pytest.approx(expected)
    assert rows.loc["b", "ratio_high"] * expected == pytest.approx(3.689, abs=1e-3)


@pytest.mark.parametrize("readmitted", [[], [[1, 0, 1]]])
def test_without_or_with_one_patient_there_is_no_interval(readmitted: list[list[int]]) -> None:
    row = rate(readmitted)
    assert row["n_patients"] == len(readmitted)
    assert np.isnan([row["share_low"], row["share_high"], row["ratio_low"]]).all()
    assert np.isnan(row["share"]) == (not readmitted)


def test_all_readmitted() -> None:
    row = rate([[1]] * 10)
    assert (row["share"], row["share_high"]) == (1, 1)
    assert 0.5 < row["share_low"] < 1


def test_groups_are_adjusted_to_all_together() -> None:
    young, old = stays([[0]] * 90 + [[1]] * 10, age=42), stays([[0]] * 60 + [[1]] * 40, age=88)
    frame = pd.concat([young, old], ignore_index=True)
    frame["patient_id"] = [f"p{n}" for n in range(200)]
    # Unit a has the old, b the young: within each age both are as good as all.
    frame["unit"] = ["b"] * 100 + ["a"] * 100
    rows = readmission_rates(frame, by="unit", age_band=10).set_index("by_value")
    assert rows["share"].to_dict() == {"b": 0.1, "a": 0.4}
    assert rows["observed_to_expected"].to_list() == pytest.approx([1, 1])
    assert rows["adjusted_share"].to_list() == pytest.approx([0.25, 0.25])


def test_unknown_age_and_sex_are_bands_of_their_own() -> None:
    known, unknown = stays([[0]] * 10), stays([[1]] * 10, age=None, sex=None)
    frame = pd.concat([known, unknown], ignore_index=True)
    frame["patient_id"] = [f"p{n}" for n in range(20)]
    frame["unit"] = ["a"] * 10 + ["b"] * 10
    rows = readmission_rates(frame, by="unit", age_band=5)
    assert rows["n_expected"].to_list() == [0, 10]
    assert np.isnan(rows["observed_to_expected"].iloc[0])


def test_a_group_without_a_name_is_kept() -> None:
    frame = stays([[1], [0], [0]]).assign(unit=pd.Series(["a", None, None], dtype="str"))
    rows = readmission_rates(frame, by="unit", age_band=5)
    assert rows["n_index"].to_list() == [1, 2]
    assert rows["by_value"].isna().to_list() == [False, True]


def test_the_interval_covers_what_it_says() -> None:
    """Patients differ; the interval for independent stays would cover far less than 95 %."""
    random = np.random.default_rng(20260131)
    truth, n_patients, rounds = 0.2, 60, 250
    covered = naive = 0
    for _ in range(rounds):
        risk = random.beta(0.4, 1.6, n_patients)
        n = random.integers(1, 15, n_patients)
        row = rate([list(random.binomial(1, r, k)) for r, k in zip(risk, n, strict=True)])
        covered += row["share_low"] <= truth <= row["share_high"]
        half = 1.96 * np.sqrt(row["share"] * (1 - row["share"]) / row["n_index"])
        naive += abs(row["share"] - truth) <= half
    assert 0.92 <= covered / rounds <= 0.98
    assert naive / rounds < 0.85


def reasons(**columns: object) -> str:
    usual = {
        "ended_s": 0, "ended_day": 0, "ended_dead": False, "age": 70, "is_rehabilitation": False,
        "has_diagnosis_group": True, "died_day": None, "n_readmissions": 0,
    }  # fmt: skip
    types = {"ended_s": "Int64", "ended_day": "Int64", "age": "Int64", "died_day": "Int64"}
    frame = pd.DataFrame([{**usual, **columns}]).astype(types)
    return str(
        index_reasons(
            frame, min_age=67, exclude_rehabilitation=True, require_diagnosis_group=True,
            max_gap_d=30, is_calendar=False, death_window_d=30, horizon_s=30 * 86_400,
            horizon_day=29,
        ).iloc[0]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({}, "counted"),
        ({"ended_s": None, "ended_day": None}, "open"),
        ({"ended_s": 1}, "not_covered"),
        ({"ended_dead": True}, "ended_dead"),
        ({"age": 66}, "excluded_age"),
        ({"age": None}, "excluded_age"),
        ({"age": 67}, "counted"),
        ({"is_rehabilitation": True}, "excluded_rehabilitation"),
        ({"has_diagnosis_group": False}, "excluded_diagnosis_group"),
        ({"died_day": 30}, "died"),
        ({"died_day": 31}, "counted"),
        ({"died_day": 30, "n_readmissions": 1}, "counted"),
        # The first that applies.
        ({"ended_dead": True, "age": 10, "ended_s": 1}, "ended_dead"),
        ({"age": 10, "is_rehabilitation": True, "ended_s": 1}, "excluded_age"),
        ({"ended_s": 1, "died_day": 3}, "not_covered"),
    ],
)
def test_reasons(columns: dict[str, object], reason: str) -> None:
    assert reasons(**columns) == reason
