"""Plans that somatic care and psychiatry or substance treatment share.

Tables in, tables out. The definitions are those of ``docs/definitions.md#both-kinds-of-care``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from pathgraph.analysis.holders import Places

__all__ = ["levels_below", "shared_plans"]

_BOTH = frozenset({"hospital", "psychiatry"})


def shared_plans(
    plans: pd.DataFrame, valid_owners: pd.DataFrame, places: Places, kinds: Collection[str]
) -> frozenset[str]:
    """Return the plans that both kinds of care share.

    Parameters
    ----------
    plans
        Active plans: ``plan_id``, ``kind``.
    valid_owners
        Their owners, a row a place, as ``holders.valid_on`` returns them.
    places
        The units, and which is part of which.
    kinds
        Kinds of plan that are shared by their nature.
    """
    by_kind = set(plans.loc[plans["kind"].isin(list(kinds)), "plan_id"])
    at_both = valid_owners[valid_owners["level"].isin(_BOTH)].groupby("subject")["level"].nunique()
    below = levels_below(places)
    above_both = {unit for unit, levels in below.items() if levels >= _BOTH}
    is_above = valid_owners["holder_kind"].eq("unit") & valid_owners["holder_id"].isin(above_both)
    owned = set(valid_owners.loc[is_above.to_numpy(dtype=bool), "subject"])
    return frozenset(by_kind | set(at_both.index[at_both > 1]) | owned)


def levels_below(places: Places) -> Mapping[str, frozenset[str]]:
    """Return the levels of care of each unit and of those that are part of it, directly or not."""
    below: dict[str, set[str]] = {}
    for unit, level in places.units[["unit_id", "level"]].itertuples(index=False):
        for above in places.with_all_above(unit):
            below.setdefault(above, set()).add(level)
    return {unit: frozenset(levels) for unit, levels in below.items()}
