"""The folder in which LadybugDB's snapshots lie: which one is served, the older ones, going back.

::

    G/
      current                  id of the snapshot that is served
      snapshots/<load id>/     graph.lbug, ledger.json, manifest.json, served_at
      quarantine/              rows that loads refused
      loading-<load id>/       working files of the load that is under way
      removing-<load id>/      a snapshot on its way out
      lock                     held by the load that is under way

A folder below ``snapshots`` is complete and synced before it gets its name, and ``current`` is
replaced in one step. So a process may be killed anywhere here, and readers see the old snapshot or
the new one.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pathgraph.engine.base import LoadRecord
from pathgraph.errors import (
    EngineBusyError,
    GraphNotReadyError,
    PathgraphError,
    StorageError,
    UsageError,
)
from pathgraph.model.schema import MODEL_VERSION
from pathgraph.sentence import sentence, template

__all__ = [
    "GRAPH_FILE",
    "SNAPSHOTS_KEPT",
    "Snapshot",
    "clear_leftovers",
    "current_id",
    "disk_full_error",
    "go_back",
    "holding",
    "is_disk_full",
    "list_snapshots",
    "new_load_id",
    "put_in_service",
    "read_record",
    "remove_old",
    "scratch_folder",
    "snapshot_folder",
    "storage_errors",
    "sync_file",
    "sync_folder",
    "write_record",
]

GRAPH_FILE = "graph.lbug"

SNAPSHOTS_KEPT = 3
"""How many snapshots a place keeps, the one in service among them."""

_CURRENT, _SNAPSHOTS, _LOCK = "current", "snapshots", "lock"
_LEDGER, _MANIFEST, _SERVED_AT = "ledger.json", "manifest.json", "served_at"
_LOADING, _REMOVING = "loading-", "removing-"

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of a place.

    Attributes
    ----------
    loaded_at
        ISO 8601 time, as the load wrote it.
    n_nodes, n_relationships
        Sums of ``counts``.
    counts
        Rows by type: ``Label`` for nodes, ``TYPE|From|To`` for relationships.
    """

    load_id: str
    loaded_at: str
    source: str
    n_nodes: int
    n_relationships: int
    counts: Mapping[str, int]
    fingerprint: str
    is_in_service: bool


def list_snapshots(place: Path) -> list[Snapshot]:
    """Return the snapshots of ``place``, the one put in service last first; empty where none are.

    Raises
    ------
    StorageError
        When the folder cannot be read.
    """
    with storage_errors(place, "read"):
        served = current_id(place)
        return [_described(place, load_id, served) for load_id in _complete_ids(place)]


def go_back(place: Path, load_id: str) -> Snapshot:
    """Put the snapshot ``load_id`` of ``place`` in service again, in one step.

    Raises
    ------
    UsageError
        When the place keeps no such snapshot.
    GraphNotReadyError
        When the snapshot was written for another version of the model.
    EngineBusyError
        When a load is under way.
    StorageError
        When the folder cannot be written.
    """
    if not place.is_dir():
        raise UsageError(
            sentence(
                "There is no folder {place}, so there is no snapshot to go back to.", place=place
            )
        )
    with holding(place), storage_errors(place, "written to"):
        kept = _complete_ids(place)
        if load_id not in kept:
            raise UsageError(
                sentence(
                    "{place} keeps no snapshot of that name. It keeps: {names}. Choose one of "
                    "these.",
                    place=place,
                    names=", ".join(kept) or "none",
                )
            )
        read_record(snapshot_folder(place, load_id))
        put_in_service(place, load_id)
        return _described(place, load_id, load_id)


def new_load_id() -> str:
    """Return an id for a load: the time in UTC, to sort by, and a random part."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def current_id(place: Path) -> str | None:
    """Return the id of the snapshot in service, ``None`` where nothing is."""
    try:
        return (place / _CURRENT).read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def snapshot_folder(place: Path, load_id: str) -> Path:
    """Return the folder of the snapshot ``load_id``."""
    return place / _SNAPSHOTS / load_id


@contextmanager
def holding(place: Path) -> Iterator[None]:
    """Hold ``place`` for writing; the lock goes with the process, however that ends.

    Raises
    ------
    EngineBusyError
        When another load, or a step back, holds it.
    StorageError
        When the folder cannot be made or written to.
    UsageError
        When the folder holds something else: loads remove what they don't know.
    """
    with storage_errors(place, "written to"):
        place.mkdir(parents=True, exist_ok=True)
        _check_is_ours(place)
        lock = FileLock(place / _LOCK, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise EngineBusyError(
                sentence(
                    "Another load is writing to {place}. Wait until it has ended, then try "
                    "again; what is in service is not touched meanwhile.",
                    place=place,
                )
            ) from None
    try:
        yield
    finally:
        lock.release()


def clear_leftovers(place: Path) -> None:
    """Remove what killed loads left; the caller holds the place.

    That is working files, snapshots half removed, snapshots that never came into service, and
    those beyond the number that is kept.
    """
    served = current_id(place)
    if served is not None and snapshot_folder(place, served).is_dir():
        # Killed between the swap and the note of it.
        _note_served(place, served, again=False)
    for leftover in place.iterdir():
        if leftover.name.startswith((_LOADING, _REMOVING)):
            shutil.rmtree(leftover)
        elif leftover.name.startswith(f".{_CURRENT}-"):
            leftover.unlink()
    kept = set(_complete_ids(place))
    for folder in _folders(place):
        if folder.name not in kept and folder.name != served:
            _remove(place, folder)
    remove_old(place)


def scratch_folder(place: Path, load_id: str) -> Path:
    """Return the folder for the working files of the load ``load_id``."""
    return place / f"{_LOADING}{load_id}"


def put_in_service(place: Path, load_id: str) -> None:
    """Let ``current`` name the snapshot ``load_id``, in one step that survives a power cut."""
    before = current_id(place)
    if before is not None and snapshot_folder(place, before).is_dir():
        _note_served(place, before, again=False)
    temporary = place / f".{_CURRENT}-{secrets.token_hex(4)}"
    _write_synced(temporary, load_id + "\n")
    os.replace(temporary, place / _CURRENT)
    sync_folder(place)
    # From here on it is in service; a note that cannot be written is made up for by the next load.
    with suppress(OSError):
        _note_served(place, load_id, again=True)


def remove_old(place: Path) -> None:
    """Remove all but the snapshots put in service last; a reader of one may go on reading it."""
    for load_id in _complete_ids(place)[SNAPSHOTS_KEPT:]:
        _remove(place, snapshot_folder(place, load_id))


def write_record(folder: Path, record: LoadRecord, ledger: str) -> None:
    """Write ``ledger.json`` and, last, ``manifest.json`` beside the finished graph file."""
    _write_synced(folder / _LEDGER, ledger)
    content = {
        "load_id": record.load_id,
        "status": record.status,
        "fingerprint": record.fingerprint,
        "graph_bytes": (folder / GRAPH_FILE).stat().st_size,
        "manifest": dict(record.manifest),
    }
    _write_synced(folder / _MANIFEST, json.dumps(content, ensure_ascii=False, indent=1))


def read_record(folder: Path) -> LoadRecord:
    """Return what the snapshot in ``folder`` holds.

    Raises
    ------
    GraphNotReadyError
        When it is damaged, or of another version of the model.
    """
    record = _record(folder)
    if record is None:
        raise GraphNotReadyError(
            sentence(
                "The snapshot {snapshot} is damaged: its manifest or its graph file is "
                "missing or incomplete. Load the data again, or go back to another "
                "snapshot with 'pathgraph snapshots'.",
                snapshot=folder.name,
            )
        )
    version = record.manifest.get("model_version")
    if version != MODEL_VERSION:
        raise GraphNotReadyError(
            sentence(
                "The snapshot {snapshot} was written for version {version} of the graph "
                "model; this pathgraph needs version {model_version}. Load the data again.",
                snapshot=folder.name,
                version=version,
                model_version=MODEL_VERSION,
            )
        )
    return record


_REFUSED = {
    "read": template(
        "The folder {place} cannot be read ({reason}). Check that it is a folder on a disk that "
        "works, that you may write there, and that the disk is not write-protected; or give "
        "another folder."
    ),
    "written to": template(
        "The folder {place} cannot be written to ({reason}). Check that it is a folder on a disk "
        "that works, that you may write there, and that the disk is not write-protected; or give "
        "another folder."
    ),
}


@contextmanager
def storage_errors(place: Path, deed: str) -> Iterator[None]:
    """Turn the operating system's refusals into sentences; ``deed``: see :data:`_REFUSED`."""
    try:
        yield
    except PathgraphError:
        raise
    except (OSError, NotImplementedError) as error:
        if is_disk_full(error):
            raise disk_full_error(place) from None
        reason = getattr(error, "strerror", None) or "the file system refuses"
        raise StorageError(sentence(_REFUSED[deed], place=place, reason=reason)) from None


def is_disk_full(error: BaseException) -> bool:
    """Say whether ``error`` came from a full disk, or from a limit on space or file size."""
    return isinstance(error, OSError) and error.errno in _FULL


def disk_full_error(place: Path) -> StorageError:
    """Return the error that says that the disk below ``place`` is full."""
    return StorageError(
        sentence(
            "The disk that holds {place} is full, or a limit on the size of files is "
            "reached. Free some space, then load again; what was in service before is "
            "still in service.",
            place=place,
        )
    )


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    if os.name == "nt":  # Windows cannot open a folder, and keeps names safe by itself.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(file: Path) -> None:
    """Make the content of ``file`` survive a power cut."""
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())


def _write_synced(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _check_is_ours(place: Path) -> None:
    names = {entry.name for entry in place.iterdir()}
    strange = [n for n in names if not n.startswith(".") and n != "lost+found"]
    if strange and not names & {_LOCK, _CURRENT}:
        raise UsageError(
            sentence(
                "The folder {place} holds other files and no graph. Give a new or empty "
                "folder, so that a load never removes what it has not written.",
                place=place,
            )
        )


def _folders(place: Path) -> list[Path]:
    try:
        return [entry for entry in (place / _SNAPSHOTS).iterdir() if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _complete_ids(place: Path) -> list[str]:
    """Return the snapshots that can be served and were, the one put in service last first."""
    served = current_id(place)
    times = {}
    for folder in _folders(place):
        served_at = _served_at(folder)
        is_known = served_at is not None or folder.name == served
        if is_known and _record(folder) is not None:
            times[folder.name] = (folder.name == served, served_at or "", folder.name)
    return sorted(times, key=times.__getitem__, reverse=True)


def _described(place: Path, load_id: str, served: str | None) -> Snapshot:
    record = _record(snapshot_folder(place, load_id))
    manifest = record.manifest if record is not None else {}
    counts = {str(name): int(n) for name, n in dict(manifest.get("counts", {})).items()}
    return Snapshot(
        load_id=load_id,
        loaded_at=str(manifest.get("loaded_at", "")),
        source=str(manifest.get("source", "")),
        n_nodes=sum(n for name, n in counts.items() if "|" not in name),
        n_relationships=sum(n for name, n in counts.items() if "|" in name),
        counts=counts,
        fingerprint=record.fingerprint if record is not None else "",
        is_in_service=load_id == served,
    )


def _record(folder: Path) -> LoadRecord | None:
    """Return the record of a snapshot that is whole, ``None`` of any other."""
    try:
        content = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        record = LoadRecord(
            content["load_id"], content["status"], content["fingerprint"], content["manifest"]
        )
        # LadybugDB opens an empty file as an empty graph.
        is_whole = content["graph_bytes"] == (folder / GRAPH_FILE).stat().st_size
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None
    is_complete = is_whole and record.load_id == folder.name and record.status == "complete"
    return record if is_complete and isinstance(record.manifest, dict) else None


def _served_at(folder: Path) -> str | None:
    try:
        return (folder / _SERVED_AT).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def _note_served(place: Path, load_id: str, *, again: bool) -> None:
    file = snapshot_folder(place, load_id) / _SERVED_AT
    if again or _served_at(file.parent) is None:
        _write_synced(file, datetime.now(UTC).isoformat(timespec="microseconds") + "\n")
        sync_folder(file.parent)


def _remove(place: Path, folder: Path) -> None:
    # Renamed first: a snapshot that is half removed must never look like one to go back to.
    doomed = place / f"{_REMOVING}{folder.name}"
    # Windows keeps files that somebody reads; the next load tries again.
    with suppress(PermissionError):
        folder.rename(doomed)
        shutil.rmtree(doomed)
