"""Writes what the findings must find in a generated region, beside its tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa

from pathgraph.errors import StorageError
from pathgraph.synth.lives import Truths
from pathgraph.synth.region import Region
from pathgraph.synth.region_tables import (
    NO_AGREEMENT,
    NO_CONTACT_POINT,
    SOON_NO_AGREEMENT,
    SOON_NO_CONTACT_POINT,
)
from pathgraph.synth.teams import UNDER_REFERRAL_PER_CENT, UNDER_REFERRING

__all__ = ["write"]

# As `missing_contact_physician` has it: a unit that records fewer is taken not to record them.
_MIN_RECORDED_SHARE = 0.05
# As `child_to_adult` has it.
_CHILD_SHARE, _MIN_CONTACTS = 0.9, 10

_README = """\
What the findings must find in this region, as of {as_of} and with their default parameters.

<finding>.csv               the rows of a finding: the columns that tell them apart
near_misses/<finding>.csv   rows that must not be found, with a word for why they nearly are;
                            an empty cell stands for any value
effects/<finding>.csv       differences in size that were planted: the row that has one, and its
                            ratio; chance may hide one, so they are looked for with enough power
later/<name>.csv            what was planted for findings that are still to come

The rows were registered while the lives were drawn, not found by a query. A finding of which this
region holds no case has no file.
"""


def write(folder: Path, truths: list[Truths], region: Region, as_of: str) -> None:
    """Write ``folder/answer_key``: a file a finding, near misses, effects, and what is to come.

    Parameters
    ----------
    truths
        Of every block, in order.
    as_of
        The day, ISO 8601, as of which the findings are asked.

    Raises
    ------
    StorageError
        When the folder cannot be written.
    """
    found = {name: _together([t.found.get(name, []) for t in truths]) for name in _names(truths)}
    for name, (source, settle) in _SETTLED.items():
        if source in found:
            found[name] = settle(found)
    found = {name: table for name, table in found.items() if not name.startswith("_")}
    of_the_region, nearly_of_the_region = _of_the_region()
    found |= of_the_region
    names = {name for t in truths for name in t.near}
    near = {name: _together([t.near.get(name, []) for t in truths]) for name in sorted(names)}
    near |= nearly_of_the_region
    near = {name: _beside(rows, found.get(name, rows[:0])) for name, rows in near.items()}
    place = folder / "answer_key"
    later, nearly_later = _later()
    try:
        for part, tables in (
            (place, found),
            (place / "near_misses", near),
            (place / "effects", _effects(region)),
            (place / "later", later),
            (place / "later" / "near_misses", nearly_later),
        ):
            part.mkdir(parents=True, exist_ok=True)
            for name, rows in tables.items():
                _write_rows(part / f"{name}.csv", rows, as_of)
        (place / "README.txt").write_text(_README.format(as_of=as_of), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The answer key could not be written to {place}: {error.strerror}. Free space there, "
            "or choose another folder."
        ) from None


def _names(truths: list[Truths]) -> list[str]:
    return sorted({name for t in truths for name in t.found})


def _together(parts: list[list[pa.Table]]) -> pd.DataFrame:
    tables = [table for part in parts for table in part if table.num_rows]
    if not tables:
        return pd.DataFrame()
    rows: pd.DataFrame = pa.concat_tables(tables, promote_options="permissive").to_pandas()
    return rows


def _write_rows(file: Path, rows: pd.DataFrame, as_of: str) -> None:
    if rows.empty:
        return
    columns = list(rows.columns)
    texts = rows.astype("object").where(rows.notna(), "").astype(str)
    texts = texts.drop_duplicates().sort_values(columns, kind="stable")
    place = len(columns) - ("near_miss" in columns)
    texts.insert(place, "as_of", as_of)
    texts.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")


def _beside(near: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return near misses with the columns of what is found; an empty cell stands for any value.

    What is found after all is left out: a chance thing in a life that was to show something else.
    """
    if near.empty or found.empty:
        return near
    columns = list(found.columns)
    near = near.astype("object").reindex(columns=[*columns, "near_miss"], fill_value="").fillna("")
    is_filled = near[columns].astype(bool)
    kept = []
    for row, rows in near.groupby(is_filled.astype(int).astype(str).agg("".join, axis=1)):
        filled = [name for name, flag in zip(columns, str(row), strict=True) if flag == "1"]
        planted = pd.MultiIndex.from_frame(found[filled].astype(str))
        nearly = pd.MultiIndex.from_frame(rows[filled].astype(str))
        kept.append(rows[~nearly.isin(planted)])
    return pd.concat(kept).sort_index()


def _settle_contact_physicians(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Tell stays without a contact physician from those at units that record hardly any."""
    stays = found["missing_contact_physician"]
    if stays.empty:
        return stays
    has_recent = stays.groupby("unit")["is_recent"].transform("any")
    pool = stays[stays["is_recent"] | ~has_recent]
    shares = pool.groupby("unit")["is_recorded"].mean()
    records = stays["unit"].map(shares) >= _MIN_RECORDED_SHARE
    missing = stays.assign(status=records.map({True: "missing", False: "not_recorded"}))
    return missing.loc[~stays["is_met"], ["stay_id", "status"]]


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return rows
    return rows.groupby(["municipality_code", "unit"], as_index=False, dropna=False).sum()


def _settle_near_adults(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Find out which units are child units; keep who was seen in these and meets no other."""
    units = found["_contacts_of_units"].groupby("unit")[["n_contacts", "n_young"]].sum()
    is_child = (units["n_contacts"] >= _MIN_CONTACTS) & (
        units["n_young"] >= _CHILD_SHARE * units["n_contacts"]
    )
    seen = found["_seen_before_18"]
    if seen.empty:
        return seen
    at_child = seen["unit"].map(is_child).fillna(False).astype(bool)
    adult = set(seen.loc[~at_child, "patient_id"])
    patients = sorted(set(seen.loc[at_child & seen["is_contact"], "patient_id"]) - adult)
    return pd.DataFrame({"patient_id": patients})


_SENDERS = {
    "n_by_clinic": ("own_clinic",),
    "n_asked_by_team": ("asked_by_team",),
    "n_by_others": ("other_clinic", "gp", "municipal_service", "patient", "relative", "other"),
    "n_sender_unknown": ("not_recorded",),
}


def _settle_gaps(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Count by clinic those of the eligible patients who count, and who referred them."""
    eligible = found["_referral_gaps"]
    counted = eligible[eligible["is_counted"]]
    flags = {
        "n_eligible": counted["is_counted"],
        "n_referred": counted["sender"] != "",
        **{name: counted["sender"].isin(kinds) for name, kinds in _SENDERS.items()},
        "n_competing": counted["is_competing"],
    }
    sums = pd.DataFrame(flags).groupby(counted["clinic"]).sum()
    return sums.rename_axis("by_value").reset_index()


_SETTLED: dict[str, tuple[str, Callable[[dict[str, pd.DataFrame]], pd.DataFrame]]] = {
    "missing_contact_physician": ("missing_contact_physician", _settle_contact_physicians),
    "late_notice_to_municipality": (
        "late_notice_to_municipality",
        lambda found: _summed(found["late_notice_to_municipality"]),
    ),
    "ready_for_discharge_days": (
        "ready_for_discharge_days",
        lambda found: _summed(found["ready_for_discharge_days"]),
    ),
    "referral_gaps": ("_referral_gaps", _settle_gaps),
    "child_to_adult": ("_contacts_of_units", _settle_near_adults),
}
"""By finding: the registered table that it is made of, and how blocks are put together."""


def _of_the_region() -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return by finding what was planted in the region's own tables, and what is nearly so."""
    return {
        "missing_contact_points": pd.DataFrame({"municipality_code": list(NO_CONTACT_POINT)})
    }, {
        "missing_contact_points": pd.DataFrame(
            {"municipality_code": [SOON_NO_CONTACT_POINT], "near_miss": ["ends_tomorrow"]}
        )
    }


def _later() -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return what was planted for findings to come, and what is nearly so."""
    word = {"near_miss": ["ends_tomorrow"]}
    return {
        "handovers_without_agreement": pd.DataFrame(
            list(NO_AGREEMENT), columns=["unit", "other_unit"]
        ),
    }, {
        "handovers_without_agreement": pd.DataFrame(
            {"unit": [SOON_NO_AGREEMENT[0]], "other_unit": [SOON_NO_AGREEMENT[1]], **word}
        ),
    }


def _effects(region: Region) -> dict[str, pd.DataFrame]:
    """Return by finding what was planted as a difference in size, which chance may hide."""
    return {
        "referral_gaps": pd.DataFrame(
            {
                "by_value": list(UNDER_REFERRING),
                # Teams take few of the young, so that like is to be compared with like.
                "basis": "standardised",
                "true_ratio": 0.4,
                "planted_ratio": UNDER_REFERRAL_PER_CENT / 100,
            }
        ),
        "formal_division": pd.DataFrame(
            {
                "municipality_code": region.municipalities.code[list(region.against_division)],
                "true_ratio": 0.25,
                # Of 100 stays 5 are sent to the formal hospital, 90 to the other; visits go there.
                "planted_ratio": 0.1,
            }
        ),
    }
