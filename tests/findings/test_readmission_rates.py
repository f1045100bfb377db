"""Readmission rates on both engines: who is counted, divided, adjusted, and hidden."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.findings.drawn import Row, ask, overnight, rows_of, table, with_patients

# Six patients leave 'med' and two return; three leave 'surg' and one returns, twice.
CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    a1          a           med      2024-01-01T08:00  2024-01-05T08:00  1
    a2          a           med      2024-01-10T08:00  2024-01-12T08:00  1
    b1          b           med      2024-01-01T08:00  2024-01-05T08:00  1
    b2          b           surg     2024-02-01T08:00  2024-02-03T08:00  1
    c1          c           med      2024-01-01T08:00  2024-01-05T08:00  1
    d1          d           med      2024-01-01T08:00  2024-01-31T08:00  1
    e1          e           med      2024-01-01T08:00  2024-01-05T08:00  1
    f1          f           med      2024-02-01T08:00  2024-02-05T08:00  4
    g1          g           surg     2024-01-01T08:00  2024-01-05T08:00  4
    g2          g           surg     2024-01-10T08:00  2024-01-12T08:00  1
    g3          g           surg     2024-01-20T08:00  2024-01-22T08:00  1
    h1          h           surg     2024-01-01T08:00  2024-01-05T08:00  4
    late1       late        med      2024-05-20T08:00  2024-05-25T08:00  1
    late2       late        med      2024-06-01T08:00  -                 1
    """
)
TABLES = {
    "patients": with_patients(
        CONTACTS,
        table(
            """
            patient_id  birth_year  sex
            a           1940        female
            b           1940        female
            c           1940        female
            d           1940        male
            e           -           male
            f           1990        -
            """
        ),
    ),
    "units": table(
        """
        unit_id  name      kind  level
        med      Medicine  ward  hospital
        surg     -         ward  hospital
        """
    ),
    "contacts": CONTACTS,
    "municipalities": table("municipality_code name\n5501 Tromso\n5503 -"),
    "residences": table(
        """
        patient_id  municipality_code
        a           5501
        b           5501
        c           5503
        """
    ),
    "diagnoses": table(
        """
        contact_id  code   system  rank
        a1          I50.9  ICD-10  1
        a2          Z00    ICD-10  1
        b1          Z00    ICD-10  1
        b1          I50.0  ICD-10  2
        g2          J441   ICD-10  1
        """
    ),
    "diagnosis_groups": table(
        """
        diagnosis_group  system  code_prefix
        heart_failure    ICD-10  I50
        copd             ICD-10  J44
        """
    ),
}


def rates(engine: Engine, **asked: Any) -> dict[str | None, Row]:
    return {row["by_value"]: row for row in rows_of(ask(engine, "readmission_rates", **asked))}


def counts(row: Row) -> tuple[int, ...]:
    names = ("n_index", "n_patients", "n_readmitted", "n_readmitted_patients", "n_readmissions")
    return tuple(row[name] for name in names)


def test_all_together(drawn_engine: Engine) -> None:
    (row,) = rates(drawn_engine).values()
    # 12 stays of 8 patients; the last two are not over in time. a1, b1, g1 and g2 come again.
    assert counts(row) == (12, 8, 4, 3, 4)
    assert row["share"] == pytest.approx(4 / 12)
    assert row["share_low"] < 4 / 12 < row["share_high"]
    # All together are their own reference.
    assert row["n_expected"] == pytest.approx(4)
    assert row["observed_to_expected"] == pytest.approx(1)
    assert row["adjusted_share"] == pytest.approx(4 / 12)
    assert (row["by_value"], row["name"]) == ("all", None)


def test_by_unit(drawn_engine: Engine) -> None:
    found = rates(drawn_engine, by="unit")
    assert {unit: counts(row) for unit, row in found.items()} == {
        "med": (7, 6, 2, 2, 2),
        "surg": (5, 3, 2, 1, 2),
    }
    assert {unit: row["name"] for unit, row in found.items()} == {"med": "Medicine", "surg": None}
    # 84 and female: a1, a2, b1, b2, c1, of which two; 74 and female: g, h, of which two of four.
    assert found["surg"]["n_expected"] == pytest.approx(2 / 5 + 4 * 2 / 4)
    assert found["med"]["n_expected"] == pytest.approx(4 * 2 / 5)
    assert found["med"]["observed_to_expected"] == pytest.approx(2 / 1.6)
    assert found["med"]["adjusted_share"] == pytest.approx(2 / 1.6 * 4 / 12)


def test_wider_age_bands(drawn_engine: Engine) -> None:
    found = rates(drawn_engine, by="unit", age_band=100)
    # One band of women: nine stays, four come again.
    assert found["surg"]["n_expected"] == pytest.approx(5 * 4 / 9)


def test_by_month_of_discharge(drawn_engine: Engine) -> None:
    found = rates(drawn_engine, by="month")
    assert {month: counts(row) for month, row in found.items()} == {
        "2024-01": (10, 7, 4, 3, 4),
        "2024-02": (2, 2, 0, 0, 0),
    }
    none = found["2024-02"]
    assert (none["share"], none["share_low"]) == (0, 0)
    assert none["share_high"] > 0


def test_by_municipality(drawn_engine: Engine) -> None:
    found = rates(drawn_engine, by="municipality")
    assert {code: counts(row) for code, row in found.items()} == {
        "5501": (4, 2, 2, 2, 2),
        "5503": (1, 1, 0, 0, 0),
        None: (7, 5, 2, 1, 2),
    }
    assert [row["name"] for row in found.values()] == ["Tromso", None, None]
    # One patient: nothing can be said of how patients differ.
    assert (found["5503"]["share_low"], found["5503"]["ratio_high"]) == (None, None)


def test_nothing_expected_or_nobody(drawn_engine: Engine) -> None:
    (row,) = rates(drawn_engine, as_of="2020-01-01").values()
    assert counts(row) == (0, 0, 0, 0, 0)
    assert all(row[name] is None for name in ("share", "share_low", "observed_to_expected"))
    assert rates(drawn_engine, by="unit", as_of="2020-01-01") == {}
    (row,) = rates(drawn_engine, min_gap_h=10_000).values()
    assert (row["n_readmitted"], row["n_expected"]) == (0, 0)
    assert (row["observed_to_expected"], row["ratio_low"], row["adjusted_share"]) == (None,) * 3


def test_diagnosis_groups_of_the_user(drawn_engine: Engine) -> None:
    # a1 and g2 are in a group, and their patients old enough; the second diagnosis of b1 is not
    # its main one.
    (row,) = rates(drawn_engine, profile="fhi_67").values()
    assert counts(row) == (2, 2, 2, 2, 2)
    result = ask(drawn_engine, "readmissions", profile="fhi_67")
    assert [(r["index_stay_id"], r["readmission_stay_id"]) for r in rows_of(result)] == [
        ("a1", "a2"),
        ("g2", "g3"),
    ]
    assert "checked by a person" in str(result.manifest["profile_title"])


def test_small_numbers_are_hidden(drawn_engine: Engine) -> None:
    result = run(drawn_engine, "readmission_rates")
    (row,) = result.table.to_pylist()
    shown = {name for name, value in row.items() if value is not None}
    # Eight patients may be shown; that three of them came again, and what tells it, may not.
    assert shown == {"by_value", "n_index", "n_patients"}
    by_unit = run(drawn_engine, "readmission_rates", {"by": "unit"}, suppress_below=2)
    rows = {row["by_value"]: row for row in by_unit.table.to_pylist()}
    assert rows["surg"]["n_readmitted_patients"] is None
    assert rows["surg"]["n_expected"] is None
