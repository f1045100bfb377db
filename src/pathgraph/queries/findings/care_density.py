"""How well the providers of each patient know each other through the patients they share."""

from __future__ import annotations

import itertools

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.care_density import care_density, fragmented_care_density
from pathgraph.queries.network_nodes import asked_units, shown_visits
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table`` has who came to which unit."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    visits = shown_visits(table, units)
    levels = {str(unit): str(level) for unit, level in units.nodes["level"].items()}
    within, across = context.number("weight_within"), context.number("weight_across")
    weights = {
        (one, other): within if one == other else across
        for one, other in itertools.combinations_with_replacement(sorted(set(levels.values())), 2)
    }
    found = care_density(visits)
    fragmented = fragmented_care_density(visits, levels, weights)
    found["fragmented_care_density"] = fragmented["fragmented_care_density"]
    found = found[found["n_providers"] >= context.whole("min_providers")]
    return found.rename_axis("patient_id").reset_index().astype({"patient_id": object})
