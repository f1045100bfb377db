"""Patients alive in both somatic and psychiatric or substance treatment."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(_: pa.Table, context: Context) -> int:
    """Return the number of patients, each a row of the part ``in_both_kinds_of_care``."""
    return int(context.query("in_both_kinds_of_care").num_rows)
