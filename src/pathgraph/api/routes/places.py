"""Municipalities and units: who lives and comes there, and how they are tied to others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import Asker, answer, ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import FORMS, in_form, selection_of
from pathgraph.api.openapi import table_operation
from pathgraph.api.page import Here, language_for, page
from pathgraph.api.problems import not_found
from pathgraph.api.serving import Limits
from pathgraph.api.views.finding import downloads, permanent
from pathgraph.api.views.place_pages import municipality_context, unit_context
from pathgraph.api.views.places import Answers, branches_of, units_found
from pathgraph.api.views.tables import table_of
from pathgraph.errors import ParameterError, TableNotLoadedError
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.network_time import change_of_place
from pathgraph.queries.places import below, depth_of, only, ties_of, with_standing
from pathgraph.queries.result import Result
from pathgraph.queries.select import Selection, select
from pathgraph.sentence import sentence

__all__ = ["MUNICIPALITY_TABLES", "UNIT_TABLES", "router"]

router = APIRouter(route_class=DataRoute)

_MOST_SEARCH = 100
_FIRST_LINE = ("gp", "municipal", "emergency")
_CLINICS = {"depth": "clinic"}
"""A municipality's ties go to clinics: their wards would be too many to read."""
_NO_MUNICIPALITY = "There is no municipality of that number."
_NO_UNIT = "There is no unit of that id."

Ask = Callable[[Asker, str, str | None], Result]


def _rows(finding: str, column: str, **parameters: str) -> Ask:
    """Return the rows of a finding that are about the place."""
    return lambda asker, place, as_of: only(
        asker.run(finding, parameters, as_of=as_of), column, place
    )


def _findings(by: str) -> Ask:
    return lambda asker, place, as_of: with_standing(
        only(asker.run("findings_by_place", {"by": by}, as_of=as_of), "place", place)
    )


def _own_units(asker: Asker, municipality: str, as_of: str | None) -> set[str]:
    """Return the topmost units of the municipality's own first line, each a node of networks."""
    units = only(asker.run("units", as_of=as_of), "municipality_code", municipality)
    return {
        row["unit"]
        for row in units.table.select(["unit", "part_of", "level"]).to_pylist()
        if row["part_of"] is None and row["level"] in _FIRST_LINE
    }


def _ties_of_municipality(network: str, direction: str, asked: Mapping[str, str] = _CLINICS) -> Ask:
    def ties(asker: Asker, municipality: str, as_of: str | None) -> Result:
        ids = _own_units(asker, municipality, as_of)
        return ties_of(asker.run(network, asked, as_of=as_of), ids, direction)

    return ties


def _ties_of_unit(network: str, direction: str) -> Ask:
    def ties(asker: Asker, unit: str, as_of: str | None) -> Result:
        row = only(asker.run("units", as_of=as_of), "unit", unit).table.to_pylist()[0]
        depth = depth_of(row["kind"], is_topmost=row["part_of"] is None)
        found = asker.run(network, {"depth": depth}, as_of=as_of)
        return ties_of(found, {unit}, direction, with_itself=True)

    return ties


MUNICIPALITY_TABLES: Mapping[str, Ask] = {
    "facts": _rows("municipalities", "municipality_code"),
    "contact_points": _rows("contact_points", "municipality_code"),
    "findings": _findings("municipality"),
    "comes_to": lambda asker, place, as_of: ties_of(
        asker.run("municipality_units", _CLINICS, as_of=as_of), {place}, "from"
    ),
    "changes": change_of_place,
    "quiet_partners": _rows("quiet_pairs", "from_id"),
    "single_person": _rows("single_person_ties", "from_id"),
    "shares_with": _ties_of_municipality("shared_patients", "any"),
    "goes_to": _ties_of_municipality("unit_transfers", "from"),
    "comes_from": _ties_of_municipality("unit_transfers", "to"),
    "one_way": _ties_of_municipality("one_way_ties", "any", {}),
    "ages": _rows("residents", "municipality_code"),
    "waiting": _rows("ready_for_discharge_days", "municipality_code"),
    "readmissions": _rows("readmission_rates", "by_value", by="municipality"),
    "notices": _rows("late_notice_to_municipality", "municipality_code"),
}
"""Tables of a municipality's page by name, ``findings`` where none is named."""

UNIT_TABLES: Mapping[str, Ask] = {
    "facts": _rows("units", "unit"),
    "parts": lambda asker, place, as_of: below(asker.run("units", as_of=as_of), place),
    "findings": _findings("clinic"),
    "lives_in": _ties_of_unit("municipality_units", "to"),
    "shares_with": _ties_of_unit("shared_patients", "any"),
    "goes_to": _ties_of_unit("unit_transfers", "from"),
    "comes_from": _ties_of_unit("unit_transfers", "to"),
    "refers_to": _ties_of_unit("referral_network", "from"),
    "referred_from": _ties_of_unit("referral_network", "to"),
    "waiting": _rows("ready_for_discharge_days", "unit"),
    "readmissions": _rows("readmission_rates", "by_value", by="unit"),
    "follow_up": _rows("follow_up_after_discharge", "unit"),
}
"""Tables of a unit's page by name."""


def _data_endpoint(finding: str, form: str) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        result = await answer(request, finding, as_of=_day(request))
        return await in_form(request, result, form, name=f"{finding}-{result.as_of}")

    return endpoint


def _table_endpoint(
    tables: Mapping[str, Ask], absent: str, form: str
) -> Callable[[Request, str], Any]:
    async def endpoint(request: Request, place: str) -> Response:
        name = request.query_params.get("table") or "findings"
        if name not in tables:
            said = sentence("There is no such table. The tables: {listed}.",
                            listed=", ".join(tables))  # fmt: skip
            raise ParameterError([("table", said)])
        day = _day(request)

        def asked(asker: Asker) -> Result | None:
            is_known = len(tables["facts"](asker, place, day)) > 0
            return tables[name](asker, place, day) if is_known else None

        result = await ask(request, asked)
        if result is None:
            raise not_found(sentence(absent))
        return await in_form(request, result, form, name=f"{place}-{name}-{result.as_of}")

    return endpoint


for _form in FORMS:
    for _finding, _tables, _absent, _place in (
        ("municipalities", MUNICIPALITY_TABLES, _NO_MUNICIPALITY, "number of the municipality"),
        ("units", UNIT_TABLES, _NO_UNIT, "id of the unit"),
    ):
        router.add_api_route(
            f"/{_finding}.{_form}",
            _data_endpoint(_finding, _form),
            operation_id=f"every_{_finding}_{_form}",
            tags=["places"],
            openapi_extra=table_operation(find_finding(_finding), _form, Limits()),
        )
        router.add_api_route(
            f"/{_finding}/{{place:key}}.{_form}",
            _table_endpoint(_tables, _absent, _form),
            operation_id=f"one_of_{_finding}_{_form}",
            tags=["places"],
            openapi_extra=table_operation(
                find_finding(_finding), _form, Limits(), tables=tuple(_tables), place=_place
            ),
        )


@router.get("/municipalities", include_in_schema=False)
async def municipalities(request: Request) -> Response:
    """Return the municipalities as a table that can be sorted."""
    language, here, selection = language_for(request), Here(request), selection_of(request)
    try:
        result = await answer(request, "municipalities", as_of=_day(request))
    except TableNotLoadedError as error:
        return page(request, "municipalities.html", table=None, why_not=str(error.args[0]))
    # By name, as people look for them; their numbers are in another order.
    sort = selection.sort or "municipality_name"
    chosen = select(result, Selection(selection.where, sort, key=selection.key))
    return page(
        request,
        "municipalities.html",
        table=table_of(chosen, language, here=here, sort=sort,
                       chosen=("municipality_code", "name_se", "hospital_area", "dps_area",
                               "population", "n_people")),
        manifest=result.manifest,
        links=downloads(here),
        permanent=permanent(here, result.as_of, None),
        marker=result.marker,
    )  # fmt: skip


@router.get("/municipalities/{place:key}", include_in_schema=False)
async def municipality(request: Request, place: str) -> Response:
    """Return the page of one municipality."""
    answers = await ask(request, lambda asker: _answers(asker, MUNICIPALITY_TABLES, place, request))
    if answers is None:
        raise not_found(sentence(_NO_MUNICIPALITY))
    context = municipality_context(answers, place, language_for(request), Here(request))
    return page(request, "municipality.html", **context)


@router.get("/units", include_in_schema=False)
async def units(request: Request) -> Response:
    """Return all units, each below the one that it is part of, or those that are searched for."""
    language, here = language_for(request), Here(request)
    search = request.query_params.get("q", "").strip()[:_MOST_SEARCH]
    result = await answer(request, "units", as_of=_day(request))
    branches = branches_of(result, language)
    return page(
        request,
        "units.html",
        branches=branches,
        found=units_found(branches, search) if search else None,
        words=search,
        manifest=result.manifest,
        marker=result.marker,
        links=downloads(here),
        permanent=permanent(here, result.as_of, None),
    )


@router.get("/units/{place:key}", include_in_schema=False)
async def unit(request: Request, place: str) -> Response:
    """Return the page of one unit."""
    answers = await ask(request, lambda asker: _answers(asker, UNIT_TABLES, place, request))
    if answers is None:
        raise not_found(sentence(_NO_UNIT))
    every = await answer(request, "units", as_of=_day(request))
    context = unit_context(answers, place, every, language_for(request), Here(request))
    return page(request, "unit.html", **context)


def _answers(
    asker: Asker, tables: Mapping[str, Ask], place: str, request: Request
) -> Answers | None:
    """Ask for all tables of a page; nothing where there is no such place."""
    day = _day(request)
    facts = tables["facts"](asker, place, day)
    if not len(facts):
        return None
    answers: dict[str, Result | TableNotLoadedError] = {}
    for name, asked in tables.items():
        try:
            answers[name] = asked(asker, place, day)
        except TableNotLoadedError as error:
            answers[name] = error
    return answers


def _day(request: Request) -> str | None:
    return request.query_params.get("as_of") or None
