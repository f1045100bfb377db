"""Of each unit the department, within its clinic: for the findings on referrals to the team."""

from __future__ import annotations

from pathgraph.analysis.organisation import departments_of
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["asked_departments"]


def asked_departments(context: Context) -> dict[str, str]:
    """Return the department of each unit, itself where there is none.

    The finding names the part ``named_units``; the rule is that of
    :func:`pathgraph.analysis.organisation.departments_of`.
    """
    units = frame_of(context.query("named_units")).drop_duplicates("unit_id", ignore_index=True)
    return departments_of(units)
