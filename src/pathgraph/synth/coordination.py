"""Who is what for a patient in the generated region: roles, needs, plans, referrals, waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from pathgraph.synth.canonical import empty_table

if TYPE_CHECKING:
    from pathgraph.synth.lives import Lives
    from pathgraph.synth.region import Period, Region

__all__ = ["draw_coordination", "region_tables"]

_PER_BLOCK = (
    "roles",
    "needs",
    "plans",
    "plan_statuses",
    "plan_revisions",
    "plan_owners",
    "referrals",
    "ready_periods",
    "notices",
)
_ONCE = ("professionals", "employments", "contact_points", "agreements", "unit_serves")


def draw_coordination(
    region: Region, lives: Lives, seed: int, period: Period
) -> dict[str, pa.Table]:
    """Return the canonical tables' rows of one block; truths are added to ``lives.truths``."""
    return {name: empty_table(name) for name in _PER_BLOCK}


def region_tables(region: Region, seed: int, period: Period) -> dict[str, pa.Table]:
    """Return the rows that hold for the whole region.

    ``professionals`` and ``employments`` are further rows, beside those of the region itself.
    """
    return {name: empty_table(name) for name in _ONCE}
