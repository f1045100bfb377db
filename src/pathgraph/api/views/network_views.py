"""What a network's page shows in each of the ways of looking at it."""

from __future__ import annotations

from typing import Any

from pathgraph.api.language import Language
from pathgraph.api.page import Here
from pathgraph.api.views.network import NetworkView
from pathgraph.api.views.network_chord import ChordView, chord_view
from pathgraph.api.views.network_form import Asked
from pathgraph.api.views.network_matrix import matrix_view
from pathgraph.queries.network_pictures import Picture
from pathgraph.queries.network_views import arcs_of

__all__ = ["chord_of", "further_views"]


def further_views(
    picture: Picture, asked: Asked, view: NetworkView, language: Language, here: Here
) -> dict[str, Any]:
    """Return what the template needs besides the picture: a matrix, or a chord diagram."""
    if asked.view == "matrix":
        return {"matrix": matrix_view(picture.result, asked, language, here)}
    if asked.view == "chord":
        return {"chord": chord_of(picture, asked, view)}
    return {}


def chord_of(picture: Picture, asked: Asked, view: NetworkView) -> ChordView:
    """Return the picture's ties as a chord diagram."""
    arcs, ribbons = arcs_of(picture, asked.wish.weight)
    ends = list(zip(picture.ties["from_id"], picture.ties["to_id"], strict=True))
    return chord_view(view, arcs, ribbons, ends)
