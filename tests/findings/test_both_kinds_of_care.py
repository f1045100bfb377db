"""Both kinds of care and no common plan, on both engines."""

from __future__ import annotations

from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, rows_of, table, with_patients

# Asked as of 15 June 2024: contacts from 17 June 2023 on count.
AS_OF = {"as_of": "2024-06-15"}
_PATIENTS = (
    "none", "individual", "owners", "trust", "clinic", "ended", "draft", "left", "closed", "one",
    "person", "declared", "expired", "joint",
)  # fmt: skip
CONTACTS = [
    row
    for patient in _PATIENTS
    for row in (
        {
            "contact_id": f"{patient}-s", "patient_id": patient, "unit_id": "med",
            "started_at": "2023-06-17T00:00",
        },
        {
            "contact_id": f"{patient}-p", "patient_id": patient, "unit_id": "psych",
            "started_at": "2024-06-15T23:59",
        },
    )
]  # fmt: skip
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  started_at        parent
    none-s2     none        med      2024-01-05T08:00  -
    none-p2     none        psych    2024-02-05T08:00  -
    soma-s      soma        med      2024-01-05T08:00  -
    soma-p      soma        psych    2023-06-16T23:59  -
    psyc-s      psyc        med      2024-06-16T00:00  -
    psyc-p      psyc        psych    2024-01-05T08:00  -
    gp-s        gp          med      2024-01-05T08:00  -
    gp-p        gp          doc      2024-01-05T08:00  -
    dead-s      dead        med      2024-01-05T08:00  -
    dead-p      dead        psych    2024-01-05T08:00  -
    inside      inside      med      2024-01-05T08:00  -
    inside-p    inside      psych    2024-01-05T08:00  inside
    """
)
TABLES = {
    "patients": with_patients(
        CONTACTS,
        table(
            """
            patient_id  died_on
            dead        2024-06-15
            """
        ),
    ),
    "units": table(
        """
        unit_id  kind    level       parent_unit_id  valid_to
        north    trust   hospital    -               -
        somatic  clinic  hospital    north           -
        mental   clinic  psychiatry  north           -
        med      ward    hospital    somatic         -
        psych    ward    psychiatry  mental          -
        shut     ward    psychiatry  mental          2024-06-15
        doc      -       gp          -               -
        """
    ),
    "contacts": CONTACTS,
    "professionals": table(
        """
        professional_id
        both
        gone
        """
    ),
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        both             med      -           -
        both             psych    -           2024-06-16
        gone             psych    -           2024-06-15
        """
    ),
    "plans": table(
        """
        plan_id     patient_id  kind             valid_from  valid_to
        individual  individual  individual_plan  -           -
        owners      owners      treatment        -           -
        trust       trust       treatment        -           -
        clinic      clinic      treatment        -           -
        ended       ended       individual_plan  -           2024-06-15
        draft       draft       individual_plan  -           -
        left        left        treatment        -           -
        closed      closed      treatment        -           -
        one1        one         treatment        -           -
        one2        one         -                -           -
        person      person      treatment        -           -
        expired     expired     treatment        -           -
        joint       joint       crisis           -           -
        """
    ),
    "plan_statuses": table(
        """
        plan_id  status  valid_from
        draft    draft   2024-01-01
        draft    active  2024-06-16
        """
    ),
    "plan_owners": table(
        """
        plan_id  professional_id  unit_id  valid_from  valid_to
        owners   -                med      -           -
        owners   -                psych    -           -
        trust    -                north    -           -
        clinic   -                somatic  -           -
        left     -                med      -           -
        left     gone             -        -           -
        closed   -                med      -           -
        closed   -                shut     -           -
        one1     -                med      -           -
        one2     -                psych    -           -
        person   both             -        -           -
        expired  -                med      -           -
        expired  -                psych    -           2024-06-15
        """
    ),
}


def found(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    rows = rows_of(ask(engine, "both_kinds_of_care", **{**AS_OF, **asked}))
    return {row["patient_id"]: row for row in rows}


def test_who_has_no_common_plan(drawn_engine: Engine) -> None:
    assert sorted(found(drawn_engine)) == [
        "clinic", "closed", "declared", "draft", "ended", "expired", "joint", "left", "none", "one",
    ]  # fmt: skip


def test_what_is_shown(drawn_engine: Engine) -> None:
    assert found(drawn_engine)["none"] == {
        "patient_id": "none", "n_somatic": 2, "n_psychiatric": 2,
        "last_somatic_on": "2024-01-05", "last_psychiatric_on": "2024-06-15", "n_active_plans": 0,
    }  # fmt: skip
    n_plans = {patient: row["n_active_plans"] for patient, row in found(drawn_engine).items()}
    assert n_plans["one"] == 2
    assert n_plans["draft"] == n_plans["ended"] == 0


def test_kinds_that_are_shared(drawn_engine: Engine) -> None:
    asked = found(drawn_engine, shared_kinds=["crisis", "individual_plan"])
    assert "joint" not in asked
    assert "individual" in found(drawn_engine, shared_kinds=["crisis"])


def test_as_of(drawn_engine: Engine) -> None:
    # On the 14th most psychiatric contacts had not begun; soma's was still in the year.
    assert set(found(drawn_engine, as_of="2024-06-14")) == {"dead", "none", "soma"}
    day_after = found(drawn_engine, as_of="2024-06-16")
    # What began on 17 June 2023 is no longer in the year; psyc is.
    assert set(day_after) == {"none", "psyc"}
    assert "person" in found(drawn_engine, as_of="2024-06-16", within_days=366)
    assert "draft" not in found(drawn_engine, as_of="2024-06-16", within_days=366)
    assert found(drawn_engine, as_of="2020-01-01") == {}


def test_the_denominator(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "both_kinds_of_care", **AS_OF).manifest["among"] == 14
    asked = ask(drawn_engine, "both_kinds_of_care", as_of="2020-01-01")
    assert asked.manifest["among"] == 0
