"""Plans that nobody owns and plans that stand still.

Tables in, tables out; days are numbers since 1970-01-01. The definitions are those of
``docs/definitions.md#plan`` and the sections after it.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathgraph.analysis.coordination import ruling_assessments
from pathgraph.analysis.days import day_numbers, iso_dates, months_later

__all__ = ["missing_individual_plans", "stale_plans", "unowned_plans"]

_FINE, _LEVEL_LEFT, _UNIT_CLOSED, _OWNER_LEFT = range(4)
_REASONS = {
    _LEVEL_LEFT: "level_left",
    _UNIT_CLOSED: "unit_closed",
    _OWNER_LEFT: "owner_left",
}
"""From the mildest to the hardest."""


def unowned_plans(
    plans: pd.DataFrame,
    placed: pd.DataFrame,
    seen: pd.DataFrame,
    *,
    covered_levels: Collection[str],
    as_of_day: int,
) -> pd.DataFrame:
    """Say which active plans have no valid owner, and why.

    Parameters
    ----------
    plans
        One row an active plan: ``patient_id``, ``plan_id``, ``kind``.
    placed
        Their ownerships as ``holders.place_holdings`` gives them, ``subject`` being the plan.
    seen
        ``patient_id`` and ``level``: the levels of care at which a patient had a contact lately.
    covered_levels
        Levels of care of which it is known that no such contact is missing.

    Returns
    -------
    The rows of ``plans`` without valid owner, with ``reason``, ``ended_on`` (ISO date),
    ``last_owner_unit`` and ``last_owner_unit_name``.
    """
    placed = placed.merge(
        plans[["plan_id", "patient_id"]], left_on="subject", right_on="plan_id", how="inner"
    )
    is_held = (placed["held_to"] > as_of_day).to_numpy(dtype=bool)
    held = _ownerships(placed[is_held], seen, covered_levels, as_of_day)
    mildest = held.groupby("plan_id")["rank"].min()
    held = held[held["rank"] == held["plan_id"].map(mildest)]
    ended = _ended_ownerships(placed[~placed["plan_id"].isin(mildest.index)])
    last = pd.concat([held, ended]) if len(held) and len(ended) else held if len(held) else ended
    # Of several, the one that ended last speaks for the plan.
    last = last.sort_values(["plan_id", "ended", "holder_id"], ascending=[True, False, True])
    last = last.drop_duplicates("plan_id").set_index("plan_id")
    found = plans[~plans["plan_id"].isin(mildest.index[mildest == _FINE])]
    own = last.reindex(found["plan_id"])
    return found.assign(
        reason=own["reason"].fillna("never_owned").to_numpy(),
        ended_on=iso_dates(own["ended"].astype("float64")).to_numpy(),
        last_owner_unit=_texts(own["unit_id"]),
        last_owner_unit_name=_texts(own["unit_name"]),
    )


def _ownerships(
    placed: pd.DataFrame, seen: pd.DataFrame, covered_levels: Collection[str], as_of_day: int
) -> pd.DataFrame:
    """Return one row an ownership that is valid: what is wrong with it, since when, and where."""
    is_employed = (placed["employed_to"] > as_of_day).to_numpy(dtype=bool)
    is_open = ((placed["unit_from"] <= as_of_day) & (placed["unit_to"] > as_of_day)).to_numpy()
    is_seen = _pairs(placed["patient_id"], placed["level"]).isin(
        _pairs(seen["patient_id"], seen["level"])
    )
    # A level that is not known, or of which contacts may be missing, is never left.
    is_left = placed["level"].isin(list(covered_levels)).to_numpy() & ~is_seen.to_numpy()
    fine = is_employed & is_open
    rank = np.select([fine, is_employed], [_FINE, _UNIT_CLOSED], _OWNER_LEFT)
    ended = np.select(
        [fine, is_employed], [np.nan, placed["unit_to"]], placed["employed_to"]
    )  # fmt: skip
    # A unit that has not opened yet has not ended.
    ended = np.where(ended <= as_of_day, ended, np.nan)
    rows = placed.assign(rank=rank, ended=ended, is_left=is_left)
    best = rows.groupby("holding")["rank"].transform("min")
    rows = rows[rows["rank"] == best]
    has_left = rows.groupby("holding")["is_left"].transform("all") & (rows["rank"] == _FINE)
    rows["rank"] = rows["rank"].where(~has_left, _LEVEL_LEFT)
    rows = rows.sort_values(["holding", "ended", "unit_id"], ascending=[True, False, True])
    rows = rows.drop_duplicates("holding")
    return rows.assign(reason=rows["rank"].map(_REASONS))


def _ended_ownerships(placed: pd.DataFrame) -> pd.DataFrame:
    """Return one row an ownership that has ended, with the unit at which the owner stood last."""
    stood = placed["employed_from"] < placed["held_to"]
    until = np.minimum(placed["employed_to"], placed["held_to"])
    rows = placed.assign(
        ended=placed["held_to"], reason="ownership_ended", stood=stood, until=until
    )  # fmt: skip
    rows = rows.sort_values(
        ["holding", "stood", "until", "unit_id"], ascending=[True, False, False, True]
    )
    return rows.drop_duplicates("holding")


def _texts(values: pd.Series[str]) -> NDArray[np.object_]:
    return values.astype("object").where(values.notna(), None).to_numpy(dtype=np.object_)


def _pairs(one: pd.Series[str], other: pd.Series[str]) -> pd.Series[str]:
    return one.astype("object").astype(str) + "\n" + other.astype("object").astype(str)


def stale_plans(
    plans: pd.DataFrame,
    revisions: pd.DataFrame,
    acute_ends: pd.DataFrame,
    *,
    months: int,
    grace_d: int,
    as_of_day: int,
) -> pd.DataFrame:
    """Say which active plans stand still, and why.

    Parameters
    ----------
    plans
        One row an active plan: ``patient_id``, ``plan_id``, ``kind``, ``valid_from_day`` [d].
    revisions
        Revisions made by the day: ``plan_id``, ``revised_day``, ``revise_by_day`` [d].
    acute_ends
        ``patient_id`` and ``ended_day`` [d] of acute stays that had ended.
    months
        So many calendar months without a revision are too long.
    grace_d
        Days after an acute stay within which the plan may still be revised.

    Returns
    -------
    The rows of ``plans`` with a reason, with ``reasons``, ``last_revised_on``, ``revise_by``,
    ``last_acute_ended_on`` (ISO dates) and ``days_since_revision`` [d].
    """
    latest = revisions.sort_values("revised_day").drop_duplicates("plan_id", keep="last")
    latest = latest.set_index("plan_id").reindex(plans["plan_id"])
    revised = day_numbers(latest["revised_day"], np.nan)
    revise_by = day_numbers(latest["revise_by_day"], np.nan)
    began = day_numbers(plans["valid_from_day"], np.nan)
    base = np.where(np.isnan(revised), began, revised)
    acute = acute_ends.groupby("patient_id")["ended_day"].max().reindex(plans["patient_id"])
    acute_ended = day_numbers(acute, np.nan)
    due = [months_later(int(day), months) if np.isfinite(day) else np.inf for day in base]
    # Comparisons with what is not known (nan) are false.
    flags = {
        "revise_by_passed": revise_by < as_of_day,
        "not_revised_12_months": np.array(due, dtype=np.float64) <= as_of_day,
        "not_revised_since_acute_stay": (acute_ended <= as_of_day - grace_d) & (base < acute_ended),
    }
    reasons = [
        [name for name, is_so in zip(flags, row, strict=True) if is_so]
        for row in zip(*flags.values(), strict=True)
    ]
    found = plans.assign(
        reasons=pd.Series(reasons, index=plans.index, dtype="object"),
        last_revised_on=iso_dates(revised).to_numpy(),
        revise_by=iso_dates(revise_by).to_numpy(),
        last_acute_ended_on=iso_dates(acute_ended).to_numpy(),
        days_since_revision=as_of_day - base,
    )
    return found[np.array([bool(row) for row in reasons], dtype=bool)]


def missing_individual_plans(
    assessments: pd.DataFrame, coordination: pd.DataFrame, plans: pd.DataFrame
) -> pd.DataFrame:
    """Say who should have an individual plan and has no active one.

    Parameters
    ----------
    assessments
        Of the need of a plan: ``patient_id``, ``status``, ``assessed_day`` [d].
    coordination
        Who should have a coordinator: ``patient_id``, ``basis``, ``since`` (ISO date).
    plans
        Valid plans of the kinds that count: ``patient_id``, ``is_active``, ``is_draft``.

    Returns
    -------
    ``patient_id``, ``basis`` (``recorded_need``, ``coordinator_need`` or ``proxy``), ``since`` (ISO
    date), ``has_draft``.
    """
    ruling = ruling_assessments(assessments)
    needs = ruling[ruling["status"] == "needs"]
    recorded = pd.DataFrame(
        {
            "patient_id": needs["patient_id"],
            "basis": "recorded_need",
            "since": iso_dates(needs["assessed_day"].astype("float64")),
        }
    )
    is_ruled = ruling["status"].isin(["needs", "declined", "criteria_not_met"])
    others = coordination[~coordination["patient_id"].isin(ruling.loc[is_ruled, "patient_id"])]
    # Two duty levels make one patient; the earlier day counts.
    others = others.sort_values(["patient_id", "since"]).drop_duplicates("patient_id")
    bases = others["basis"].replace({"recorded_need": "coordinator_need"})
    found = pd.concat(
        [recorded, others.assign(basis=bases)[["patient_id", "basis", "since"]]], ignore_index=True
    )
    active = plans.loc[plans["is_active"].fillna(False).to_numpy(dtype=bool), "patient_id"]
    drafts = plans.loc[plans["is_draft"].fillna(False).to_numpy(dtype=bool), "patient_id"]
    found = found[~found["patient_id"].isin(active)]
    return found.assign(has_draft=found["patient_id"].isin(drafts))
