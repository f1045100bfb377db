"""What was in place when patients were discharged who came back.

Tables in, tables out; days are numbers since 1970-01-01, times seconds since 1970 UTC. The
definitions are those of ``docs/definitions.md#before-the-return``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathgraph.analysis.days import day_numbers

__all__ = [
    "discharges_before_returns",
    "had_active_plan",
    "had_open_referral",
    "had_role",
    "with_missing",
]

_Flags = NDArray[np.bool_]
_DAY_S = 86_400
_LEVELS = {
    "gp": "n_gp",
    "municipal": "n_municipal",
    "emergency": "n_emergency",
    "hospital": "n_outpatient",
    "psychiatry": "n_psychiatry",
}


def discharges_before_returns(
    windows: pd.DataFrame, stays: pd.DataFrame, contacts: pd.DataFrame, members: pd.DataFrame
) -> pd.DataFrame:
    """Return the discharges between the stays of windows, with the contacts that followed.

    Parameters
    ----------
    windows
        ``patient_id``, ``stays`` (ids of the window's acute stays in order, a list).
    stays
        ``stay_id``, ``started_s``, ``ended_s`` [s], ``started_at``, ``ended_at``, ``ended_day``.
    contacts
        ``patient_id``, ``started_s`` (of a stay [s]), ``level``, ``n``: contacts begun after the
        stay and before the next one; after the start of a planned stay, after the end of an
        acute one.
    members
        ``patient_id``, ``started_s`` [s], ``level``: those contacts that are part of a stay.

    Returns
    -------
    One row a stay that another of the window followed: ``patient_id``, ``stay_id``, ``ended_at``,
    ``ended_day``, ``returned_at``, ``gap_days`` [d], ``n_gp``, ``n_municipal``, ``n_emergency``,
    ``n_outpatient``, ``n_psychiatry``.
    """
    listed = windows[["patient_id", "stays"]].explode("stays", ignore_index=True)
    listed = listed.rename(columns={"stays": "stay_id"})
    listed["next_id"] = listed.groupby("patient_id")["stay_id"].shift(-1)
    pairs = listed[listed["next_id"].notna()].reset_index(drop=True)
    known = stays.set_index("stay_id")
    left = known.reindex(pairs["stay_id"]).reset_index(drop=True)
    back = known.reindex(pairs["next_id"]).reset_index(drop=True)
    pairs["ended_at"] = left["ended_at"]
    pairs["ended_day"] = left["ended_day"]
    pairs["returned_at"] = back["started_at"]
    pairs["gap_days"] = (back["started_s"] - left["ended_s"]).astype("float64") / _DAY_S
    bounds = pairs[["patient_id", "stay_id"]].assign(back_s=back["started_s"])
    begun = _begun_between(contacts, bounds.assign(left_s=left["started_s"]))
    inside = _begun_between(members.assign(n=1), bounds.assign(left_s=left["ended_s"]))
    counts = begun.sub(inside, fill_value=0)
    for level, name in _LEVELS.items():
        n = counts.xs(level, level="level") if level in _levels(counts) else pd.Series(dtype=float)
        pairs[name] = pairs["stay_id"].map(n).fillna(0).astype("int64")
    return pairs.drop(columns="next_id")


def _begun_between(contacts: pd.DataFrame, bounds: pd.DataFrame) -> pd.Series[float]:
    """Return how many contacts began from ``left_s`` to ``back_s``, by ``stay_id`` and ``level``.

    Of several bounds of a patient the last one with ``left_s`` at or before the contact counts.
    """
    bounds = bounds.dropna().astype({"left_s": "int64"}).sort_values("left_s")
    contacts = contacts[contacts["patient_id"].isin(bounds["patient_id"])]
    if contacts.empty or bounds.empty:
        none = pd.MultiIndex.from_arrays([[], []], names=["stay_id", "level"])
        return pd.Series(0.0, index=none)
    joined = pd.merge_asof(
        contacts.astype({"started_s": "int64", "n": "float64"}).sort_values("started_s"),
        bounds,
        left_on="started_s",
        right_on="left_s",
        by="patient_id",
    ).dropna(subset=["stay_id"])
    joined = joined[(joined["started_s"] < joined["back_s"]).to_numpy(dtype=bool)]
    return joined.groupby(["stay_id", "level"])["n"].sum()


def _levels(counts: pd.Series[float]) -> set[object]:
    return set(counts.index.get_level_values("level"))


def had_role(discharges: pd.DataFrame, placed: pd.DataFrame, kind: str) -> _Flags:
    """Say for each discharge whether somebody held a role on its day.

    Parameters
    ----------
    discharges
        ``patient_id``, ``ended_day``.
    placed
        As ``holders.place_holdings`` gives it, ``subject`` being the patient.
    """
    rows = _joined(discharges, placed[placed["kind"] == kind].rename(columns=_SUBJECT))
    held = np.ones(len(rows), dtype=bool)
    for name in ("held", "employed", "unit"):
        held &= (rows[f"{name}_from"] <= rows["ended_day"]).to_numpy(dtype=bool)
        held &= (rows[f"{name}_to"] > rows["ended_day"]).to_numpy(dtype=bool)
    return _any(discharges, rows[held])


def had_active_plan(discharges: pd.DataFrame, plans: pd.DataFrame) -> _Flags:
    """Say for each discharge whether a plan was active on its day.

    Parameters
    ----------
    plans
        One row a plan and status: ``patient_id``, ``plan_id``, ``valid_from_day``,
        ``valid_to_day``, ``status``, ``status_from_day`` (both null where it had none).
    """
    rows = _joined(
        discharges,
        plans.assign(
            valid_from_day=day_numbers(plans["valid_from_day"], -np.inf),
            valid_to_day=day_numbers(plans["valid_to_day"], np.inf),
            status_from_day=day_numbers(plans["status_from_day"], -np.inf),
        ),
    )
    day = rows["ended_day"]
    # A plan whose statuses all lie ahead has none yet, and is active while it holds.
    is_ahead = rows["status_from_day"] > day
    rows["status"] = rows["status"].mask(is_ahead, None)
    rows["status_from_day"] = rows["status_from_day"].mask(is_ahead, -np.inf)
    rows = rows[(rows["valid_from_day"] <= day) & (rows["valid_to_day"] > day)]
    rows = rows.sort_values(["discharge", "plan_id", "status_from_day"])
    latest = rows.drop_duplicates(["discharge", "plan_id"], keep="last")
    return _any(discharges, latest[latest["status"].isna() | (latest["status"] == "active")])


def had_open_referral(discharges: pd.DataFrame, referrals: pd.DataFrame) -> _Flags:
    """Say for each discharge whether a referral was sent by the end of its day and not closed.

    Parameters
    ----------
    referrals
        ``patient_id``, ``sent_day``, ``closed_day`` [d, null while open].
    """
    rows = _joined(discharges, referrals)
    closed = day_numbers(rows["closed_day"], np.inf)
    is_open = (rows["sent_day"] <= rows["ended_day"]) & (closed > rows["ended_day"])
    return _any(discharges, rows[is_open.to_numpy(dtype=bool)])


def with_missing(discharges: pd.DataFrame, flags: Mapping[str, _Flags | None]) -> pd.DataFrame:
    """Add what was in place, what was not, and which was each patient's last such discharge.

    Parameters
    ----------
    flags
        Word to one flag a discharge; ``None`` where the source does not say.
    """
    result = discharges.copy()
    missing: list[list[str]] = [[] for _ in range(len(result))]
    for word, flag in flags.items():
        values = [None] * len(result) if flag is None else list(flag)
        result[f"has_{word}"] = pd.array(values, dtype="boolean")
        for words, value in zip(missing, values, strict=True):
            if value is not None and not value:
                words.append(word)
    result["missing"] = pd.Series(missing, index=result.index, dtype="object")
    is_missed = np.array([bool(words) for words in missing], dtype=bool)
    # Rows of a patient stand in order of time.
    last = result[is_missed].drop_duplicates("patient_id", keep="last").index
    result["is_last_missed"] = result.index.isin(last)
    return result


_SUBJECT = {"subject": "patient_id"}


def _joined(discharges: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    own = discharges[["patient_id", "ended_day"]].assign(
        discharge=discharges.index, ended_day=discharges["ended_day"].astype("float64")
    )
    return own.merge(facts, on="patient_id", how="inner")


def _any(discharges: pd.DataFrame, rows: pd.DataFrame) -> _Flags:
    flags: _Flags = discharges.index.isin(rows["discharge"])
    return flags
