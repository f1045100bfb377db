"""Who may need the team around midnight of New Year: a birthday is known by its year alone."""

from __future__ import annotations

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

_UNITS = table("""
    unit_id  kind      level     parent_unit_id
    house    hospital  hospital  -
    med      ward      hospital  house
    pact     team      hospital  house
""")
# In local time; it is an hour earlier by Greenwich.
_CONTACTS = [
    {**row, "urgency": "1"}
    for row in overnight("""
    contact_id  patient_id  started_at           ended_at
    o1          old         2023-11-01T08:00:00  2023-11-03T08:00:00
    o2          old         2024-01-01T00:30:00  2024-01-03T08:00:00
    y1          young       2023-11-01T08:00:00  2023-11-03T08:00:00
    y2          young       2023-12-31T23:30:00  2024-01-03T08:00:00
    l1          last        2024-06-01T08:00:00  2024-06-03T08:00:00
    """)
]
TABLES = {
    "units": _UNITS,
    "contacts": _CONTACTS,
    "patients": with_patients(
        _CONTACTS,
        [{"patient_id": name, "birth_year": "1959", "sex": "male"} for name in ("old", "young")],
    ),
    "residences": [
        {"patient_id": name, "municipality_code": "5501"} for name in ("old", "young", "last")
    ],
    "unit_serves": [{"unit_id": "house", "municipality_code": "5501"}],
    "referrals": table("""
        referral_id  patient_id  from_unit_id  to_unit_id  sent_at     referrer_type
        r1           last        med           pact        2024-06-02  hospital
    """),
}


def test_the_age_is_that_of_the_local_year(drawn_engine: Engine) -> None:
    (row,) = rows_of(ask(drawn_engine, "eligible_patients"))
    assert (row["patient_id"], row["age"], row["eligible_at"]) == ("old", 65, "2024-01-01T00:30:00")
