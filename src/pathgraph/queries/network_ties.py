"""The ties of a network that other answers may rest on: those whose numbers anybody may see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.privacy import suppress_answer
from pathgraph.queries.run import Context
from pathgraph.queries.spec import THRESHOLD

__all__ = ["ASKED", "COMBINED", "MEASURED", "WEIGHTS", "CountedTies", "counted_ties"]

ASKED = ("period_days", "depth", "levels")
"""Parameters that are handed on to the network, as far as it has them."""

COMBINED = "combined_network"
"""The network whose ties are of several kinds."""

WEIGHTS = (
    "weight_shared",
    "weight_next",
    "weight_referred",
    "weight_met",
    "weight_coordinated",
)
"""Parameters with the weight of each kind of tie of :data:`COMBINED`."""

MEASURED = (*ASKED, *WEIGHTS, "network", THRESHOLD)
"""Parameters of what is worked out from one network that the caller names."""


@dataclass(frozen=True, slots=True)
class CountedTies:
    """Ties between two different recorded nodes, whose number of patients may be shown.

    Attributes
    ----------
    ties
        The network's rows, with ``weight``: its own, or the number of patients.
    n_all
        Ties between two different recorded nodes, those included that do not count.
    fewest
        Patients that each tie has at least.
    """

    ties: pd.DataFrame
    is_directed: bool
    n_all: int
    fewest: int


def counted_ties(context: Context, network: str, *, fewest: int) -> CountedTies:
    """Return the ties of a network with at least ``fewest`` patients, and no hidden number.

    Small numbers are hidden as at the door, with ``fewest`` as the threshold: what is worked out
    from the rest tells nothing about fewer people.
    """
    finding = find_finding(network, context.folder)
    declared = {parameter.name: parameter for parameter in finding.parameters}
    handed_on = [name for name in (*ASKED, *WEIGHTS) if name in declared]
    values = {name: context.parameters[name] for name in handed_on if name in context.parameters}
    if (declared[THRESHOLD].at_least or 0) > 1:
        values[THRESHOLD] = fewest
    table = context.run(network, values)
    shown = suppress_answer(table, finding, threshold=fewest)
    rows: pd.DataFrame = shown.table.to_pandas()
    is_between = (
        rows["from_id"].notna() & rows["to_id"].notna() & (rows["from_id"] != rows["to_id"])
    )
    is_counted = is_between & (rows["n_patients"].fillna(0) >= fewest)
    ties = rows[is_counted].reset_index(drop=True)
    if "weight" not in ties:
        ties["weight"] = ties["n_patients"].astype(np.float64)
    return CountedTies(ties, bool(finding.is_directed), int(is_between.sum()), fewest)
