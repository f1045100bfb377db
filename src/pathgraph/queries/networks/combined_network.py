"""How closely units are tied when several kinds of ties are weighed together."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.combined_ties import combined_ties
from pathgraph.errors import ParameterError, TableNotLoadedError
from pathgraph.queries.network_ties import ASKED, WEIGHTS, counted_ties
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["ASKED", "KINDS", "WEIGHTS", "fold"]

KINDS = (
    ("n_shared", "shared_patients"),
    ("n_next", "unit_transfers"),
    ("n_referred", "referral_network"),
    ("n_met", "meetings"),
    ("n_coordinated", "coordinator_ties"),
)
"""Column and network of each kind."""


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair of units; ``table`` only says that there are units."""
    del table
    weights = {
        column: context.number(name) for (column, _), name in zip(KINDS, WEIGHTS, strict=True)
    }
    if not any(weights.values()):
        said = sentence("At least one of the weights must be above 0.")
        raise ParameterError([(name, said) for name in WEIGHTS])
    kinds = {
        column: ties
        for column, network in KINDS
        if weights[column] > 0 and (ties := _ties(context, network)) is not None
    }
    if not kinds:
        said = sentence("Of none of the kinds of ties asked for is there what it needs.")
        raise TableNotLoadedError(said)
    context.notes.append(
        sentence(
            "The weight of a tie is {shared} for each shared patient, {next} for each patient from "
            "contact to next contact, {referred} for each referred, {met} for each met about and "
            "{coordinated} for each coordinated.",
            **{column.removeprefix("n_"): f"{weight:g}" for column, weight in weights.items()},
        )
    )
    combined = combined_ties(kinds, weights)
    # A weight of a tie that is nothing, as fractions are rounded, is no tie.
    combined = combined[combined["weight"].round(9) > 0].reset_index(drop=True)
    for column in (c for c, _ in KINDS if c not in kinds):
        combined[column] = pd.array([pd.NA] * len(combined), dtype="Int64")
    return combined


def _ties(context: Context, network: str) -> pd.DataFrame | None:
    """Return the ties of one kind that count; ``None`` where what it needs is not loaded."""
    try:
        return counted_ties(context, network, fewest=context.whole("min_patients")).ties
    except TableNotLoadedError:
        context.notes.append(
            sentence("{network} is not part of it: what it needs is not loaded.", network=network)
        )
        return None
