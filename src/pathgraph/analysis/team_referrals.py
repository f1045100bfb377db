"""What became of patients who may need a patient-centred team: referred, by whom, when.

Tables in, tables out; times are seconds since 1970 UTC. The definitions are those of
``docs/definitions.md#referral-gaps``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "REFERRED_BY",
    "had_open_episode",
    "had_refused",
    "referral_in_window",
    "referred_again",
    "referred_by",
]

REFERRED_BY = (
    "own_clinic", "asked_by_team", "other_clinic", "gp", "municipal_service", "patient",
    "relative", "other", "not_recorded",
)  # fmt: skip
"""Who referred: the clinic on its own initiative, on the team's, or somebody else."""

_DAY_S = 86_400
_NO_EPISODE = ("rejected", "declined")
_REFERRERS = ("gp", "municipal_service", "patient", "relative")

Flags = NDArray[np.bool_]


def had_open_episode(moments: pd.DataFrame, referrals: pd.DataFrame, *, longest_d: int) -> Flags:
    """Say which patients had an episode with the team that was open at a moment.

    An episode goes from the referral, unless that was rejected or declined by then, to its end;
    one without a recorded end is over ``longest_d`` days after the referral.

    Parameters
    ----------
    moments
        ``patient`` (number), ``at_s`` [s], and ``window_from_s`` [s]: referrals from then on are
        part of what is asked about, and open no episode.
    referrals
        ``patient``, ``sent_s``, ``assessed_s``, ``closed_s`` [s, null where not known],
        ``outcome``.
    """

    def is_open(pairs: pd.DataFrame) -> pd.Series[bool]:
        assessed = pairs["assessed_s"].fillna(np.inf) <= pairs["at_s"]
        is_over = pairs["closed_s"].fillna(np.inf) <= pairs["at_s"]
        is_over |= pairs["sent_s"] + longest_d * _DAY_S <= pairs["at_s"]
        is_over |= assessed & pairs["outcome"].isin(_NO_EPISODE)
        return (pairs["sent_s"] < pairs["window_from_s"]) & ~is_over

    return _any_of(moments, referrals, is_open)


def had_refused(moments: pd.DataFrame, referrals: pd.DataFrame, *, within_d: int) -> Flags:
    """Say which patients declined the team at most so many days [d of 24 h] before a moment."""

    def refused(pairs: pd.DataFrame) -> pd.Series[bool]:
        since = pairs["at_s"] - pairs["assessed_s"].fillna(np.inf)
        return pairs["outcome"].eq("declined") & (since >= 0) & (since <= within_d * _DAY_S)

    return _any_of(moments, referrals, refused)


def referral_in_window(
    moments: pd.DataFrame, referrals: pd.DataFrame, *, within_d: int
) -> pd.DataFrame:
    """Return the first referral of each moment's patient inside its window.

    Parameters
    ----------
    moments
        As for :func:`had_open_episode`; the window goes from ``window_from_s`` to ``within_d`` days
        of 24 h after ``at_s``, both included.
    referrals
        ``patient``, ``sent_s``, ``referral_id`` and whatever else is to be known of them.

    Returns
    -------
    One row a moment, in the order given, with the columns of ``referrals``; null without one.
    """
    pairs = _pairs(moments, referrals)
    is_inside = (pairs["sent_s"] >= pairs["window_from_s"]) & (
        pairs["sent_s"] <= pairs["at_s"] + within_d * _DAY_S
    )
    first = (
        pairs[is_inside]
        .sort_values(["moment", "sent_s", "referral_id"])
        .drop_duplicates("moment")
        .set_index("moment")
    )
    columns = [name for name in referrals.columns if name != "patient"]
    return first[columns].reindex(range(len(moments))).set_axis(moments.index)


def referred_by(referrals: pd.DataFrame, own_clinic: pd.Series[str]) -> pd.Series[str]:
    """Say who sent each referral, as one of :data:`REFERRED_BY`; null where there is none.

    Parameters
    ----------
    referrals
        ``sent_s``, ``from_clinic`` (null where the sender is no unit of the specialist level or
        not recorded), ``from_unit``, ``referrer_type``, ``initiator``.
    own_clinic
        The clinic where the patient was.
    """
    kind, clinic = referrals["referrer_type"], referrals["from_clinic"]
    is_own = clinic.eq(own_clinic).fillna(False).to_numpy(dtype=bool)
    asked = referrals["initiator"].eq("team").fillna(False).to_numpy(dtype=bool)
    codes = np.select(
        [
            referrals["sent_s"].isna().to_numpy(dtype=bool),
            is_own & asked,
            is_own,
            clinic.notna().to_numpy(dtype=bool),
            kind.isin(_REFERRERS).to_numpy(dtype=bool),
            (kind.isna() & referrals["from_unit"].isna()).to_numpy(dtype=bool),
        ],
        [
            np.array("", dtype=object),
            np.array("asked_by_team", dtype=object),
            np.array("own_clinic", dtype=object),
            np.array("other_clinic", dtype=object),
            kind.to_numpy(dtype=object),
            np.array("not_recorded", dtype=object),
        ],
        default=np.array("other", dtype=object),
    )
    return pd.Series(codes, referrals.index, dtype="object").replace({"": None})


def referred_again(referrals: pd.DataFrame, *, within_d: int) -> pd.DataFrame:
    """Return each rejected referral with the patient's next one soon after.

    Parameters
    ----------
    referrals
        ``patient_id``, ``referral_id``, ``sent_s``, ``sent_at``, ``assessed_s`` [s, null where not
        assessed], ``assessed_at``, ``outcome``, ``from_unit``.
    within_d
        Longest time from the rejection to the next one [d of 24 h].

    Returns
    -------
    The rejected ones with ``rejected_at``, ``again_id``, ``again_at``, ``days_between`` [d],
    ``is_same_sender`` (null where a sender is not recorded), ``again_outcome``.
    """
    rejected = referrals[referrals["outcome"].eq("rejected").fillna(False).to_numpy(dtype=bool)]
    after = referrals[["patient_id", "referral_id", "sent_s", "sent_at", "from_unit", "outcome"]]
    pairs = rejected.merge(after, on="patient_id", suffixes=("", "_again"))
    since_s = pairs["sent_s_again"] - pairs["assessed_s"]
    is_soon = (since_s >= 0) & (since_s <= within_d * _DAY_S)
    is_soon &= pairs["referral_id"] != pairs["referral_id_again"]
    pairs = pairs.assign(days_between=since_s.astype("Float64") / _DAY_S)
    pairs = pairs[is_soon.fillna(False).to_numpy(dtype=bool)]
    pairs = pairs.sort_values(["referral_id", "sent_s_again", "referral_id_again"])
    pairs = pairs.drop_duplicates("referral_id", ignore_index=True)
    is_known = pairs["from_unit"].notna() & pairs["from_unit_again"].notna()
    is_same = pairs["from_unit"].eq(pairs["from_unit_again"]).astype("boolean")
    return pairs.assign(
        rejected_at=pairs["assessed_at"],
        again_id=pairs["referral_id_again"],
        again_at=pairs["sent_at_again"],
        is_same_sender=is_same.where(is_known),
        again_outcome=pairs["outcome_again"],
    )


def _any_of(
    moments: pd.DataFrame,
    referrals: pd.DataFrame,
    holds: Callable[[pd.DataFrame], pd.Series[bool]],
) -> Flags:
    pairs = _pairs(moments, referrals)
    found = np.zeros(len(moments), dtype=bool)
    found[pairs.loc[holds(pairs).to_numpy(dtype=bool), "moment"].to_numpy(dtype=np.int64)] = True
    return found


def _pairs(moments: pd.DataFrame, referrals: pd.DataFrame) -> pd.DataFrame:
    """Return each moment with each referral of its patient; ``moment`` is its place."""
    placed = moments[["patient", "at_s", "window_from_s"]].assign(moment=range(len(moments)))
    return placed.merge(referrals, on="patient")
