"""How late notices to the municipality are, on both engines."""

from __future__ import annotations

import math
from typing import Any

from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at
    a1          a           med      2024-03-01T08:00  2024-03-05T08:00
    a2          a           med      2024-04-01T08:00  2024-04-05T08:00
    b1          b           med      2024-03-01T08:00  2024-03-05T08:00
    c1          c           med      2024-03-30T08:00  2024-04-05T08:00
    d1          d           surg     2024-03-01T08:00  -
    e1          e           surg     2024-05-01T08:00  2024-05-02T08:00
    """
)
TABLES = {
    "patients": with_patients(CONTACTS),
    "municipalities": table(
        """
        municipality_code  name
        5501               Tromsø
        5503               -
        """
    ),
    "units": table(
        """
        unit_id  name      level
        med      Medicine  hospital
        surg     -         hospital
        """
    ),
    "contacts": CONTACTS,
    "notices": table(
        """
        contact_id  kind        sent_at           municipality_code
        a1          admitted    2024-03-02T08:00  5501
        a2          admitted    2024-04-02T08:01  5501
        b1          admitted    2024-02-29T20:00  5501
        c1          admitted    2024-03-31T09:00  5503
        d1          admitted    2024-03-03T08:00  -
        d1          discharged  2024-03-03T08:00  5501
        a1          discharged  2024-03-06T08:01  5501
        b1          discharged  2024-03-05T08:00  5501
        a1          ready       2024-03-04T08:00  5501
        """
    ),
}


def notices(engine: Engine, **asked: Any) -> dict[tuple[str, str], dict[str, Any]]:
    rows = rows_of(ask(engine, "late_notice_to_municipality", **asked))
    return {(row["municipality_code"], row["unit"]): row for row in rows}


def counted(engine: Engine, **asked: Any) -> dict[tuple[str, str], tuple[int, ...]]:
    names = ("n_notices", "n_patients", "n_late", "n_late_patients")
    return {
        place: tuple(row[name] for name in names) for place, row in notices(engine, **asked).items()
    }


def test_notices_of_admission(drawn_engine: Engine) -> None:
    assert counted(drawn_engine) == {
        ("5501", "med"): (3, 2, 1, 1),  # exactly 24 h, a minute more, and before the admission
        ("5503", "med"): (1, 1, 0, 0),  # 25 h on the clock in the night that summer time begins
        (None, "surg"): (1, 1, 1, 1),
    }
    row = notices(drawn_engine)["5501", "med"]
    assert (row["municipality_name"], row["unit_name"]) == ("Tromsø", "Medicine")
    assert math.isclose(row["share_late"], 1 / 3)
    assert row["median_delay_h"] == 24.0
    assert notices(drawn_engine)["5503", "med"]["median_delay_h"] == 24.0


def test_notices_of_discharge(drawn_engine: Engine) -> None:
    # The contact of d goes on: nothing to count from.
    asked = {"notice": "discharged"}
    assert counted(drawn_engine, **asked) == {("5501", "med"): (2, 2, 1, 1)}
    assert math.isclose(
        notices(drawn_engine, **asked)["5501", "med"]["median_delay_h"], (24 + 1 / 60) / 2
    )


def test_the_threshold(drawn_engine: Engine) -> None:
    assert counted(drawn_engine, within_h=24.5)["5501", "med"][2] == 0
    assert counted(drawn_engine, within_h=0)["5501", "med"][2:] == (2, 1)
    assert counted(drawn_engine, within_h=23.99)["5503", "med"][2] == 1


def test_as_of(drawn_engine: Engine) -> None:
    assert counted(drawn_engine, as_of="2024-03-01")["5501", "med"] == (1, 1, 0, 0)
    assert counted(drawn_engine, as_of="2024-02-29") == {}
    assert counted(drawn_engine, as_of="2024-03-05", notice="discharged") == {
        ("5501", "med"): (1, 1, 0, 0)
    }


def test_the_denominator(drawn_engine: Engine) -> None:
    finding = "late_notice_to_municipality"
    assert ask(drawn_engine, finding).manifest["among"] == 5
    assert ask(drawn_engine, finding, notice="discharged").manifest["among"] == 2
    assert ask(drawn_engine, finding, as_of="2020-01-01").manifest["among"] == 0


def test_small_numbers_are_hidden(drawn_engine: Engine) -> None:
    shown = rows_of(run(drawn_engine, "late_notice_to_municipality"))
    assert {row["n_patients"] for row in shown} == {None}
    assert {row["median_delay_h"] for row in shown} == {None}
