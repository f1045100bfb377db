"""Days ready for discharge, on both engines."""

from __future__ import annotations

import math
from typing import Any

from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    one1        one         med      2024-03-01T08:00  2024-03-10T08:00  1
    two1        two         med      2024-03-01T08:00  2024-03-10T08:00  1
    none1       none        med      2024-03-01T08:00  2024-03-02T08:00  1
    none2       none        med      2024-04-01T08:00  2024-04-02T08:00  1
    dead1       dead        med      2024-03-01T08:00  2024-03-10T08:00  1
    wait1       wait        surg     2024-03-20T08:00  -                 1
    stays1      stays       surg     2024-03-20T08:00  -                 1
    moved1      moved       surg     2024-03-01T08:00  2024-03-05T08:00  1
    moved2      moved       med      2024-03-05T09:00  2024-03-10T08:00  4
    clock1      clock       psych    2024-03-29T08:00  2024-04-01T00:00  1
    paused1     paused      psych    2024-02-01T08:00  2024-02-05T08:00  1
    paused2     paused      med      2024-03-10T08:00  2024-03-15T08:00  5
    """
)
for row in CONTACTS:
    if row["contact_id"] == "dead1":
        row["ended_dead"] = True
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at          urgency
    ward        ward        hosp     -       overnight   2024-03-01T08:00  2024-03-10T08:00  1
    ward1       ward        med      ward    -           2024-03-01T08:00  2024-03-05T08:00  -
    ward2       ward        surg     ward    -           2024-03-05T08:00  2024-03-10T08:00  -
    last        none        doc      -       outpatient  2024-04-10T08:00  -                 -
    """
)
_LIVE_HERE = sorted({row["patient_id"] for row in CONTACTS} - {"moved", "ward"})
TABLES = {
    "patients": with_patients(CONTACTS),
    "residences": [{"patient_id": p, "municipality_code": "5501"} for p in _LIVE_HERE],
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
        hosp     Big       hospital
        med      Medicine  hospital
        surg     -         hospital
        psych    Psych     psychiatry
        doc      -         gp
        """
    ),
    "contacts": CONTACTS,
    "ready_periods": table(
        """
        contact_id  ready_at          ended_at          municipality_code
        one1        2024-03-08T08:00  2024-03-10T08:00  -
        two1        2024-03-03T08:00  2024-03-04T20:00  5501
        two1        2024-03-08T08:00  -                 5503
        dead1       2024-03-03T08:00  2024-03-04T08:00  -
        wait1       2024-03-31T00:00  -                 -
        stays1      2024-03-25T08:00  2024-03-26T08:00  -
        moved1      2024-03-04T08:00  2024-03-09T08:00  -
        ward2       2024-03-09T08:00  2024-03-12T08:00  5501
        clock1      2024-03-31T00:00  2024-04-01T00:00  -
        """
    ),
}


def places(engine: Engine, **asked: Any) -> dict[tuple[str | None, str], dict[str, Any]]:
    rows = rows_of(ask(engine, "ready_for_discharge_days", **asked))
    return {(row["municipality_code"], row["unit"]): row for row in rows}


def counted(engine: Engine, **asked: Any) -> dict[tuple[str | None, str], tuple[Any, ...]]:
    names = (
        "n_stays", "n_patients", "n_with_waiting", "n_patients_with_waiting", "n_waiting",
    )  # fmt: skip
    return {
        place: (*(row[name] for name in names), round(row["days_total"], 6))
        for place, row in places(engine, **asked).items()
    }


def test_who_waited_how_long(drawn_engine: Engine) -> None:
    assert counted(drawn_engine) == {
        # one, none twice, and paused; dead is not there.
        ("5501", "med"): (4, 3, 1, 1, 0, 2.0),
        # Of two's periods the latest says who was waited for; open until the stay's end.
        ("5503", "med"): (1, 1, 1, 1, 0, 3.5),
        # wait since midnight on the 31st, a day of 23 h; stays is no longer ready and still in.
        ("5501", "surg"): (2, 2, 2, 2, 1, round(1 + 10 + 23 / 24, 6)),
        ("5501", "psych"): (1, 1, 1, 1, 0, round(23 / 24, 6)),
        (None, "med"): (1, 1, 1, 1, 0, 5.0),
    }


def test_means_count_those_who_did_not_wait(drawn_engine: Engine) -> None:
    row = places(drawn_engine)["5501", "med"]
    assert (row["mean_days"], row["median_days"]) == (0.5, 0.0)
    assert math.isclose(row["p90_days"], 1.4)
    assert (row["municipality_name"], row["unit_name"]) == ("Tromsø", "Medicine")
    row = places(drawn_engine)["5503", "med"]
    assert (row["municipality_name"], row["median_days"], row["p90_days"]) == (None, 3.5, 3.5)


def test_as_of(drawn_engine: Engine) -> None:
    assert counted(drawn_engine, as_of="2024-01-01") == {}
    # None of the stays of 1 March had ended; two waits since the 3rd at 8, dead was alive.
    on_the_3rd = counted(drawn_engine, as_of="2024-03-03")
    assert on_the_3rd["5501", "med"] == (3, 3, 2, 2, 2, round(2 * 16 / 24, 6))
    # paused had left psychiatry and had not yet returned.
    assert on_the_3rd["5501", "psych"] == (1, 1, 0, 0, 0, 0.0)
    on_the_9th = counted(drawn_engine, as_of="2024-03-09")
    # moved waited during a contact that was over; its stay went on at another unit.
    assert (None, "med") not in on_the_9th
    # ward is at its second ward.
    assert on_the_9th["5501", "surg"] == (1, 1, 1, 1, 1, round(16 / 24, 6))


def test_the_denominator(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "ready_for_discharge_days").manifest["among"] == 11


def test_small_numbers_are_hidden(drawn_engine: Engine) -> None:
    for row in rows_of(run(drawn_engine, "ready_for_discharge_days")):
        assert row["n_patients"] is None
        assert row["days_total"] is None
