"""The sentence that a page of compared groups opens with, and how probabilities read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pathgraph.api.cells import cell_words
from pathgraph.api.language import LANGUAGES, language_of
from pathgraph.api.views.answers import answer_sentence
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.result import Result

_TESTED = ("adjusted_p_value", "observed_to_expected")


def _sentence(
    finding_id: str, rows: list[dict[str, Any]], language: str = "en", hidden: tuple[int, ...] = ()
) -> str:
    finding = find_finding(finding_id)
    columns = {c.name: [row.get(c.name) for row in rows] for c in finding.returns}
    manifest = {"as_of": "2025-12-31", "suppress_below": 5, "among_title": "Patients"}
    mask = np.array([i in hidden for i in range(len(rows))])
    masks = {name: mask for name in (*_TESTED, "position", "status") if name in columns}
    result = Result(finding, pa.table(columns), manifest, masks if hidden else {})
    counted = {"n_rows": len(rows), "among": 1000}
    return str(answer_sentence(finding, language_of(language), counted, result).striptags())


def _tested(p: float | None, ratio: float | None) -> dict[str, Any]:
    return dict(zip(_TESTED, (p, ratio), strict=True))


def test_it_says_how_many_refer_fewer_how_many_more_and_how_many_are_not_shown() -> None:
    rows = [_tested(0.05, 0.4), _tested(0.01, 0.9), _tested(0.001, 1.8), _tested(0.051, 0.2),
            _tested(None, None)]  # fmt: skip
    assert _sentence("referral_gaps", rows, hidden=(4,)) == (
        "2 of 4 refer fewer than expected, 1 more, beyond what chance explains (adjusted p at most "
        "0.05), on 31 December 2025. The numbers of 1 more are not shown."
    )
    said = _sentence("referral_gaps_plan", rows)
    assert said.startswith("2 of 4 send fewer referrals")
    assert "not shown" not in said


def test_where_nothing_is_compared_it_says_how_many_rows_there_are() -> None:
    rows = [_tested(None, None)] * 3
    assert _sentence("referral_gaps", rows).startswith("3 rows on 31 December 2025")
    assert _sentence("referral_gaps", []).startswith("0 rows on 31 December 2025")


def test_other_comparisons_count_what_their_rows_say() -> None:
    places = ["below_998", "below_95", "inside", "above_95", None]
    said = _sentence("referral_funnel", [{"position": place} for place in places], hidden=(4,))
    assert said.startswith("2 of 4 lie below the limits of 95 %, 1 above them")
    codes = ["against", "with", "undecided", "no_area", "against"]
    said = _sentence("formal_division", [{"status": code} for code in codes])
    assert said.startswith("The patients of 2 of 4 municipalities go mostly to another area")
    holding = [{"is_articulation_point": one} for one in (True, False, False)]
    assert _sentence("node_measures", holding).startswith("Without 1 of 3 units")
    flows = [{"status": code} for code in ("above_expected", "below_expected", "below_expected")]
    # By default the list holds the unusual ones alone: they are no share of anything.
    assert _sentence("unusual_handovers", flows).startswith("1 flows are greater than expected, 2")
    members = [{"community": one} for one in ("1", "1", "2")]
    assert _sentence("communities", members).startswith("3 units or municipalities form 2 comm")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_stands_in_every_language(language: str) -> None:
    said = _sentence("referral_gaps", [_tested(0.01, 0.4), _tested(0.5, 1.0)], language)
    assert said.startswith("1 ")
    assert ("refer fewer" in said) == (language == "en")


def test_a_probability_never_reads_as_nothing() -> None:
    column = next(c for c in find_finding("referral_gaps").returns if c.name == "p_value")
    english, bokmaal = language_of("en"), language_of("nb")
    assert cell_words(english, 0.0, column) == "<0.001"
    assert cell_words(bokmaal, 0.00099, column) == "<0,001"
    assert cell_words(english, 0.001, column) == "0.001"
