"""A query ends when nobody waits for it, on both engines."""

from __future__ import annotations

import threading
import time

import pytest

from pathgraph.engine.base import Engine
from pathgraph.engine.cancellation import Cancellable, Cancellation
from pathgraph.errors import QueryCancelledError
from tests.findings.drawn import overnight, table, with_patients

CONTACTS = overnight("""
    contact_id  patient_id  started_at        ended_at
    c1          p1          2025-01-01T08:00  2025-01-03T08:00
""")
TABLES = {
    "patients": with_patients(CONTACTS),
    "units": table("""
        unit_id  name  kind  level
        med      Med   ward  hospital
    """),
    "contacts": CONTACTS,
}

LONG = """
UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b UNWIND range(1, 1000) AS c
RETURN sum((a + b + c) % 7) AS n
"""


def test_a_query_under_way_ends_soon(drawn_engine: Engine) -> None:
    stop = Cancellation()
    engine = Cancellable(drawn_engine, stop)
    errors: list[Exception] = []

    def ask() -> None:
        try:
            engine.query(LONG)
        except Exception as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.5)
    assert asking.is_alive()
    begun = time.monotonic()
    while asking.is_alive() and time.monotonic() - begun < 20:
        stop.cancel()
        asking.join(timeout=0.2)
    assert not asking.is_alive()
    assert [type(error) for error in errors] == [QueryCancelledError]
    # The engine goes on for everybody else.
    assert drawn_engine.query("MATCH (p:Patient) RETURN count(*) AS n").to_pylist() == [{"n": 1}]


def test_after_it_was_cancelled_nothing_is_asked(drawn_engine: Engine) -> None:
    stop = Cancellation()
    stop.cancel()
    engine = Cancellable(drawn_engine, stop)
    with pytest.raises(QueryCancelledError):
        engine.query("MATCH (p:Patient) RETURN count(*) AS n")
    with pytest.raises(QueryCancelledError):
        engine.record()


def test_a_query_that_nobody_cancels_is_answered(drawn_engine: Engine) -> None:
    engine = Cancellable(drawn_engine, Cancellation())
    assert engine.query("MATCH (p:Patient) RETURN count(*) AS n").to_pylist() == [{"n": 1}]
