"""Networks: the list, each as a page with its picture, and each as files."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.analysis.networks import MOST_NODES
from pathgraph.analysis.ties import DEPTHS
from pathgraph.api import words
from pathgraph.api.asking import Asker, answer, ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import (
    FORMS,
    MEDIA_TYPES,
    TABLE_FORMS,
    asked_of,
    attached,
    document_response,
    in_form,
    selection_of,
)
from pathgraph.api.formats import Asked as AskedRows
from pathgraph.api.language import Language
from pathgraph.api.openapi import finding_operation
from pathgraph.api.page import Here, language_for, last_day, page, rendered
from pathgraph.api.problems import not_found
from pathgraph.api.routes.static import own_text, vendor, vendored_text
from pathgraph.api.serving import Limits, serving_of
from pathgraph.api.views.forms import fields_of
from pathgraph.api.views.network import NetworkView
from pathgraph.api.views.network_form import (
    VIEW_NAMES,
    VIEWS,
    Asked,
    network_fields,
    view_parameters,
    wish_of,
)
from pathgraph.api.views.network_page import view_of
from pathgraph.api.views.network_tables import tables_of
from pathgraph.api.views.network_time import changes_by_tie, over_time
from pathgraph.api.views.network_views import chord_of, further_views
from pathgraph.api.views.network_words import node_name, rows_of_nodes, sentences_of
from pathgraph.errors import ParameterError, TableNotLoadedError
from pathgraph.queries.catalogue import networks
from pathgraph.queries.network_pictures import Picture, Wish, graphml_of, picture_of
from pathgraph.queries.network_places import ground_places
from pathgraph.queries.network_time import Changed, Periods, changed_from_before, periods_of
from pathgraph.queries.network_views import on_the_ground, outlines_of, with_most_arcs
from pathgraph.queries.result import Result
from pathgraph.queries.run import explain
from pathgraph.queries.select import Selection, select
from pathgraph.queries.spec import THRESHOLD, Finding
from pathgraph.sentence import sentence

__all__ = ["router"]

router = APIRouter(route_class=DataRoute)

_PICTURES = ("graphml", "svg", "html")
_LEVELS = "levels"
_DEPTH = "depth"
_ENDS_SCRIPT = re.compile("</(?=script)", re.IGNORECASE)
_STRONGEST_FIRST = "-n_patients"

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture with what the page says besides it."""

    picture: Picture
    asked: Asked
    rows: Result | None = None
    depth: str = ""
    """How units are shown, where that is another way than was asked for."""
    cypher: str = ""
    arguments: Any = None
    periods: Periods | None = None
    changed: Changed | None = None
    """What changed from the period before, where that is asked for and covered."""
    outlines: Sequence[Sequence[tuple[float, float]]] = ()


def _known(network_id: str) -> Finding:
    network = networks().get(network_id)
    if network is None:
        raise not_found(sentence("There is no network of that name."))
    return network


def _data_endpoint(network: Finding, form: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        asked = asked_of(request, skip=VIEW_NAMES)
        result = await answer(
            request, network.id, asked.parameters, as_of=asked.as_of, profile=asked.profile
        )
        return await in_form(request, result, form, name=f"{network.id}-{result.as_of}")

    return endpoint


def _picture_endpoint(network: Finding, form: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        drawn = await _drawn(request, network)
        name = f"{network.id}-{drawn.picture.result.as_of}"
        content = {"graphml": _graphml, "svg": _svg, "html": _alone}[form](request, drawn)
        return Response(content, media_type=MEDIA_TYPES[form], headers=attached(name, form))

    return endpoint


def _operation(network: Finding, form: str) -> dict[str, Any]:
    """Return what OpenAPI says of an address: a picture has parameters of its own."""
    operation = finding_operation(network, form, Limits())
    if form in _PICTURES:
        of_rows = ("sort", "limit", "offset")
        kept = [p for p in operation["parameters"] if p["name"] not in of_rows]
        operation["parameters"] = kept + view_parameters(network)
    return operation


for _network in networks().values():
    for _form in (*FORMS, *_PICTURES):
        _make = _data_endpoint if _form in FORMS else _picture_endpoint
        router.add_api_route(
            f"/networks/{_network.id}.{_form}",
            _make(_network, _form),
            operation_id=f"{_network.id}_{_form}",
            tags=["networks"],
            openapi_extra=_operation(_network, _form),
        )


@router.get("/networks.json", operation_id="networks", tags=["networks"])
async def listing() -> Response:
    """Return what networks there are."""
    return document_response(
        [
            {
                "finding": network.id,
                "version": network.version,
                "titles": dict(network.titles),
                "questions": dict(network.questions),
                "needs": list(network.needs),
                "is_directed": network.is_directed,
                "address": f"/networks/{network.id}",
            }
            for network in networks().values()
        ]
    )


@router.get("/networks", include_in_schema=False)
async def library(request: Request) -> Response:
    """Return the list of networks."""
    loaded = set(serving_of(request).engine.record().manifest.get("tables", ()))
    missing = {n.id: [t for t in n.needs if t not in loaded] for n in networks().values()}
    return page(request, "networks.html", networks=list(networks().values()), missing=missing)


@router.get("/networks/{network_id}", include_in_schema=False)
async def network(request: Request, network_id: str) -> Response:
    """Return a network as a page."""
    its_network = _known(network_id)
    try:
        selection = selection_of(request, paged=True)
        drawn = await _drawn(
            request, its_network, replace(selection, sort=selection.sort or _STRONGEST_FIRST)
        )
    except ParameterError as error:
        return _without_answer(request, its_network, error.problems)
    except TableNotLoadedError as error:
        return _without_answer(request, its_network, (), not_loaded=str(error.args[0]))
    language, picture = language_for(request), drawn.picture
    names = {
        id_: node_name(language, id_, row, picture.groups)
        for id_, row in rows_of_nodes(picture.all_nodes).items()
    }
    view = _view(drawn, language)
    return page(
        request,
        "network.html",
        pictures=True,
        network=its_network,
        view=view,
        summary=_summary(drawn, language),
        picture=picture,
        asked=drawn.asked,
        names=names,
        groups=_fields(request, its_network, drawn.asked, picture),
        kept=_kept(request),
        manifest=picture.result.manifest,
        cypher=drawn.cypher,
        arguments=drawn.arguments,
        links=_links(request),
        change_links=_change_links(request),
        vis=(vendor("vis-network.min.js"), vendor("vis-network.css")),
        **tables_of(drawn.rows, picture, drawn.asked, language, Here(request)),
        **further_views(picture, drawn.asked, view, language, Here(request)),
        **over_time(drawn.periods, drawn.changed, drawn.asked, language, Here(request)),
    )


async def _drawn(
    request: Request, its_network: Finding, selection: Selection | None = None
) -> _Drawn:
    """Ask all that a picture needs, in one turn."""
    asked_rows = asked_of(request, skip=(*VIEW_NAMES, THRESHOLD))
    asked = wish_of(request, its_network)
    drawn, places = await ask(
        request, lambda asker: _asked_all(asker, its_network, asked_rows, asked, selection)
    )
    if asked.view != "map":
        return drawn
    rings = serving_of(request).boundaries
    return replace(drawn, outlines=outlines_of(drawn.picture, places, rings))


def _asked_all(
    asker: Asker,
    its_network: Finding,
    asked_rows: AskedRows,
    asked: Asked,
    selection: Selection | None,
) -> tuple[_Drawn, dict[str, tuple[float, float]]]:
    """Return what is drawn, and where nodes lie on the ground."""
    result, parameters = _small_enough(asker, its_network, asked_rows)
    whole = result
    if _LEVELS in parameters and asked.view == VIEWS[0]:
        every = {name: value for name, value in parameters.items() if name != _LEVELS}
        whole = asker.run(its_network.id, every, as_of=asked_rows.as_of)
    places = ground_places(asker.engine, timeout_s=asker.timeout_s)
    periods = periods_of(asker, result, last_day(asker.engine.record()) or result.as_of)
    changed = None
    if asked.view == "change":
        changed = changed_from_before(asker, result, parameters, periods)
    if changed is not None:
        # Where a node is gone, the later period has no place for it.
        result = whole = changed.drawn
    picture = picture_of(result, asked.wish, places=places, whole=whole)
    if asked.view == "map":
        picture = on_the_ground(picture, places)
    elif asked.view == "chord":
        picture = with_most_arcs(picture, asked.wish.weight)
    cypher, arguments = explain(asker.engine, its_network.id, parameters, as_of=asked_rows.as_of)
    listed = result if asked.view == "list" else picture.shown
    rows = None if selection is None else select(listed, selection)
    depth = parameters.get(_DEPTH, "")
    is_deeper = depth != asked_rows.parameters.get(_DEPTH, "")
    shown_depth = depth if is_deeper else ""
    drawn = _Drawn(picture, asked, rows, shown_depth, cypher, arguments, periods, changed)
    return drawn, places


def _small_enough(
    asker: Asker, its_network: Finding, asked_rows: AskedRows
) -> tuple[Result, dict[str, str]]:
    """Return the answer at the depth asked for, or at the next at which it is a picture."""
    parameters = dict(asked_rows.parameters)
    result = asker.run(its_network.id, parameters, as_of=asked_rows.as_of)
    if _DEPTH not in {p.name for p in its_network.parameters}:
        return result, parameters
    asked_depth = str(result.manifest["parameters"][_DEPTH])
    for depth in DEPTHS[DEPTHS.index(asked_depth) + 1 :]:
        if len({*result.frame["from_id"], *result.frame["to_id"]}) <= MOST_NODES:
            break
        parameters[_DEPTH] = depth
        result = asker.run(its_network.id, parameters, as_of=asked_rows.as_of)
    return result, parameters


def _graphml(request: Request, drawn: _Drawn) -> bytes:
    return graphml_of(drawn.picture)


def _svg(request: Request, drawn: _Drawn) -> str:
    language, is_chord = language_for(request), drawn.asked.view == "chord"
    view = _view(drawn, language)
    return rendered(
        request,
        "network_alone.svg",
        view=view,
        chord=chord_of(drawn.picture, drawn.asked, view) if is_chord else None,
        styles=_styles(),
        manifest=drawn.picture.result.manifest,
        summary=_summary(drawn, language),
    )


def _alone(request: Request, drawn: _Drawn) -> str:
    """Return a file that shows the network without this server, and asks for nothing."""
    language = language_for(request)
    picture = drawn.picture
    return rendered(
        request,
        "network_alone.html",
        network=drawn.picture.result.finding,
        view=_view(drawn, language, is_alone=True),
        summary=_summary(drawn, language),
        manifest=picture.result.manifest,
        styles=_styles(),
        scripts=[_inline(vendored_text("vis-network.min.js")), _inline(own_text("network.js"))],
        **tables_of(picture.shown, picture, drawn.asked, language, None),
    )


def _view(drawn: _Drawn, language: Language, *, is_alone: bool = False) -> NetworkView:
    changes = changes_by_tie(drawn.changed)
    view = view_of(drawn.picture, drawn.asked, language, is_alone=is_alone, changes=changes)
    return view.on(drawn.outlines) if drawn.outlines else view


def _summary(drawn: _Drawn, language: Language) -> list[str]:
    said = sentences_of(drawn.picture, language)
    if drawn.depth:
        text = language.gettext(
            "Units are shown as {depth}: shown as asked they were more than {n}."
        )
        depth = words.code_words(language, drawn.depth, _DEPTH)
        said.append(text.format(depth=depth, n=language.number(MOST_NODES)))
    return said


def _styles() -> Markup:
    return Markup(own_text("pathgraph.css") + own_text("network.css"))


def _inline(script: str) -> Markup:
    """Return a script that may stand in an element, which its own texts cannot end."""
    return Markup(_ENDS_SCRIPT.sub(r"<\\/", script))


def _without_answer(
    request: Request,
    its_network: Finding,
    problems: Sequence[tuple[str, str]],
    *,
    not_loaded: str = "",
) -> Response:
    """Return the page without a picture: with what does not fit, or what was not loaded."""
    return page(
        request,
        "network.html",
        status=409 if not_loaded else 422,
        network=its_network,
        view=None,
        groups=_fields(request, its_network, Asked(Wish()), None, problems),
        problems=problems,
        kept=[],
        not_loaded=not_loaded,
    )


def _fields(
    request: Request,
    its_network: Finding,
    asked: Asked,
    picture: Picture | None,
    problems: Sequence[tuple[str, str]] = (),
) -> Any:
    language = language_for(request)
    rows = asked_of(request, skip=VIEW_NAMES)
    fields = fields_of(
        its_network,
        language,
        given=rows.parameters,
        as_of=rows.as_of,
        default_day=last_day(serving_of(request).engine.record()),
        profile=rows.profile,
        problems=problems,
    )
    given = request.query_params.get(THRESHOLD, "")
    return network_fields(fields, its_network, asked, picture, language, given=given)


def _kept(request: Request) -> list[tuple[str, str]]:
    """Return what the form keeps of the address besides its own fields."""
    # Of several nodes in focus the form shows the first alone.
    further = [("focus", node) for node in request.query_params.getlist("focus")[1:] if node]
    return further + [
        (name, value)
        for name, value in request.query_params.multi_items()
        if value and name in ("sort", "per_page", "at", "selected", "view", "order")
    ]


def _links(request: Request) -> list[tuple[str, str]]:
    here = Here(request)
    forms = (*TABLE_FORMS, ("GraphML", "graphml"), ("SVG", "svg"), ("HTML", "html"))
    without = ("page", "per_page", "at", "selected", "columns")
    return [
        (label, here.beside(form, without=(*without, *(VIEW_NAMES if form in FORMS else ()))))
        for label, form in forms
    ]


def _change_links(request: Request) -> list[tuple[str, str]]:
    """Return the address of what became of all ties from the period before, in each form."""
    here = Here(request)
    without = ("page", "per_page", "sort", "columns", THRESHOLD, *VIEW_NAMES)
    return [
        (label, here.beside(form, without=without).replace(f".{form}", f"/change.{form}", 1))
        for label, form in TABLE_FORMS
    ]
