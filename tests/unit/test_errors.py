"""An error keeps its sentences apart and their templates, and reads as one text."""

from __future__ import annotations

import pickle

from pathgraph.errors import DataError, ParameterError, PathgraphError, TableNotLoadedError
from pathgraph.sentence import Sentence, said_in, sentence

ONE = sentence("No plan for {who}.", who="A")
NORWEGIAN = {"No plan for {who}.": "Ingen plan for {who}."}


def test_an_error_of_one_sentence_reads_as_it() -> None:
    error = PathgraphError(ONE)
    assert str(error) == "No plan for A."
    assert error.args == (ONE,)
    assert error.sentences == (ONE,)
    assert [said_in(s, lambda m: NORWEGIAN.get(m, m)) for s in error.sentences] == [
        "Ingen plan for A."
    ]
    assert str(PathgraphError()) == ""


def test_several_sentences_stand_one_a_line_and_apart() -> None:
    for error in (
        TableNotLoadedError(ONE, "Two."),
        DataError([ONE, "Two."]),
        ParameterError([("a", ONE), ("b", "Two.")]),
    ):
        assert str(error) == "No plan for A.\nTwo."
        assert error.sentences == (ONE, "Two.")
        assert isinstance(error.sentences[0], Sentence)


def test_sentences_are_kept_when_an_error_goes_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(TableNotLoadedError(ONE, "Two.")))
    assert str(again) == "No plan for A.\nTwo."
    assert again.sentences[0].template == "No plan for {who}."
