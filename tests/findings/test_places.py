"""Municipalities, who answers for them, findings by place and ties of a place, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.queries.distribution import distribution
from pathgraph.queries.places import ties_of
from pathgraph.queries.result import Result
from pathgraph.queries.run import run
from tests.findings.drawn import Row, ask, rows_of, table

DAY = "2025-06-30"

UNITS = table("""
    unit_id  name   kind               level      parent_unit_id  municipality_code  valid_to
    trust    Trust  trust              hospital   -               0001               -
    heart    Heart  clinic             hospital   trust           0001               -
    lung     Lung   clinic             hospital   trust           0001               -
    bone     Bone   clinic             hospital   trust           0001               -
    eye      Eye    clinic             hospital   trust           0001               -
    ear      Ear    clinic             hospital   trust           0001               -
    skin     Skin   clinic             hospital   trust           0001               -
    quiet    Quiet  clinic             hospital   trust           0001               -
    psych    Psych  clinic             psychiatry trust           0001               -
    home     Home   municipal_service  municipal  -               0002               -
    shut     Shut   coordinating_unit  municipal  -               0003               2025-06-30
    open     Open   coordinating_unit  municipal  -               0001               2025-07-01
""")
MUNICIPALITIES = table("""
    municipality_code  name   population  hospital_area  dps_area  valid_from  valid_to
    0001               One    1000        East           A         -           -
    0002               Two    900         East           A         -           -
    0003               Three  800         East           B         -           -
    0004               Four   700         West           B         -           -
    0005               Five   600         West           B         -           -
    0006               Six    500         West           B         -           -
    0007               Far    400         -              -         -           -
    0008               Gone   300         East           A         -           2020-01-01
    0009               Later  200         East           A         2025-07-01  -
    0010               Past   100         East           A         -           2025-06-30
    0011               Over   100         East           A         -           2025-06-30
""")
# Municipality: how many live there, and how many of them come back.
_LIVING = {"0001": (10, 5), "0002": (10, 4), "0003": (10, 2), "0004": (10, 1), "0005": (8, 0),
           "0006": (12, 6), "0007": (5, 5), "0010": (6, 0)}  # fmt: skip
_CLINICS = ("heart", "heart", "heart", "lung", "bone", "psych", "trust")

PATIENTS: list[Row] = []
RESIDENCES: list[Row] = []
CONTACTS: list[Row] = []
for _code, (_n, _n_back) in _LIVING.items():
    for _number in range(_n):
        _id = f"p{_code}-{_number:02d}"
        PATIENTS.append({"patient_id": _id, "birth_year": "1960", "sex": "male"})
        RESIDENCES.append({"patient_id": _id, "municipality_code": _code,
                           "valid_from": "2000-01-01"})  # fmt: skip
        _unit = _CLINICS[(len(PATIENTS) + _number) % len(_CLINICS)]
        CONTACTS += [
            {"contact_id": f"{_id}-{n}", "patient_id": _id, "unit_id": _unit,
             "care_level": "overnight", "urgency": "1",
             "started_at": f"2025-0{n}-01T08:00", "ended_at": f"2025-0{n}-08T08:00"}
            for n in ((3, 4) if _number < _n_back else (3,))
        ]  # fmt: skip
# One who keeps coming back: another finding with a number of its own that is small.
CONTACTS.append(
    {"contact_id": "again", "patient_id": "p0001-01", "unit_id": "heart",
     "care_level": "overnight", "urgency": "1",
     "started_at": "2025-04-20T08:00", "ended_at": "2025-04-22T08:00"}
)  # fmt: skip
# Clinics that see people and have nobody back; one sees nobody at all.
for _number, _unit in enumerate(("eye", "ear", "skin")):
    CONTACTS.append(
        {"contact_id": f"v{_number}", "patient_id": "p0001-00", "unit_id": _unit,
         "care_level": "outpatient", "started_at": f"2025-05-0{_number + 1}T10:00",
         "ended_at": f"2025-05-0{_number + 1}T11:00"}
    )  # fmt: skip

POINTS = table("""
    municipality_code  professional_id  unit_id  valid_from  valid_to
    0001               -                open     2020-01-01  -
    0001               works            -        2021-01-01  2025-07-01
    0002               quit             -        2019-01-01  -
    0003               -                shut     2018-01-01  -
    0004               -                open     2015-01-01  2020-01-01
    0004               works            -        2016-01-01  2025-06-30
    0005               -                open     2025-07-01  -
    0006               nobody_knows     -        -           -
""")
PROFESSIONALS = table("""
    professional_id  role
    works            nurse
    quit             nurse
    nobody_knows     nurse
""")
EMPLOYMENTS = table("""
    professional_id  unit_id  valid_from  valid_to
    works            home     2010-01-01  -
    quit             home     2010-01-01  2024-02-01
""")

COVERAGE = table("""
    source  level      municipality_code  covered_from  covered_to
    s       hospital   -                  2020-01-01    2026-01-01
    s       municipal  0002               2020-01-01    2023-01-01
    s       municipal  0002               2024-01-01    2026-01-01
    t       psychiatry 0004               2020-01-01    2026-01-01
""")

TABLES = {
    "patients": PATIENTS,
    "units": UNITS,
    "municipalities": MUNICIPALITIES,
    "residences": RESIDENCES,
    "contacts": CONTACTS,
    "contact_points": POINTS,
    "professionals": PROFESSIONALS,
    "employments": EMPLOYMENTS,
    "coverage": COVERAGE,
}


def test_municipalities(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "municipalities", as_of=DAY))
    # Those that are no longer, or not yet, stand only where somebody is recorded as living there.
    assert [row["municipality_code"] for row in rows] == [
        "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0010",
    ]  # fmt: skip
    for row in rows:
        assert row["n_people"] == _LIVING[row["municipality_code"]][0]
        assert row["n_all"] == len(PATIENTS)
    assert rows[0]["population"] == 1000
    assert (rows[6]["hospital_area"], rows[6]["dps_area"]) == (None, None)


def test_contact_points(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "contact_points", as_of=DAY))
    found = [
        (r["municipality_code"], r["status"], r["holder_id"], r["unit"], r["since"], r["ended_on"])
        for r in rows
    ]
    assert found == [
        ("0001", "held", "open", "open", "2020-01-01", None),
        ("0001", "held", "works", "home", "2021-01-01", None),
        ("0002", "ended", "quit", "home", "2019-01-01", "2024-02-01"),
        ("0003", "ended", "shut", "shut", "2018-01-01", "2025-06-30"),
        ("0004", "ended", "works", "home", "2016-01-01", "2025-06-30"),
        ("0005", "missing", None, None, None, None),
        ("0006", "held", "nobody_knows", None, None, None),
        ("0007", "missing", None, None, None, None),
        ("0010", "missing", None, None, None, None),
    ]
    assert {r["municipality_name"] for r in rows} >= {"One", "Far"}
    # A day later the unit is closed and the professional's time is over.
    later = rows_of(ask(drawn_engine, "contact_points", as_of="2025-07-01"))
    first = [(r["status"], r["holder_id"]) for r in later if r["municipality_code"] == "0001"]
    assert first == [("ended", "open"), ("ended", "works")]


def test_coverage(drawn_engine: Engine) -> None:
    names = {row["municipality_code"]: row["name"] for row in MUNICIPALITIES}
    assert rows_of(ask(drawn_engine, "coverage", as_of=DAY)) == [
        {**row, "municipality_name": names.get(row["municipality_code"]), "basis": "given"}
        for row in COVERAGE
    ]


def oracle_spread(share: float | None, others: list[float]) -> dict[str, Any]:
    """Quartiles by hand: the value at a quarter of the way through the sorted others."""
    ordered = sorted(others)
    found: dict[str, Any] = {"n_others": len(ordered), "n_lower": None, "others_low": None,
                             "others_median": None, "others_high": None}  # fmt: skip
    if len(ordered) < 5:
        return found
    for name, part in (("others_low", 0.25), ("others_median", 0.5), ("others_high", 0.75)):
        at = part * (len(ordered) - 1)
        below = int(at)
        above = min(below + 1, len(ordered) - 1)
        value = ordered[below] + (at - below) * (ordered[above] - ordered[below])
        found[name] = pytest.approx(value, abs=0.0005000001)
    if share is not None:
        found["n_lower"] = sum(1 for other in ordered if other < share)
    return found


def test_findings_by_municipality(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "findings_by_place", as_of=DAY)
    rows = [row for row in rows_of(result) if row["finding"] == "readmissions"]
    formal = {code for code in _LIVING if code not in ("0007",)}
    assert [row["place"] for row in rows] == sorted(_LIVING)
    for row in rows:
        n, n_back = _LIVING[row["place"]]
        assert (row["n_patients"], row["n_people"]) == (n_back, n)
        assert row["share"] == pytest.approx(n_back / n)
        same = formal if row["place"] in formal else set(_LIVING) - formal
        others = [_LIVING[c][1] / _LIVING[c][0] for c in same if c != row["place"]]
        expected = oracle_spread(n_back / n, others)
        assert {name: row[name] for name in expected} == expected, row["place"]
    asked = {row["finding"] for row in rows_of(result)}
    assert {"revolving_door", "bouncing", "emergency_returns", "readmissions"} <= asked
    # What was not loaded is said, and is not 0.
    notes = " ".join(result.manifest["notes"])
    for absent in ("unowned_plans", "missing_coordinator", "both_kinds_of_care"):
        assert absent in notes
        assert absent not in asked


def test_findings_by_clinic_count_clinics_without_any(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "findings_by_place", as_of=DAY, by="clinic")
    rows = {r["place"]: r for r in rows_of(result) if r["finding"] == "readmissions"}
    divided = rows_of(
        distribution(drawn_engine, "readmissions", "clinic", as_of=DAY, suppress_below=0)
    )
    hospital = {"heart", "lung", "bone", "eye", "ear", "skin"}
    # A clinic that nobody came to has no share; a trust and another level are compared with none.
    assert set(rows) == hospital | {"psych", "trust"}
    shares = {row["value"]: row["share"] for row in divided}
    for place, row in rows.items():
        assert row["share"] == pytest.approx(shares.get(place, 0.0)), place
        others = [shares.get(other, 0.0) for other in hospital - {place}]
        expected = oracle_spread(row["share"], others if place in hospital else [])
        assert {name: row[name] for name in expected} == expected, place
    assert rows["eye"]["n_patients"] == 0


def test_one_small_number_is_not_given_away_by_the_others(drawn_engine: Engine) -> None:
    result = run(drawn_engine, "findings_by_place", as_of=DAY)
    index = [i for i, row in enumerate(rows_of(result)) if row["finding"] == "readmissions"]
    rows = [rows_of(result)[i] for i in index]
    shown = {row["place"]: row["n_patients"] for row in rows}
    for code, (_, n_back) in _LIVING.items():
        if 0 < n_back < 5:
            assert shown[code] is None, code
    hidden = [row for row in rows if row["n_patients"] is None]
    assert len(hidden) >= 2
    assert all(row["share"] is None and row["n_lower"] is None for row in hidden)


def test_the_total_of_each_finding_is_taken_as_known(drawn_engine: Engine) -> None:
    """With one small number in a finding, another of the same finding is hidden with it."""
    result = run(drawn_engine, "findings_by_place", as_of=DAY, suppress_below=2)
    rows = [row for row in rows_of(result) if row["finding"] == "readmissions"]
    assert sum(1 for _, n_back in _LIVING.values() if 0 < n_back < 2) == 1
    assert sum(1 for row in rows if row["n_patients"] is None) >= 2


def _network(drawn_engine: Engine) -> Result:
    return run(drawn_engine, "unit_transfers", as_of=DAY, suppress_below=2)


@pytest.mark.parametrize("with_itself", [True, False])
@pytest.mark.parametrize("direction", ["from", "to"])
def test_ties_of_a_place(drawn_engine: Engine, direction: str, with_itself: bool) -> None:
    network = _network(drawn_engine)
    other = {"from": "to", "to": "from"}[direction]
    ids = {"heart", "eye"}
    whole = list(zip(rows_of(network), list(network.shown_rows()), strict=True))
    expected = [
        (row[f"{other}_id"], row[f"{direction}_id"], row["n_patients"])
        for row, _ in whole
        if row[f"{direction}_id"] in ids
        and (
            row[f"{other}_id"] not in ids
            or (with_itself and row[f"{other}_id"] == row[f"{direction}_id"])
        )
    ]
    found = ties_of(network, ids, direction, with_itself=with_itself)
    ties = [(row["unit"], row["at"], row["n_patients"]) for row in rows_of(found)]
    assert sorted(ties, key=str) == sorted(expected, key=str)
    assert found.manifest["n_rows"] == len(ties) > 0
    known = [n for _, _, n in ties if n is not None]
    assert known == sorted(known, reverse=True)
    assert [n for _, _, n in ties[len(known) :]] == [None] * (len(ties) - len(known))
    # What was hidden in the network is hidden here, row by row.
    hidden = found.hidden.get("n_patients")
    if hidden is not None:
        assert [bool(h) for h in hidden] == [n is None for _, _, n in ties]
    assert "from_patients" not in found.table.column_names


def test_ties_without_direction_are_seen_from_both_ends(drawn_engine: Engine) -> None:
    network = run(drawn_engine, "shared_patients", as_of=DAY, suppress_below=0)
    ties = {
        unit: {(r["unit"], r["n_patients"]) for r in rows_of(ties_of(network, {unit}, "any"))}
        for unit in ("eye", "ear", "skin")
    }
    assert ("ear", 1) in ties["eye"]
    assert ("eye", 1) in ties["ear"]
    assert ("eye", 1) in ties["skin"]
