"""Charts against the rows that they draw."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pathgraph.api.language import language_of
from pathgraph.api.views.charts import MOST_BARS, charts_of
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.result import Result

ENGLISH = language_of("en")


def _result(
    finding_id: str,
    columns: Mapping[str, Sequence[Any]],
    hidden: Mapping[str, Sequence[bool]] | None = None,
) -> Result:
    finding = find_finding(finding_id)
    manifest = {
        "finding": finding.id,
        "version": finding.version,
        "as_of": "2025-12-31",
        "among": 100,
        "among_title": "Stays",
        "suppress_below": 5,
        "truncated": False,
        "data": {"fingerprint": "sha256:0123456789abcdef"},
        "notes": [],
    }
    n = len(next(iter(columns.values())))
    whole = {c.name: columns.get(c.name, [None] * n) for c in finding.returns}
    masks = {name: np.array(mask) for name, mask in (hidden or {}).items()}
    table = pa.table({name: pa.array(list(values)) for name, values in whole.items()})
    return Result(finding, table, manifest, masks)


def _late(shares: Sequence[float | None], names: Sequence[str]) -> Result:
    hidden = [share is None for share in shares]
    return _result(
        "late_notice_to_municipality",
        {
            "municipality_code": [str(i) for i in range(len(shares))],
            "municipality_name": list(names),
            "unit": ["u"] * len(shares),
            "unit_name": ["U"] * len(shares),
            "share_late": list(shares),
        },
        {"share_late": hidden},
    )


def _drawn(result: Result) -> list[dict[str, Any]]:
    return [chart.figure for chart in charts_of(result, ENGLISH)]


def test_bars_are_the_rows_largest_first_with_their_numbers() -> None:
    (figure,) = _drawn(_late([0.1, 0.5, 0.25], ["A", "B", "C"]))
    (bars,) = figure["data"]
    assert bars["x"] == [0.5, 0.25, 0.1]
    assert bars["text"] == ["50.0%", "25.0%", "10.0%"]
    assert figure["layout"]["yaxis"]["ticktext"] == ["B · U", "C · U", "A · U"]
    assert figure["layout"]["xaxis"]["range"][0] == 0


def test_what_is_drawn_has_names_and_no_ids() -> None:
    ties = {
        "from_id": ["u1", "u1"], "from_name": ["A", "A"], "to_id": ["u2", "u3"],
        "to_name": ["B", None], "link": ["roles", "roles"], "n_patients": [9, 7],
    }  # fmt: skip
    (figure,) = _drawn(_result("single_person_ties", ties))
    names = [label.split(" · ")[:2] for label in figure["layout"]["yaxis"]["ticktext"]]
    assert sorted(names) == [["A", "B"], ["A", "u3"]]
    nodes = {"node_id": ["u1", "u2"], "node_name": ["A", "B"], "adjusted_degree": [2.0, 1.0]}
    (figure,) = _drawn(_result("node_measures", nodes))
    assert sorted(figure["layout"]["yaxis"]["ticktext"]) == ["A", "B"]
    patients = {"patient_id": [f"p{i}" for i in range(12)], "clinic": ["c"] * 6 + ["d"] * 6}
    (chart,) = charts_of(
        _result("never_referred", patients), ENGLISH, {"clinic": {"c": "Clinic", "d": "Other"}}
    )
    assert sorted(chart.figure["layout"]["yaxis"]["ticktext"]) == ["Clinic", "Other"]


def test_what_is_not_to_be_shown_is_left_out_and_said_never_drawn_as_zero() -> None:
    (figure,) = _drawn(_late([0.1, None, 0.0], ["A", "B", "C"]))
    assert figure["data"][0]["x"] == [0.1, 0.0]
    assert figure["layout"]["yaxis"]["ticktext"] == ["A · U", "C · U"]
    assert "1 group is not drawn: <5 people." in figure["meta"]["subtitle"]


def test_at_most_so_many_bars_and_the_rest_is_said() -> None:
    n = MOST_BARS + 7
    shares = [(i + 1) / 100 for i in range(n)]
    (figure,) = _drawn(_late(shares, [f"M{i}" for i in range(n)]))
    assert figure["data"][0]["x"] == sorted(shares, reverse=True)[:MOST_BARS]
    assert f"The {MOST_BARS} largest of {n} are drawn" in figure["meta"]["subtitle"]


def test_two_rows_of_one_name_stay_two_bars() -> None:
    (figure,) = _drawn(_late([0.1, 0.2], ["A", "A"]))
    assert figure["data"][0]["y"] == [0, 1]
    assert len(figure["data"][0]["x"]) == 2


def test_names_are_shown_as_they_are_and_never_taken_for_markup() -> None:
    name = '<script>alert(1)</script><a href="javascript:x">&'
    (figure,) = _drawn(_late([0.1, 0.2], [name, "B"]))
    text = json.dumps(figure)
    assert "<script" not in text
    assert "<a " not in text
    assert "&lt;script&gt;" in text


def _rates(by_values: Sequence[str], **columns: Sequence[Any]) -> Result:
    return _result("readmission_rates", {"by_value": by_values, **columns})


def test_dots_have_their_intervals_and_ratios_a_line_at_one() -> None:
    share, ratio = _drawn(
        _rates(
            ["a", "b"], name=["A", "B"], share=[0.1, 0.2], share_low=[0.05, 0.1],
            share_high=[0.2, 0.4], observed_to_expected=[0.5, 2.0], ratio_low=[0.25, 1.0],
            ratio_high=[1.0, 4.0],
        )
    )  # fmt: skip
    dots = share["data"][0]
    assert dots["mode"] == "markers"
    assert dots["x"] == [0.2, 0.1]
    assert dots["error_x"]["array"] == pytest.approx([0.2, 0.1])
    assert dots["error_x"]["arrayminus"] == pytest.approx([0.1, 0.05])
    assert share["layout"]["xaxis"]["range"][0] == 0
    assert share["layout"]["xaxis"]["range"][1] >= 0.4
    assert "shapes" not in share["layout"]
    (line,) = ratio["layout"]["shapes"]
    assert (line["x0"], line["x1"]) == (1, 1)
    assert ratio["data"][0]["hovertext"][0] == "B: 2.00"


def test_months_are_a_line_in_their_order_with_a_band() -> None:
    share = _drawn(
        _rates(
            ["2025-03", "2025-01", "2025-02"], share=[0.3, 0.1, 0.2], share_low=[0.2, 0.0, 0.1],
            share_high=[0.4, 0.2, 0.3],
        )
    )[0]  # fmt: skip
    band, line = share["data"]
    assert line["x"] == ["2025-01", "2025-02", "2025-03"]
    assert line["y"] == [0.1, 0.2, 0.3]
    assert band["y"] == [0.2, 0.3, 0.4, 0.2, 0.1, 0.0]
    assert share["layout"]["yaxis"]["rangemode"] == "tozero"
    assert share["layout"]["xaxis"]["ticktext"][0] == "January 2025"


def test_one_row_is_no_chart() -> None:
    assert _drawn(_rates(["all"], share=[0.1], share_low=[0.0], share_high=[0.2])) == []


def test_reasons_are_counted_in_words_and_small_ones_have_their_mark() -> None:
    reasons = ["owner_left"] * 6 + ["never_owned"] * 5 + ["unit_closed"] * 3 + ["level_left"] * 2
    result = _result(
        "unowned_plans",
        {
            "plan_id": [f"plan{i}" for i in range(16)],
            "patient_id": [f"p{i}" for i in range(16)],
            "reason": reasons,
        },
    )
    (figure,) = _drawn(result)
    bars, marks = figure["data"]
    assert bars["x"] == [6, 5]
    assert bars["y"] == [0, 1]
    assert marks["y"] == [2, 3]
    assert marks["text"] == ["&lt;5", "&lt;5"]
    assert marks["mode"] == "text"
    assert figure["layout"]["yaxis"]["ticktext"][0] == "Owner's employment ended"


def test_lengths_stand_in_their_order_from_zero() -> None:
    gaps = [0.0] * 6 + [1.0] * 7 + [2.0] * 2 + [3.0] * 3 + [4.0] * 8
    n = len(gaps)
    result = _result(
        "readmissions",
        {"patient_id": [f"p{i}" for i in range(n)], "gap_days": gaps},
    )
    (figure,) = _drawn(result)
    bars, marks = figure["data"]
    assert (bars["x"], bars["y"]) == ([0, 1, 4], [6, 7, 8])
    assert marks["x"] == [2, 3]
    assert figure["layout"]["yaxis"]["range"][0] == 0
    assert figure["layout"]["xaxis"]["ticktext"] == ["0", "1", "2", "3", "4"]


def test_the_summary_names_the_ends() -> None:
    (chart,) = charts_of(_late([0.1, 0.5, 0.25], ["A", "B", "C"]), ENGLISH)
    assert chart.summary == "Highest: B · U (50.0%). Lowest: A · U (10.0%)."


def test_every_colour_is_one_of_the_design_system() -> None:
    def colours(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [v for k, v in value.items() if "color" in k and isinstance(v, str)]
            return own + [c for v in value.values() for c in colours(v)]
        return [c for v in value for c in colours(v)] if isinstance(value, list) else []

    for figure in _drawn(_rates(["a", "b"], share=[0.1, 0.2], share_low=[0, 0], share_high=[1, 1])):
        assert colours(figure)
        assert all(colour.startswith("--") for colour in colours(figure))
