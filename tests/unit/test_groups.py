"""How rows of a patient-level answer divide, against counting them one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.groups import Group, by_length, by_month, by_value
from pathgraph.queries.result import Result

_MANIFEST = {"suppress_below": 5, "truncated": False}


def _result(finding_id: str, threshold: int = 5, **columns: Sequence[Any]) -> Result:
    table = pa.table({name: pa.array(list(values)) for name, values in columns.items()})
    return Result(find_finding(finding_id), table, {**_MANIFEST, "suppress_below": threshold})


def _shown(groups: Sequence[Group]) -> dict[Any, tuple[int | None, int | None]]:
    return {group.value: (group.n_patients, group.n_rows) for group in groups}


def test_patients_are_counted_once_in_a_group_and_rows_each_time() -> None:
    result = _result(
        "unowned_plans",
        0,
        patient_id=["a", "a", "b", "c"],
        reason=["owner_left", "owner_left", "never_owned", "owner_left"],
    )
    assert _shown(by_value(result, "reason")) == {"owner_left": (2, 3), "never_owned": (1, 1)}


def test_the_largest_group_comes_first_and_what_is_not_recorded_last_of_equals() -> None:
    result = _result(
        "unowned_plans", 0, patient_id=list("abcde"), reason=["x", None, "y", "y", "z"]
    )
    assert [group.value for group in by_value(result, "reason")] == ["y", "x", "z", None]


def test_a_row_with_a_list_counts_for_each_entry_once() -> None:
    result = _result(
        "before_the_return",
        0,
        patient_id=["a", "b", "b"],
        missing=[["plan", "coordinator", "plan"], ["plan"], []],
    )
    groups = _shown(by_value(result, "missing"))
    assert groups == {"plan": (2, 2), "coordinator": (1, 1), None: (1, 1)}


def test_months_without_a_row_are_there_with_nobody() -> None:
    result = _result(
        "no_follow_up_after_discharge",
        0,
        patient_id=["a", "b", "c"],
        ended_at=["2025-11-30T23:59:59", "2026-02-01T00:00:00", None],
    )
    assert _shown(by_month(result, "ended_at")) == {
        "2025-11": (1, 1),
        "2025-12": (0, 0),
        "2026-01": (0, 0),
        "2026-02": (1, 1),
    }


def test_the_last_months_are_kept() -> None:
    result = _result(
        "no_follow_up_after_discharge",
        0,
        patient_id=["a", "b"],
        ended_at=["2020-01-15T00:00:00", "2025-12-01T00:00:00"],
    )
    groups = by_month(result, "ended_at", most=3)
    assert [(g.value, g.n_rows) for g in groups] == [
        ("2025-10", 0), ("2025-11", 0), ("2025-12", 1),
    ]  # fmt: skip


def test_one_extreme_length_does_not_push_the_others_together() -> None:
    days = [*range(20)] * 5 + [20_000]
    result = _result("coordinator_waits", 0, patient_id=[str(i) for i in range(101)], days=days)
    groups = by_length(result, "days")
    assert len(groups) == 20
    assert groups[0].upper == 1
    assert groups[-1].upper is None
    assert (groups[-1].value, groups[-1].n_rows) == (19, 6)


def test_lengths_are_whole_only_where_all_are() -> None:
    whole = _result("coordinator_waits", 0, patient_id=["a", "b"], days=[1.0, 3.0])
    parts = _result("coordinator_waits", 0, patient_id=["a", "b"], days=[1.0, 3.5])
    assert by_length(whole, "days")[0].is_whole
    assert not by_length(parts, "days")[0].is_whole


@pytest.mark.parametrize("divide", [by_value, by_month, by_length])
def test_nothing_gives_no_group_or_none_with_rows(divide: Any) -> None:
    result = Result(
        find_finding("coordinator_waits"),
        pa.table({"patient_id": pa.array([], pa.string()), "days": pa.array([], pa.float64())}),
        _MANIFEST,
    )
    assert divide(result, "days") == ()


@given(
    st.lists(
        st.tuples(st.integers(0, 30).map(str), st.sampled_from(["x", "y", "z", None])), max_size=60
    )
)
@settings(max_examples=200, deadline=None)
def test_counts_are_right_or_hidden_and_never_small(rows: list[tuple[str, str | None]]) -> None:
    patients, reasons = [r[0] for r in rows], [r[1] for r in rows]
    table = pa.table(
        {"patient_id": pa.array(patients, pa.string()), "reason": pa.array(reasons, pa.string())}
    )
    result = Result(find_finding("unowned_plans"), table, _MANIFEST)
    met: dict[str | None, set[str]] = defaultdict(set)
    for patient, reason in rows:
        met[reason].add(patient)
    groups = by_value(result, "reason")
    assert {group.value for group in groups} == set(met)
    for group in groups:
        if group.is_hidden:
            assert group.n_patients is None
            assert group.n_rows is None
        else:
            assert group.n_patients == len(met[group.value])
            assert group.n_patients >= 5
            assert group.n_rows == reasons.count(group.value)


@given(st.lists(st.floats(0, 5_000).map(lambda x: round(x, 1)), min_size=1, max_size=80))
@settings(max_examples=200, deadline=None)
def test_each_length_is_in_the_one_step_that_holds_it(days: list[float]) -> None:
    result = _result(
        "coordinator_waits", 0, patient_id=[str(i) for i in range(len(days))], days=days
    )
    groups = by_length(result, "days")
    assert len(groups) <= 21
    for group in groups:
        upper = float("inf") if group.upper is None else group.upper
        assert group.n_rows == sum(group.value <= d < upper for d in days)
    assert sum(group.n_rows or 0 for group in groups) == len(days)
