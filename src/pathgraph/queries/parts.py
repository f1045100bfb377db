"""What folds make of the texts in ``cypher/parts`` that several of them ask for."""

from __future__ import annotations

import pandas as pd

from pathgraph.analysis.holders import Places, places_of
from pathgraph.analysis.known_ends import goes_on_after, with_known_ends
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["PLACE_DAYS", "asked_places", "stays_as_known"]

PLACE_DAYS = ("unit_from_day", "unit_to_day", "employed_from_day", "employed_to_day")


def asked_places(context: Context) -> Places:
    """Return where holders stand; the finding names the part ``places``."""
    return places_of(frame_of(context.query("places"), integers=PLACE_DAYS))


def stays_as_known(stays: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the stays with end and unit as known on the day.

    The finding names the part ``stays_under_way``, which is asked only where a stay goes on.

    Parameters
    ----------
    stays
        As :func:`pathgraph.analysis.known_ends.with_known_ends` takes them.
    """
    if not goes_on_after(stays, context.as_of_s).any():
        return stays
    contacts = frame_of(
        context.query("stays_under_way"), integers=["sequence", "ended_s", "ended_day"]
    )
    return with_known_ends(stays, contacts, context.as_of_s)
