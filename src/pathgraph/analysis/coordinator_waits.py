"""How long patients wait for a coordinator, and what comes before.

Tables in, tables out; days are numbers since 1970-01-01. The definitions are those of
``docs/definitions.md#late-coordinator``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathgraph.analysis.days import day_numbers, iso_dates
from pathgraph.analysis.incidence import cumulative_incidence

__all__ = ["coordinator_delay", "coordinator_waits"]

_EVENTS = ("appointed", "died", "moved")
"""In the order that counts where two fall on one day."""

_HORIZONS_D = (14, 30, 90)


def coordinator_waits(
    assessments: pd.DataFrame,
    roles: pd.DataFrame,
    deaths: pd.DataFrame,
    residences: pd.DataFrame,
    *,
    as_of_day: int,
) -> pd.DataFrame:
    """Return how long each patient waited from the first assessment of the need.

    Parameters
    ----------
    assessments
        Of the need of a coordinator, made by the day: ``patient_id``, ``status``,
        ``assessed_day`` [d].
    roles
        Begun by the day: ``patient_id``, ``valid_from_day``, ``valid_to_day`` [d, null where open].
    deaths
        Known on the day: ``patient_id``, ``died_day`` [d].
    residences
        Begun by the day: ``patient_id``, ``municipality_code``, ``valid_from_day``,
        ``valid_to_day`` [d, null where open].

    Returns
    -------
    ``patient_id``, ``assessed_on``, ``municipality_code``, ``status`` (``appointed``, ``died``,
    ``moved`` or ``waiting``), ``ended_on`` (ISO dates), ``days`` [d].
    """
    waits = _first_needs(assessments)
    lived = _with_starts(residences, waits)
    at_start = lived[(lived["from_day"] <= lived["start"]) & (lived["to_day"] > lived["start"])]
    home = at_start.sort_values(["from_day", "municipality_code"]).groupby("patient_id").last()
    waits["municipality_code"] = waits["patient_id"].map(home["municipality_code"])
    events = {
        "appointed": _appointments(roles, waits),
        "died": deaths.groupby("patient_id")["died_day"].min(),
        "moved": _moves(lived, home["municipality_code"]),
    }
    days = np.column_stack(
        [day_numbers(waits["patient_id"].map(events[name]), np.inf) for name in _EVENTS]
    )
    first = days.min(axis=1)
    is_over = np.isfinite(first)
    ended = np.where(is_over, first, as_of_day)
    status = np.where(is_over, np.array(_EVENTS, dtype=object)[days.argmin(axis=1)], "waiting")
    waits = waits.assign(
        assessed_on=iso_dates(waits["start"]),
        status=status,
        ended_on=iso_dates(np.where(is_over, first, np.nan)).to_numpy(),
        days=ended - waits["start"],
    )
    # An assessment after the death is a mistake of the source: nobody waited.
    return waits[waits["days"] >= 0]


def _first_needs(assessments: pd.DataFrame) -> pd.DataFrame:
    """Return the first assessment of the need after the last one that found none."""
    is_break = assessments["status"].isin(["declined", "criteria_not_met"])
    broken = assessments[is_break].groupby("patient_id")["assessed_day"].max()
    after = day_numbers(assessments["patient_id"].map(broken), -np.inf)
    is_need = (assessments["status"] == "needs") & (assessments["assessed_day"] > after)
    first = assessments[is_need.to_numpy(dtype=bool)].groupby("patient_id")["assessed_day"].min()
    return first.astype("float64").rename("start").reset_index()


def _with_starts(periods: pd.DataFrame, waits: pd.DataFrame) -> pd.DataFrame:
    merged = periods.merge(waits[["patient_id", "start"]], on="patient_id", how="inner")
    return merged.assign(
        from_day=day_numbers(merged["valid_from_day"], -np.inf),
        to_day=day_numbers(merged["valid_to_day"], np.inf),
    )


def _appointments(roles: pd.DataFrame, waits: pd.DataFrame) -> pd.Series[float]:
    """Return the first day of the wait on which a role is held."""
    held = _with_starts(roles, waits)
    held["begins"] = np.maximum(held["from_day"], held["start"])
    return held[held["to_day"] > held["begins"]].groupby("patient_id")["begins"].min()


def _moves(lived: pd.DataFrame, home: pd.Series[str]) -> pd.Series[float]:
    """Return the first day in another municipality; nothing where the first one is not known."""
    lived = lived.assign(home=lived["patient_id"].map(home))
    is_move = (
        lived["home"].notna()
        & (lived["municipality_code"] != lived["home"])
        & (lived["from_day"] > lived["start"])
    )
    return lived[is_move].groupby("patient_id")["from_day"].min()


def coordinator_delay(waits: pd.DataFrame, *, by: str | None) -> pd.DataFrame:
    """Count how the waits ended, and how soon patients got a coordinator.

    Parameters
    ----------
    waits
        As :func:`coordinator_waits` gives them.
    by
        Column by whose values they are divided (null is a group of its own); ``None`` keeps them
        together.

    Returns
    -------
    One row a group: columns as ``cypher/findings/coordinator_delay.cypher`` declares them, but for
    ``name``. With ``by=None`` there is a row also where nobody waited.
    """
    keys = pd.Series("all", waits.index) if by is None else waits[by]
    keys = keys.astype("object").where(keys.notna(), None)
    labels = ["all"] if by is None else list(dict.fromkeys(keys))
    rows = []
    for label in labels:
        group = waits[(keys.isna() if label is None else keys == label).to_numpy(dtype=bool)]
        counts = group["status"].value_counts()
        cause = group["status"].map({"appointed": 1, "died": 2, "moved": 2, "waiting": 0})
        shares = cumulative_incidence(
            day_numbers(group["days"], np.inf), cause.to_numpy().astype(np.int64), _HORIZONS_D
        )
        rows.append(
            {
                "by_value": label,
                "n_needs": len(group),
                **{f"n_{name}": int(counts.get(name, 0)) for name in (*_EVENTS, "waiting")},
                **{f"share_{d}_days": share for d, share in zip(_HORIZONS_D, shares, strict=True)},
            }
        )
    columns = [
        "by_value", "n_needs", *(f"n_{name}" for name in (*_EVENTS, "waiting")),
        *(f"share_{d}_days" for d in _HORIZONS_D),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"by_value": "object"})
