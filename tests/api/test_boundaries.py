"""Boundaries of the user's own below a network's map: drawn where they lie, refused as a whole."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pathgraph.api.app import create_app
from pathgraph.api.boundaries import read_boundaries
from pathgraph.api.serve import serving_for
from pathgraph.engine import open_engine
from pathgraph.errors import InputError
from pathgraph.settings import Settings
from tests.api.test_networks import page_data

RING = [[18.0, 69.0], [20.0, 69.0], [20.0, 70.0], [18.0, 70.0], [18.0, 69.0]]


def feature(type_: str, coordinates: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": type_, "coordinates": coordinates}}


def written(folder: Path, *features: Any) -> Path:
    file = folder / "boundaries.json"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return file


def test_polygons_and_many_of_them_are_read(tmp_path: Path) -> None:
    file = written(tmp_path, feature("Polygon", [RING]), feature("MultiPolygon", [[RING], [RING]]))
    rings = read_boundaries(file)
    assert len(rings) == 3
    assert rings[0][1] == (69.0, 20.0)
    assert read_boundaries(None) == ()


def test_all_that_does_not_fit_is_said_at_once_and_nothing_of_it(tmp_path: Path) -> None:
    in_metres = [[650123.5, 7732111.25]] * 4
    file = written(
        tmp_path,
        feature("Point", [18.0, 69.0]),
        feature("Polygon", [RING]),
        feature("Polygon", [in_metres]),
        feature("Polygon", [RING[:3]]),
        feature("Polygon", None),
        feature("Polygon", [[["x", 1]] * 4]),
        None,
    )
    with pytest.raises(InputError) as caught:
        read_boundaries(file)
    said = [str(problem) for problem in caught.value.problems]
    assert [s.split()[1] for s in said] == ["1", "3", "4", "5", "6", "7"]
    assert "7732111" not in " ".join(said)


@pytest.mark.parametrize("text", ["{", "[]", '{"features": 1}'])
def test_a_file_of_another_sort_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "boundaries.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_boundaries(file)
    with pytest.raises(InputError):
        read_boundaries(tmp_path / "absent.json")


def test_the_map_is_drawn_on_them(region_graph: str, tmp_path: Path) -> None:
    file = written(tmp_path, feature("Polygon", [RING]))
    with closing(open_engine(region_graph)) as engine:
        app = create_app(serving_for(Settings(boundaries=file), engine, cache=None))
        with TestClient(app, base_url="http://127.0.0.1") as client:
            asked = {"depth": "clinic", "lang": "en"}
            text = client.get("/networks/municipality_units", params={**asked, "view": "map"}).text
            other = client.get("/networks/municipality_units", params=asked).text
    data = page_data(text)
    (path,) = data["outlines"]
    corners = [tuple(map(float, c.split())) for c in path[1:-1].split("L")]
    xs, ys = zip(*corners, strict=True)
    town = next(n for n in data["nodes"] if n["name"] == "Tromsø")
    assert min(xs) < town["x"] < max(xs)
    assert min(ys) < town["y"] < max(ys)
    far = next(n for n in data["nodes"] if n["name"] == "Narvik")
    assert far["y"] > max(ys)
    assert '<g class="outlines"' in text
    assert '<g class="outlines"' not in other
