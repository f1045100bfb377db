"""Settings come from the surroundings, with defaults, and say what is wrong."""

from __future__ import annotations

import pytest

from pathgraph.errors import UsageError
from pathgraph.settings import DEFAULT_GRAPH, DEFAULT_SUPPRESS_BELOW, Settings, read_settings


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings(DEFAULT_GRAPH, DEFAULT_SUPPRESS_BELOW)
    assert read_settings({"PATHGRAPH_GRAPH": "", "PATHGRAPH_SUPPRESS_BELOW": ""}) == Settings()


def test_what_is_set_is_taken() -> None:
    settings = read_settings({"PATHGRAPH_GRAPH": "bolt://h", "PATHGRAPH_SUPPRESS_BELOW": "0"})
    assert settings == Settings("bolt://h", 0)


@pytest.mark.parametrize("text", ["-1", "five", "5.0", "٥", " 5"])
def test_a_threshold_that_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="PATHGRAPH_SUPPRESS_BELOW") as caught:
        read_settings({"PATHGRAPH_SUPPRESS_BELOW": text})
    assert text not in str(caught.value).replace(
        "PATHGRAPH_SUPPRESS_BELOW is no whole number from 0.", ""
    )
