"""What a patient is in the work lists for: the same as ``priority`` says, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from pathgraph.queries.run import Answers, run
from pathgraph.queries.worklists import WORK_LISTS
from tests.findings import worklist_graphs
from tests.findings.drawn import Row, load_tables, rows_of

TABLES = worklist_graphs.region(seed=5, n_patients=160)
DAYS = ("2024-01-31", "2024-04-01")


def findings(engine: Engine, patient: str, day: str, answers: Answers) -> list[Row]:
    asked = {"patient": patient}
    return rows_of(run(engine, "patient_findings", asked, as_of=day, answers=answers))


@pytest.mark.parametrize("day", DAYS)
def test_current_rows_are_those_of_priority(drawn_engine: Engine, day: str) -> None:
    answers = Answers()
    listed = run(
        drawn_engine, "priority", {"min_findings": 1}, as_of=day, answers=answers
    ).table.to_pylist()
    expected = {row["patient_id"]: row for row in listed}
    patients = [row["patient_id"] for row in TABLES["patients"]]
    assert len(expected) >= 10
    n_without = 0
    for patient in patients[::4]:
        rows = findings(drawn_engine, patient, day, answers)
        assert [
            w.finding for w in WORK_LISTS if w.finding not in {r["finding"] for r in rows}
        ] == []
        current = [row for row in rows if row["status"] == "current"]
        row = expected.get(patient)
        assert {r["finding"] for r in current} == set(row["findings"] if row else ())
        n_without += row is None
        if row:
            said = {
                name: (reason, on)
                for name, reason, on in zip(row["findings"], row["reasons"], row["dates"],
                                            strict=True)
            }  # fmt: skip
            for name, (reason, on) in said.items():
                own = [r for r in current if r["finding"] == name]
                assert max(r["on"] or "" for r in own) == on
                assert any(reason.startswith(r["reason"]) for r in own)
    assert n_without


def test_every_status_is_met(tmp_path: Path) -> None:
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    load_tables(engine, tmp_path / "tables", {k: v for k, v in TABLES.items() if k != "needs"})
    answers = Answers()
    rows = [
        row
        for patient in TABLES["patients"]
        for row in findings(engine, patient["patient_id"], DAYS[1], answers)
    ]
    engine.close()
    said = {"current", "earlier"}
    others = {"not_found", "not_recorded", "not_loaded"}
    assert {row["status"] for row in rows} == said | others
    assert all((row["status"] in said) == (row["reason"] is not None) for row in rows)
    nothing = {"not_found", "not_loaded"}
    assert all((row["status"] in nothing) == (row["n_rows"] == 0) for row in rows)
    missing = {row["status"] for row in rows if row["finding"] == "late_coordinator"}
    assert missing == {"not_loaded"}


def test_an_id_that_is_not_there_is_said_and_not_repeated(drawn_engine: Engine) -> None:
    with pytest.raises(UsageError, match="No patient of the graph") as caught:
        findings(drawn_engine, "nobody-4711", DAYS[0], Answers())
    assert "4711" not in str(caught.value)
