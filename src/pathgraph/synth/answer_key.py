"""Writes what the findings must find in a generated region, beside its tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathgraph.synth.lives import Truths
    from pathgraph.synth.region import Region

__all__ = ["write"]


def write(folder: Path, truths: list[Truths], region: Region, as_of: str) -> None:
    """Write ``folder/answer_key``: a file a finding, near misses, and findings still to come.

    Parameters
    ----------
    truths
        Of every block, in order.
    as_of
        The day, ISO 8601, as of which the findings are asked.
    """
