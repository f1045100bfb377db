"""Every pair of places, with the flow and the distance between them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["EARTH_KM", "flow_pairs", "great_circle_km"]

EARTH_KM = 6371.0088
"""Mean radius of the earth [km], of the IUGG (Moritz 2000, Journal of Geodesy 74:128)."""

Floats: TypeAlias = npt.NDArray[np.float64]


def great_circle_km(
    latitude: npt.ArrayLike,
    longitude: npt.ArrayLike,
    other_latitude: npt.ArrayLike,
    other_longitude: npt.ArrayLike,
) -> Floats:
    """Return the distances over the surface of the earth, taken as a ball [km].

    Parameters
    ----------
    latitude, longitude, other_latitude, other_longitude
        Degrees, north and east above 0.

    Notes
    -----
    The haversine formula (Sinnott 1984, Sky and Telescope 68:159); by up to 0.6 % off on the
    earth's real shape, and no distance by road.

    Examples
    --------
    >>> round(float(great_circle_km(0, 0, 0, 180)), 1)
    20015.1
    """
    north, other_north = np.radians(latitude), np.radians(other_latitude)
    east, other_east = np.radians(longitude), np.radians(other_longitude)
    half_chord = (
        np.sin((other_north - north) / 2) ** 2
        + np.cos(north) * np.cos(other_north) * np.sin((other_east - east) / 2) ** 2
    )
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0))))


def flow_pairs(
    flows: pd.DataFrame, origins: pd.DataFrame, destinations: pd.DataFrame
) -> pd.DataFrame:
    """Return every pair of origin and destination, with its flow: 0 where none was seen.

    Parameters
    ----------
    flows
        ``from_id``, ``to_id``, ``n`` (null: not known, as where it is hidden); rows of a pair are
        added up. Flows from or to a place that is not in the tables are left out.
    origins
        One row a place that was covered: ``id``, ``latitude``, ``longitude`` [degrees, null:
        not known], ``population`` [persons].
    destinations
        The same with ``capacity`` instead: whatever says how much is there (beds, contacts of all).

    Returns
    -------
    ``from_id``, ``to_id``, ``n``, ``population``, ``capacity``, ``distance_km`` (null where a
    place is not known), in order of the ids.

    Raises
    ------
    ValueError
        An id is there twice.

    Examples
    --------
    >>> place = {"latitude": [69.0, 68.0], "longitude": [18.0, 18.0]}
    >>> pairs = flow_pairs(
    ...     pd.DataFrame({"from_id": ["a"], "to_id": ["b"], "n": [7]}),
    ...     pd.DataFrame({"id": ["a", "b"], **place, "population": [100, 200]}),
    ...     pd.DataFrame({"id": ["a", "b"], **place, "capacity": [10, 20]}),
    ... )
    >>> pairs["n"].to_list(), pairs["distance_km"].round(1).to_list()
    ([0.0, 7.0, 0.0, 0.0], [0.0, 111.2, 111.2, 0.0])
    """
    if origins["id"].duplicated().any() or destinations["id"].duplicated().any():
        raise ValueError("a place is there twice")
    pairs = (
        origins.add_prefix("from_")
        .merge(destinations.add_prefix("to_"), how="cross")
        .sort_values(["from_id", "to_id"], ignore_index=True)
    )
    seen = flows.assign(n=flows["n"].astype("Float64")).groupby(["from_id", "to_id"])["n"]
    added = seen.sum().mask(seen.count() < seen.size())
    index = pd.MultiIndex.from_frame(pairs[["from_id", "to_id"]])
    is_seen = index.isin(added.index)
    n = added.reindex(index).to_numpy(dtype=np.float64, na_value=np.nan)
    ends = (
        pairs[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("from_latitude", "from_longitude", "to_latitude", "to_longitude")
    )
    return pd.DataFrame(
        {
            "from_id": pairs["from_id"],
            "to_id": pairs["to_id"],
            "n": np.where(is_seen, n, 0.0),
            "population": pairs["from_population"].to_numpy(dtype=np.float64, na_value=np.nan),
            "capacity": pairs["to_capacity"].to_numpy(dtype=np.float64, na_value=np.nan),
            "distance_km": great_circle_km(*ends),
        }
    )
