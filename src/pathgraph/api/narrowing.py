"""Rows narrowed to places: ``in.<facet>=value`` in an address (municipality, age group, unit)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from pathgraph.api.asking import Asker
from pathgraph.queries.facets import Places, filtered, places_of
from pathgraph.queries.result import Result

__all__ = ["chosen_of", "names_of", "narrowed", "places_for"]

_BEGIN = "in."


def names_of(request: Request) -> tuple[str, ...]:
    """Return the parameters of the address that narrow, so that no other reader takes them."""
    return tuple(name for name in request.query_params if name.startswith(_BEGIN))


def chosen_of(request: Request) -> dict[str, tuple[str, ...]]:
    """Return the values chosen in each facet; names that are no facet are kept, to be refused."""
    return {
        name.removeprefix(_BEGIN): tuple(v for v in request.query_params.getlist(name) if v)
        for name in names_of(request)
        if any(request.query_params.getlist(name))
    }


def places_for(asker: Asker, result: Result) -> Places | None:
    """Return where the rows belong, for a finding whose rows are about single patients."""
    if not result.finding.is_patient_level:
        return None
    return places_of(asker.engine, result, timeout_s=asker.timeout_s, answers=asker.answers)


def narrowed(asker: Asker, result: Result, chosen: Mapping[str, tuple[str, ...]]) -> Result:
    """Return the rows that have one of the values chosen in each facet.

    Raises
    ------
    UsageError
        When something else than a facet of the answer was chosen.
    """
    if not chosen:
        return result
    return filtered(
        result,
        places_of(asker.engine, result, timeout_s=asker.timeout_s, answers=asker.answers),
        chosen,
    )
