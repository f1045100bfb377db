"""Which snapshot is served, the older ones, going back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pathgraph.engine import snapshots
from pathgraph.engine.snapshots import SNAPSHOTS_KEPT, go_back, list_snapshots
from pathgraph.errors import EngineBusyError, GraphNotReadyError, StorageError, UsageError
from pathgraph.model.schema import MODEL_VERSION
from tests.engine.ladybug_loads import (
    engine_at,
    expected_content,
    load_variant,
    served_content,
    variant_size,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "graph"


def test_nothing_is_listed_where_nothing_is(place: Path) -> None:
    assert list_snapshots(place) == []
    place.mkdir()
    assert list_snapshots(place) == []


def test_a_snapshot_is_listed_with_what_it_holds(place: Path) -> None:
    engine = engine_at(place)
    load_id = load_variant(engine, 4)
    (row,) = list_snapshots(place)
    n_patients, n_each = variant_size(4)
    assert row.load_id == load_id
    assert row.loaded_at == "2026-01-01T00:00:00+00:00"
    assert row.source == "tables"
    assert row.counts["Patient"] == n_patients
    assert row.counts["HAD|Patient|Contact"] == n_patients * n_each
    assert row.n_nodes == n_patients * (1 + n_each)
    assert row.n_relationships == n_patients * n_each
    assert row.fingerprint == engine.record().fingerprint
    assert row.is_in_service
    engine.close()


def test_the_last_three_are_kept_newest_first(place: Path) -> None:
    engine = engine_at(place)
    ids = [load_variant(engine, variant) for variant in range(SNAPSHOTS_KEPT + 2)]
    rows = list_snapshots(place)
    assert [row.load_id for row in rows] == ids[: -SNAPSHOTS_KEPT - 1 : -1]
    assert [row.is_in_service for row in rows] == [True, False, False]
    engine.close()


def test_going_back_is_seen_by_a_reader_that_is_open_and_by_a_new_one(place: Path) -> None:
    engine = engine_at(place)
    ids = [load_variant(engine, variant) for variant in range(3)]
    assert served_content(engine) == expected_content(2)
    row = go_back(place, ids[0])
    assert (row.load_id, row.is_in_service) == (ids[0], True)
    assert served_content(engine) == expected_content(0)
    assert served_content(engine_at(place)) == expected_content(0)
    assert [r.load_id for r in list_snapshots(place)] == [ids[0], ids[2], ids[1]]
    engine.close()


def test_the_snapshot_gone_back_to_outlives_one_left_unused(place: Path) -> None:
    engine = engine_at(place)
    ids = [load_variant(engine, variant) for variant in range(3)]
    go_back(place, ids[0])
    newest = load_variant(engine, 3)
    assert [row.load_id for row in list_snapshots(place)] == [newest, ids[0], ids[2]]
    engine.close()


def test_going_back_to_what_is_not_kept_is_refused_and_names_what_is(place: Path) -> None:
    engine = engine_at(place)
    load_id = load_variant(engine, 0)
    for name in ("19990101T000000Z-00000000", "", ".", "../snapshots"):
        with pytest.raises(UsageError, match=load_id):
            go_back(place, name)
    assert served_content(engine) == expected_content(0)
    engine.close()


def test_going_back_in_no_folder_makes_none(place: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        go_back(place, "x")
    assert not place.exists()


def test_going_back_waits_for_no_load(place: Path) -> None:
    engine = engine_at(place)
    first = load_variant(engine, 0)
    load_variant(engine, 1)
    with engine.begin_load(), pytest.raises(EngineBusyError):
        go_back(place, first)
    assert served_content(engine) == expected_content(1)
    engine.close()


def test_going_back_to_another_version_of_the_model_is_refused(place: Path) -> None:
    engine = engine_at(place)
    first = load_variant(engine, 0, manifest={"model_version": MODEL_VERSION - 1})
    load_variant(engine, 1)
    with pytest.raises(GraphNotReadyError, match="Load the data again"):
        go_back(place, first)
    assert served_content(engine) == expected_content(1)
    engine.close()


@pytest.mark.parametrize("damage", ["manifest", "half a manifest", "status", "name", "graph"])
def test_a_damaged_snapshot_is_not_listed_and_the_next_load_removes_it(
    place: Path, damage: str
) -> None:
    engine = engine_at(place)
    first = load_variant(engine, 0)
    second = load_variant(engine, 1)
    folder = place / "snapshots" / first
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text())
    match damage:
        case "manifest":
            manifest.unlink()
        case "half a manifest":
            manifest.write_text(manifest.read_text()[:100])
        case "status":
            manifest.write_text(json.dumps(content | {"status": "running"}))
        case "name":
            manifest.write_text(json.dumps(content | {"load_id": second}))
        case "graph":
            (folder / "graph.lbug").unlink()
    assert [row.load_id for row in list_snapshots(place)] == [second]
    with pytest.raises(UsageError):
        go_back(place, first)
    with engine.begin_load():
        assert not folder.exists()
    assert served_content(engine) == expected_content(1)
    engine.close()


def test_a_snapshot_that_never_came_into_service_is_removed_and_the_served_one_is_not(
    place: Path,
) -> None:
    engine = engine_at(place)
    first = load_variant(engine, 0)
    second = load_variant(engine, 1)
    # As a kill between the steps leaves them: one complete but not yet served, and one served
    # whose note of that is missing.
    for load_id in (first, second):
        (place / "snapshots" / load_id / "served_at").unlink()
    assert [row.load_id for row in list_snapshots(place)] == [second]
    with engine.begin_load():
        pass
    assert [entry.name for entry in (place / "snapshots").iterdir()] == [second]
    third = load_variant(engine, 2)
    assert [row.load_id for row in list_snapshots(place)] == [third, second]
    engine.close()


def test_leftovers_of_killed_loads_are_cleared_before_the_next(place: Path) -> None:
    engine = engine_at(place)
    load_variant(engine, 0)
    (place / "loading-x" / "graph").mkdir(parents=True)
    (place / "removing-x").mkdir()
    (place / "removing-x" / "graph.lbug").write_bytes(b"x")
    (place / ".current-1a2b").write_text("x")
    (place / "quarantine" / "refused.csv").write_text("kept\n")
    with engine.begin_load() as session:
        names = {entry.name for entry in place.iterdir()}
        assert names == {"current", "lock", "quarantine", "snapshots", session.scratch.name}
    assert (place / "quarantine" / "refused.csv").read_text() == "kept\n"
    engine.close()


def test_a_load_id_sorts_by_time_and_is_not_given_twice() -> None:
    ids = {snapshots.new_load_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(load_id) == 25 and load_id[8] == "T" for load_id in ids)


def test_a_place_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    assert list_snapshots(file) == []
    with pytest.raises(UsageError):
        go_back(file, "x")
    with pytest.raises(StorageError), snapshots.holding(file):
        pass


def test_a_note_that_cannot_be_written_after_the_swap_does_not_undo_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_at(place)
    first = load_variant(engine, 0)
    second = load_variant(engine, 1)
    real_replace = os.replace

    def replace_and_fill_the_disk(source: Path, target: Path) -> None:
        real_replace(source, target)
        # From here on nothing can be written below this snapshot.
        note = place / "snapshots" / first / "served_at"
        note.unlink()
        note.mkdir()

    monkeypatch.setattr(os, "replace", replace_and_fill_the_disk)
    go_back(place, first)
    assert served_content(engine) == expected_content(0)
    monkeypatch.undo()
    (place / "snapshots" / first / "served_at").rmdir()
    with engine.begin_load():
        pass
    assert [row.load_id for row in list_snapshots(place)] == [first, second]
    engine.close()
