"""Random small graphs that sit on the boundaries of the counting rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

Row = dict[str, Any]

ZONE = "Europe/Oslo"
_OSLO = ZoneInfo(ZONE)
_HOUR, _DAY = 3_600, 86_400
_FIRST_S = 1_696_400_000  # 4 October 2023, some weeks before summer time ends

_GAPS_S = (
    8 * _HOUR, 8 * _HOUR - 1, 8 * _HOUR + 1, 0, -2 * _HOUR, _HOUR, 12 * _HOUR, 3 * _DAY,
    30 * _DAY, 30 * _DAY + 60, 30 * _DAY - 60, 29 * _DAY, 29 * _DAY + 20 * _HOUR, 90 * _DAY,
    200 * _DAY, 335 * _DAY,
)  # fmt: skip
_LENGTHS_S = (2 * _DAY, 0, 3 * _HOUR, 26 * _HOUR, 10 * _DAY)
_UNITS = (
    ("med", "hospital"), ("surg", "hospital"), ("psy", "psychiatry"), ("home", "municipal"),
    ("er", "emergency"),
)  # fmt: skip
_SORTS = (
    ("overnight", "med"), ("overnight", "surg"), ("overnight", "med"), ("overnight", "psy"),
    ("outpatient", "med"), ("overnight", "home"),
)  # fmt: skip

contact_choices = st.tuples(
    st.sampled_from(range(len(_GAPS_S))),
    st.sampled_from(range(len(_LENGTHS_S))),
    st.sampled_from(range(len(_SORTS))),
    st.sampled_from(("1", "1", "1", "4", "5", "2")),
    st.sampled_from((None, None, "rehabilitation", "other")),
    st.sampled_from((0, 0, 0, 0, 1, 2, 3, 4, 5)),
    st.sampled_from((False,) * 11 + (True,)),
    st.sampled_from((None, None, "I50.9", "J44", "Z00")),
)
patient_choices = st.tuples(
    st.sampled_from((None, 1940, 1956, 1957, 1958, 1990)),
    st.sampled_from(("female", "male", None)),
    st.sampled_from((None, None, None, 0, 20, 29, 30, 31)),
    st.booleans(),
    st.lists(contact_choices, min_size=0, max_size=7),
)
graph_choices = st.lists(patient_choices, min_size=1, max_size=3)
"""One small graph; every graph has units of its own."""


def tables_of(graphs: list[Any], *, has_coverage: bool) -> dict[str, list[Row]]:
    """Return the canonical tables that hold all the graphs side by side."""
    tables: dict[str, list[Row]] = {
        name: []
        for name in ("patients", "units", "contacts", "municipalities", "residences", "diagnoses")
    }
    tables["municipalities"] = [
        {"municipality_code": "5501", "name": "Tromsø"},
        {"municipality_code": "5503", "name": "Harstad"},
    ]
    tables["diagnosis_groups"] = [
        {"diagnosis_group": "heart failure", "system": "ICD-10", "code_prefix": "I50"},
        {"diagnosis_group": "asthma or COPD", "system": "ICD-10", "code_prefix": "J4"},
    ]
    # A load needs a contact; this one makes no stay.
    tables["patients"].append({"patient_id": "visitor", "birth_year": 1970, "sex": "male"})
    tables["units"].append({"unit_id": "office", "name": "Office", "level": "gp"})
    tables["contacts"].append(
        {
            "contact_id": "visit", "patient_id": "visitor", "unit_id": "office",
            "care_level": "outpatient", "started_at": _local(_FIRST_S), "ended_at": None,
        }
    )  # fmt: skip
    for g, patients in enumerate(graphs):
        tables["units"] += [
            {"unit_id": f"g{g}-{unit}", "name": f"{unit} {g}", "level": level}
            for unit, level in _UNITS
        ]
        for p, choices in enumerate(patients):
            _add_patient(tables, f"g{g}", f"g{g}p{p}", choices)
    if has_coverage:
        last = max((row["started_at"][:10] for row in tables["contacts"]), default="2024-01-01")
        to = (date.fromisoformat(last) - timedelta(days=45)).isoformat()
        tables["coverage"] = [
            {"source": "a", "level": "hospital", "covered_from": "2020-01-01", "covered_to": to}
        ]
    return tables


def _add_patient(tables: dict[str, list[Row]], graph: str, patient: str, choices: Any) -> None:
    birth_year, sex, died_after, is_open, contacts = choices
    now = _FIRST_S + (sum(map(ord, patient)) % 40) * _DAY
    last_end = now
    own: list[Row] = []
    for n, contact in enumerate(contacts):
        gap, length, sort, urgency, service, children, ended_dead, code = contact
        start = now + _GAPS_S[gap]
        end = start + _LENGTHS_S[length]
        care_level, unit = _SORTS[sort]
        row = {
            "contact_id": f"{patient}c{n}",
            "patient_id": patient,
            "unit_id": f"{graph}-{unit}",
            "care_level": care_level,
            "service": service,
            "urgency": urgency,
            "ended_dead": ended_dead,
            "start": start,
            "end": end,
        }
        own += [row, *_children(row, graph, children)]
        if code is not None:
            tables["diagnoses"].append(
                {"contact_id": row["contact_id"], "code": code, "system": "ICD-10", "rank": "1"}
            )
        now = max(now, end) if gap % 3 else end
        last_end = max(last_end, end)
    inpatient = [row for row in own if row.get("care_level") == "overnight"]
    if is_open and inpatient:
        # Only the last inpatient contact may be without an end.
        newest = max(inpatient, key=lambda row: (row["start"], row["contact_id"]))
        newest["end"] = None
        newest["ended_dead"] = False
    for row in own:
        row["started_at"] = _local(row.pop("start"))
        end = row.pop("end")
        row["ended_at"] = None if end is None else _local(end)
    tables["contacts"] += own
    died = None
    if died_after is not None:
        last_on = datetime.fromtimestamp(last_end, _OSLO).date()
        died = (last_on + timedelta(days=died_after)).isoformat()
    tables["patients"].append(
        {"patient_id": patient, "birth_year": birth_year, "sex": sex, "died_on": died}
    )
    if birth_year is not None:
        moved = datetime.fromtimestamp(_FIRST_S + 60 * _DAY, _OSLO).date().isoformat()
        tables["residences"] += [
            {"patient_id": patient, "municipality_code": "5501", "valid_to": moved},
            {"patient_id": patient, "municipality_code": "5503", "valid_from": moved},
        ]


def _children(parent: Row, graph: str, pattern: int) -> list[Row]:
    """Contacts below an admission: wards one after another, an emergency room before it, gaps."""
    start, end = parent["start"], parent["end"]
    middle = (start + end) // 2
    parts: dict[int, list[tuple[str, int, int | None]]] = {
        0: [],
        1: [("med", start, middle), ("surg", middle, end)],
        2: [("er", start - 2 * _HOUR, start), ("med", start, middle), ("med", middle, end)],
        3: [("surg", middle, end)],
        4: [("med", start, None), ("surg", middle, end)],
        5: [("med", start, end), ("surg", middle, end), ("er", middle, middle)],
    }
    return [
        {
            "contact_id": f"{parent['contact_id']}w{n}",
            "patient_id": parent["patient_id"],
            "unit_id": f"{graph}-{unit}",
            "parent_contact_id": parent["contact_id"],
            "start": begin,
            "end": finish,
        }
        for n, (unit, begin, finish) in enumerate(parts[pattern])
    ]


def _local(instant: int) -> str:
    """Local time with its offset, so that the hour that occurs twice keeps its meaning."""
    return datetime.fromtimestamp(instant, _OSLO).isoformat()


def days_to_ask(tables: dict[str, list[Row]], picks: list[int]) -> list[date]:
    """Return days at which the graph is asked: the last, and some on which something begins."""
    days = sorted({date.fromisoformat(row["started_at"][:10]) for row in tables["contacts"]})
    if not days:
        return [date(2024, 1, 1)]
    return list(dict.fromkeys([days[-1], *(days[pick % len(days)] for pick in picks)]))
