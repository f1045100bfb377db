"""Stays and next contacts from the contacts table in pandas, to hold against pathgraph's linking.

The counting rules are those of ``docs/definitions.md#stay``, written a second time.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.compare import differences

__all__ = ["TIMEZONE", "compare_linking", "link", "read", "write"]

TIMEZONE = "Europe/Oslo"
ACUTE_URGENCIES = ("1", "2", "3")
MERGE_GAP_S = 8 * 3600
FAR_FUTURE = np.iinfo(np.int64).max // 2

_CONTACT_COLUMNS = [
    "contact_id",
    "patient_id",
    "unit_id",
    "parent_contact_id",
    "care_level",
    "started_at",
    "ended_at",
    "urgency",
    "ended_dead",
]


def link(contacts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Merge stays and link next contacts of what :func:`read` returned."""
    in_order = contacts.sort_values(["patient_id", "started_s", "contact_id"], ignore_index=True)
    return {"stays": _stays(in_order), "next_contacts": _next_contacts(in_order)}


def write(linked: dict[str, pd.DataFrame], answers: Path) -> None:
    """Write each table to a Parquet file in ``answers``, to be compared."""
    answers.mkdir(parents=True, exist_ok=True)
    for name, table in linked.items():
        table.to_parquet(answers / f"{name}.parquet", index=False)


def read(folder: Path) -> pd.DataFrame:
    """Read the contacts of canonical tables, with the level of their units and with instants."""
    contacts = pd.read_parquet(folder / "contacts", columns=_CONTACT_COLUMNS)
    units = pd.read_parquet(folder / "units.parquet", columns=["unit_id", "level"])
    contacts["level"] = contacts["unit_id"].map(units.set_index("unit_id")["level"])
    contacts["started_s"] = _instant(contacts["started_at"])
    contacts["ended_s"] = _instant(contacts["ended_at"])
    return contacts


def _instant(times: pd.Series) -> pd.Series:
    """Turn local times into seconds since 1970 UTC; the hour that occurs twice has its offset."""
    has_offset = times.str.len() > len("2025-01-01T10:00:00")
    local = pd.to_datetime(times.where(~has_offset), format="%Y-%m-%dT%H:%M:%S")
    instants = local.dt.tz_localize(TIMEZONE, ambiguous=np.ones(len(times), dtype=bool))
    instants = instants.dt.tz_convert("UTC")
    given = pd.to_datetime(times.where(has_offset), format="ISO8601", utc=True)
    seconds = (instants.fillna(given) - pd.Timestamp(0, tz="UTC")) // pd.Timedelta("1s")
    return seconds.astype("Int64")


def _stays(contacts: pd.DataFrame) -> pd.DataFrame:
    inpatient = contacts[
        contacts["parent_contact_id"].isna()
        & (contacts["care_level"] == "overnight")
        & contacts["level"].isin(["hospital", "psychiatry"])
    ].copy()
    inpatient["end_s"] = inpatient["ended_s"].fillna(FAR_FUTURE).astype("int64")
    inpatient["is_acute"] = inpatient["urgency"].isin(ACUTE_URGENCIES)
    inpatient["ended_dead"] = inpatient["ended_dead"].fillna(False).astype(bool)
    by_patient = inpatient.groupby("patient_id", sort=False)
    reached = by_patient["end_s"].cummax().groupby(inpatient["patient_id"], sort=False).shift()
    is_first = reached.isna()
    is_late = inpatient["started_s"] - reached.fillna(0).astype("int64") >= MERGE_GAP_S
    begins = is_first | (is_late & (inpatient["urgency"] != "5"))
    stays = inpatient.groupby(begins.cumsum(), sort=False).agg(
        stay_id=("contact_id", "first"),
        patient_id=("patient_id", "first"),
        started_s=("started_s", "first"),
        end_s=("end_s", "max"),
        is_acute_first=("is_acute", "first"),
        is_acute_any=("is_acute", "max"),
        ended_dead=("ended_dead", "max"),
        n_contacts=("contact_id", "size"),
    )
    end_s = stays.pop("end_s").astype("Int64")
    return stays.assign(ended_s=end_s.mask(end_s == FAR_FUTURE))


def _next_contacts(contacts: pd.DataFrame) -> pd.DataFrame:
    leaves = contacts[~contacts["contact_id"].isin(contacts["parent_contact_id"].dropna())]
    following = leaves[["patient_id", "contact_id", "started_s"]].shift(-1)
    has_next = (following["patient_id"] == leaves["patient_id"]).fillna(False)
    # Without a recorded end a contact lasted no time, unless the patient was lying in.
    assumed = leaves["started_s"].where(leaves["care_level"] != "overnight", FAR_FUTURE)
    end_s = leaves["ended_s"].fillna(assumed)
    gap_s = (following["started_s"] - end_s).clip(lower=0)
    return pd.DataFrame(
        {
            "contact_id": leaves["contact_id"],
            "next_contact_id": following["contact_id"],
            "gap_s": gap_s,
        }
    )[has_next]


_LINKED_STAYS = """
SELECT s.stay_id, p.patient_id, s.started_s, s.is_acute_first, s.is_acute_any, s.ended_dead,
       s.n_contacts, s.ended_s
FROM '{graph}/nodes/Stay.parquet' s
JOIN '{graph}/relationships/HAD_STAY__Patient__Stay.parquet' h ON h.to_key = s.node_key
JOIN '{graph}/nodes/Patient.parquet' p ON p.node_key = h.from_key
"""

_LINKED_NEXT_CONTACTS = """
SELECT a.contact_id, b.contact_id AS next_contact_id, n.gap_s
FROM '{graph}/relationships/NEXT_CONTACT__Contact__Contact.parquet' n
JOIN '{graph}/nodes/Contact.parquet' a ON a.node_key = n.from_key
JOIN '{graph}/nodes/Contact.parquet' b ON b.node_key = n.to_key
"""


def compare_linking(graph: Path, answers: Path) -> list[str]:
    """Return what differs between pathgraph's graph tables and what :func:`link` wrote."""
    problems = []
    with duckdb.connect() as connection:
        for name, query, key in (
            ("stays", _LINKED_STAYS, "stay_id"),
            ("next_contacts", _LINKED_NEXT_CONTACTS, "contact_id"),
        ):
            ours = connection.sql(query.format(graph=str(graph).replace("'", "''"))).df()
            theirs = pd.read_parquet(answers / f"{name}.parquet")
            problems += [f"{name}: {text}" for text in differences(ours, theirs, key=[key])]
    return problems
