"""What became of ties: told from two answers, and nothing of what either hides."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.network_change import change_of, changed_ties, is_covered
from pathgraph.queries.network_pictures import Wish, picture_of
from pathgraph.queries.result import Result

NETWORK = find_finding("municipality_units")


def answer(ties: dict[str, int | None]) -> Result:
    """Return an answer with ties from ``m``; ``None`` is a number that is hidden."""
    rows = [
        {
            "from_id": "m", "from_name": "M", "from_kind": "municipality", "from_level": None,
            "to_id": unit, "to_name": unit.upper(), "to_kind": "ward", "to_level": "hospital",
            "n_patients": n, "n_contacts": n, "from_patients": 900, "to_patients": 900,
        }
        for unit, n in ties.items()
    ]  # fmt: skip
    types = {"n_patients": pa.int64(), "n_contacts": pa.int64(),
             "from_patients": pa.int64(), "to_patients": pa.int64()}  # fmt: skip
    schema = pa.schema([(c.name, types.get(c.name, pa.string())) for c in NETWORK.returns])
    mask = np.array([n is None for n in ties.values()])
    manifest = {
        "suppress_below": 5,
        "as_of": "2025-12-31",
        "n_suppressed": int(mask.sum()),
        "data": {"fingerprint": "sha256:1"},
    }
    return Result(NETWORK, pa.Table.from_pylist(rows, schema=schema), manifest,
                  {"n_patients": mask} if mask.any() else {})  # fmt: skip


def test_each_sort_of_change() -> None:
    before = {"gone": 20, "less": 30, "more": 30, "alike": 30, "same": 7, "hid": 9, "was": None}
    after = {"new": 6, "less": 25, "more": 35, "alike": 34, "same": 7, "hid": None, "was": 40,
             "few": None}  # fmt: skip
    found = change_of(answer(before), answer(after)).set_index("to_id")
    assert found["change"].to_dict() == {
        "gone": "gone", "new": "new", "less": "weaker", "more": "stronger", "alike": "alike",
        "same": "alike", "hid": "hidden", "was": "hidden", "few": "hidden",
    }  # fmt: skip
    assert found["difference"].dropna().to_dict() == {"gone": -20, "new": 6, "less": -5, "more": 5}
    # Of what is alike or hidden the number before is not told, nor a hidden one of now.
    assert set(found.index[found["n_before"].isna()]) == {"alike", "same", "hid", "was", "few"}
    assert set(found.index[found["n_patients"].isna()]) == {"hid", "few"}
    assert found.loc["gone", "n_patients"] == 0
    assert found.loc["gone", "to_name"] == "GONE"


def test_a_node_that_is_gone_is_drawn_with_what_changed() -> None:
    earlier = answer({"gone": 20, "less": 30, "alike": 30, "hid": 9})
    later = answer({"new": 6, "less": 25, "alike": 31, "hid": None})
    drawn = changed_ties(earlier, later, change_of(earlier, later))
    assert dict(
        zip(
            drawn.table.column("to_id").to_pylist(),
            drawn.table.column("n_patients").to_pylist(),
            strict=True,
        )
    ) == {"new": 6, "less": 25, "gone": 20}
    picture = picture_of(drawn, Wish())
    assert set(picture.nodes.index) == {"m", "new", "less", "gone"}
    assert set(picture.nodes.index) <= set(picture.positions)


def test_the_same_twice_is_no_change() -> None:
    found = change_of(answer({"a": 12, "b": None}), answer({"a": 12, "b": None}))
    assert list(found["change"]) == ["alike", "hidden"]


@pytest.mark.parametrize("ties", [({}, {}), ({}, {"a": 9}), ({"a": 9}, {})])
def test_without_ties_the_columns_keep_their_types(
    ties: tuple[dict[str, int | None], dict[str, int | None]],
) -> None:
    found = change_of(answer(ties[0]), answer(ties[1]))
    assert len(found) == len({*ties[0], *ties[1]})
    assert found["difference"].dtype == pd.Int64Dtype()


def test_a_period_before_what_is_covered_tells_nothing() -> None:
    assert not is_covered(None, date(2025, 1, 1), 10)
    assert is_covered(date(2025, 1, 1), date(2025, 1, 10), 10)
    assert not is_covered(date(2025, 1, 1), date(2025, 1, 10), 11)
