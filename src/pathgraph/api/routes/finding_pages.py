"""Pages of findings: the library, a finding's answer, and its comparison of two days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pathgraph.api.asking import Asker, ask
from pathgraph.api.auth import caller_of
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import Asked, asked_of, for_reader, selection_of
from pathgraph.api.language import Language
from pathgraph.api.narrowing import chosen_of, names_of, places_for
from pathgraph.api.page import Here, language_for, last_day, page
from pathgraph.api.routes.findings import known
from pathgraph.api.serving import serving_of
from pathgraph.api.views.finding import (
    Answered,
    changes_of,
    comparison_headings,
    downloads,
    finding_context,
    first_order,
    pager,
    permanent,
)
from pathgraph.api.views.forms import Field, day_field, fields_of
from pathgraph.api.views.library import library_of
from pathgraph.api.views.tables import table_of
from pathgraph.errors import ParameterError, TableNotLoadedError, UsageError
from pathgraph.queries.catalogue import networks
from pathgraph.queries.distribution import bases, distribution
from pathgraph.queries.facets import Places, facets, filtered, unit_names
from pathgraph.queries.network_places import ground_places
from pathgraph.queries.referral_pages import gap_pictures
from pathgraph.queries.result import Result
from pathgraph.queries.run import explain
from pathgraph.queries.select import Selection, select
from pathgraph.queries.spec import Finding
from pathgraph.queries.summary import month_before

__all__ = ["router"]

router = APIRouter(route_class=DataRoute, include_in_schema=False)

_COLUMNS, _DIVIDE = "columns", "divide"
_MOST_SEARCH = 100
_LISTS_OF_UNITS = ("child_units", "clinics", "coordinators", "owners", "units")


@router.get("/findings")
async def findings(request: Request) -> Response:
    """Return the library, or what of it holds the words that are searched for."""
    search = request.query_params.get("q", "").strip()[:_MOST_SEARCH]
    language = language_for(request)
    shelves = library_of(language, search)
    found = [n for n in networks().values() if _is_found(n, search)]
    return page(
        request, "findings.html", shelves=shelves, search=search, found_networks=found,
        n_found=sum(len(shelf.findings) for shelf in shelves) + len(found),
    )  # fmt: skip


@router.get("/findings/{finding_id}")
async def finding(request: Request, finding_id: str) -> Response:
    """Return a finding's answer as a page."""
    asked_finding = known(finding_id)
    if (tidy := _without_empty(request)) is not None:
        return tidy
    language = language_for(request)
    asked = asked_of(request, skip=(_COLUMNS, _DIVIDE, *names_of(request)))
    is_blank = _is_blank(asked_finding, asked)
    asked = for_reader(asked, asked_finding, language.code)
    if is_blank:
        return _form_alone(request, asked_finding, asked, ())
    chosen = chosen_of(request)
    divide = request.query_params.get(_DIVIDE, "")
    try:
        selection = selection_of(request, paged=True)
        answered = await ask(
            request,
            lambda asker: replace(
                _answered(asker, asked_finding, asked, chosen, selection),
                divided=_divided(asker, asked_finding, asked, divide),
            ),
        )
    except ParameterError as error:
        return _form_alone(request, asked_finding, asked, error.problems)
    except TableNotLoadedError as error:
        return _form_alone(request, asked_finding, asked, (), not_loaded=str(error.args[0]))
    here = Here(request)
    return page(
        request,
        "finding.html",
        pictures=True,
        finding=asked_finding,
        fields=_fields(request, asked_finding, asked, language),
        hidden=_kept(request, asked_finding),
        links=downloads(here),
        permanent=permanent(here, answered.whole.as_of, asked.profile),
        **finding_context(
            answered,
            language,
            here,
            chosen=chosen,
            columns=request.query_params.getlist(_COLUMNS),
            per_page=selection.limit or 1,
            sees_patients=caller_of(request).sees_patients,
        ),
    )


def _is_blank(asked_finding: Finding, asked: Asked) -> bool:
    """Whether nothing was filled in yet where something has to be."""
    needed = [p.name for p in asked_finding.parameters if p.default is None]
    return bool(needed) and not asked.parameters


def _without_empty(request: Request) -> Response | None:
    """Lead to the address without empty parameters, where there are any.

    A form sends every field. An address is read by people, and in a document an empty filter asks
    for rows that have no value.
    """
    given = request.query_params.multi_items()
    kept = [(name, value) for name, value in given if value]
    if len(kept) == len(given):
        return None
    query = f"?{urlencode(kept)}" if kept else ""
    return RedirectResponse(f"{request.url.path}{query}", 303)


def _answered(
    asker: Asker,
    asked_finding: Finding,
    asked: Asked,
    chosen: Mapping[str, tuple[str, ...]],
    selection: Selection,
) -> Answered:
    """Ask all that the page shows, in one turn."""
    id_, parameters = asked_finding.id, asked.parameters
    whole = asker.run(id_, parameters, as_of=asked.as_of, profile=asked.profile)
    before = None
    if asked_finding.is_patient_level:
        earlier = month_before(whole.as_of)
        # What fits today need not fit a month ago: a day given may lie after that.
        with suppress(UsageError):
            before = asker.run(id_, parameters, as_of=earlier, profile=asked.profile)
    places = places_for(asker, whole)
    result = filtered(whole, places, chosen) if places else whole
    if not selection.sort:
        selection = replace(selection, sort=first_order(whole))
    cypher, arguments = explain(
        asker.engine, id_, parameters, as_of=asked.as_of, profile=asked.profile
    )
    return Answered(
        result=result,
        whole=whole,
        page=select(result, selection),
        names=_names(asker, whole, places),
        before=before,
        facets=facets(whole, places, chosen) if places else (),
        cypher=cypher,
        arguments=arguments,
        given=parameters,
        beside=gap_pictures(
            lambda id_, given: asker.run(id_, given, as_of=asked.as_of), whole, parameters
        ),
        places=_places_of_gaps(asker, whole),
    )


def _places_of_gaps(asker: Asker, whole: Result) -> Mapping[str, tuple[float, float]]:
    """Return where municipalities are, where the rows are the referral gaps of municipalities."""
    if whole.finding.id != "referral_gaps" or whole.manifest["parameters"]["by"] != "municipality":
        return {}
    return ground_places(asker.engine, timeout_s=asker.timeout_s)


def _names(asker: Asker, whole: Result, places: Places | None) -> dict[str, Mapping[str, str]]:
    """Return the names of municipalities and units that stand in the rows as ids alone."""
    names: dict[str, Mapping[str, str]] = {}
    if places is not None and "municipality" in places.names:
        names["municipality_code"] = places.names["municipality"]
    lists = [c.name for c in whole.finding.returns if c.name in _LISTS_OF_UNITS]
    if lists:
        units = unit_names(
            asker.engine, whole.as_of, timeout_s=asker.timeout_s, answers=asker.answers
        )
        names |= dict.fromkeys(lists, units)
    return names


def _divided(
    asker: Asker, asked_finding: Finding, asked: Asked, divide: str
) -> tuple[str, Result] | None:
    """Return the patients by one of what they can be divided by: the others are asked in turn."""
    # The one that is asked for comes first; where its table was not loaded, another is shown.
    for by in sorted(bases(asked_finding), key=lambda by: by != divide):
        with suppress(TableNotLoadedError):
            return by, distribution(
                asker.engine,
                asked_finding.id,
                by,
                asked.parameters,
                as_of=asked.as_of,
                profile=asked.profile,
                suppress_below=asker.suppress_below,
                timeout_s=asker.timeout_s,
                answers=asker.answers,
                caller=asker.caller,
            )
    return None


@router.get("/findings/{finding_id}/comparison")
async def comparison(request: Request, finding_id: str) -> Response:
    """Return what became of a finding's rows between two days."""
    asked_finding = known(finding_id)
    if (tidy := _without_empty(request)) is not None:
        return tidy
    language, here = language_for(request), Here(request)
    asked = asked_of(request, skip=("from", "to", _COLUMNS))
    is_blank = _is_blank(asked_finding, asked)
    asked = for_reader(asked, asked_finding, language.code)
    days = _Days.of(request)
    context: dict[str, Any] = {"finding": asked_finding, "hidden": _kept(request, asked_finding)}
    problems: Sequence[tuple[str, str]] = ()
    status = 200
    if is_blank:
        fields = _comparison_fields(request, asked_finding, asked, days, ())
        context |= {"manifest": None, "not_loaded": ""}
        return page(request, "comparison.html", fields=fields, days=days, **context)
    try:
        selection = selection_of(request, paged=True)
        result = await ask(
            request,
            lambda asker: asker.compare(
                finding_id,
                asked.parameters,
                from_day=days.earlier,
                to_day=days.later,
                profile=asked.profile,
            ),
        )
    except ParameterError as error:
        problems, status = error.problems, 422
        context |= {"manifest": None, "not_loaded": ""}
    except TableNotLoadedError as error:
        context |= {"manifest": None, "not_loaded": str(error.args[0])}
        status = 409
    else:
        rows = select(result, selection)
        context |= {
            "manifest": result.manifest,
            "table": table_of(
                rows, language, here=here, sort=selection.sort,
                chosen=request.query_params.getlist(_COLUMNS),
                headings=comparison_headings(result, asked_finding, language),
            ),
            "pager": pager(rows, selection.limit or 1, here),
            "changes": changes_of(result, here, language),
            "links": downloads(here),
            "marker": result.marker,
            "n_shown": rows.manifest["n_selected"],
        }  # fmt: skip
    return page(
        request,
        "comparison.html",
        status=status,
        fields=_comparison_fields(request, asked_finding, asked, days, problems),
        days=days,
        **context,
    )


@dataclass(frozen=True, slots=True)
class _Days:
    """The two days of a comparison; by default the last one loaded and a month before."""

    earlier: str
    later: str

    @classmethod
    def of(cls, request: Request) -> _Days:
        later = request.query_params.get("to") or request.query_params.get("as_of") or ""
        last = last_day(serving_of(request).engine.record()) or date.today()
        day = last
        try:
            day = date.fromisoformat(later) if later else last
        except ValueError:
            later = later or last.isoformat()
        earlier = request.query_params.get("from") or ""
        if not earlier:
            before = month_before(day) if day > date.min + timedelta(days=40) else day
            earlier = before.isoformat()
        return cls(earlier, later or last.isoformat())


def _comparison_fields(
    request: Request,
    asked_finding: Finding,
    asked: Asked,
    days: _Days,
    problems: Sequence[tuple[str, str]],
) -> list[Field]:
    language = language_for(request)
    errors = {name: language.said(text) for name, text in problems}
    rest = [
        field
        for field in fields_of(
            asked_finding,
            language,
            given=asked.parameters,
            as_of=None,
            default_day=None,
            profile=asked.profile,
            problems=problems,
        )
        if field.name != "as_of"
    ]
    earlier = day_field("from", language, days.earlier, None, errors.get("from", ""))
    later = day_field("to", language, days.later, None, errors.get("to", errors.get("as_of", "")))
    return [
        _named(earlier, language.gettext("Earlier day")),
        _named(later, language.gettext("Later day")),
        *rest,
    ]


def _named(field: Field, label: str) -> Field:
    return Field(field.name, label, field.control, field.value, hint="", error=field.error)


def _form_alone(
    request: Request,
    asked_finding: Finding,
    asked: Asked,
    problems: Sequence[tuple[str, str]],
    *,
    not_loaded: str = "",
) -> Response:
    """Return the page without an answer: with what does not fit, or what was not loaded."""
    language = language_for(request)
    return page(
        request,
        "finding.html",
        status=409 if not_loaded else 422 if problems else 200,
        finding=asked_finding,
        fields=_fields(request, asked_finding, asked, language, problems),
        hidden=_kept(request, asked_finding),
        other_problems=_without_field(asked_finding, language, problems),
        manifest=None,
        not_loaded=not_loaded,
    )


def _without_field(
    asked_finding: Finding, language: Language, problems: Sequence[tuple[str, str]]
) -> list[str]:
    """Return what does not fit and has no field to stand beside."""
    fields = {"as_of", "profile", *(p.name for p in asked_finding.parameters)}
    return [language.said(text) for name, text in problems if name not in fields]


def _fields(
    request: Request,
    asked_finding: Finding,
    asked: Asked,
    language: Language,
    problems: Sequence[tuple[str, str]] = (),
) -> list[Field]:
    return fields_of(
        asked_finding,
        language,
        given=asked.parameters,
        as_of=asked.as_of,
        default_day=last_day(serving_of(request).engine.record()),
        profile=asked.profile,
        problems=problems,
    )


def _kept(request: Request, asked_finding: Finding) -> list[tuple[str, str]]:
    """Return what the form keeps of the address besides its own fields."""
    return [
        (name, value)
        for name, value in request.query_params.multi_items()
        if value and (name in ("sort", "per_page", _COLUMNS) or name.startswith(("in.", "where.")))
    ]


def _is_found(network: Finding, search: str) -> bool:
    whole = " ".join((network.id, *network.titles.values(), *network.questions.values()))
    words = search.casefold().split()
    return bool(words) and all(w in whole.replace("_", " ").casefold() for w in words)
