"""Parquet parts, and a checksum of what is in them that no file format can change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pathgraph.errors import StorageError, UsageError
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.synth.period import utc_offsets

__all__ = [
    "checksum_of",
    "in_place_of",
    "local_times",
    "row_checksum",
    "write_part",
    "write_whole",
]

_MARK = "region.yaml"
_OTHERS = (_MARK, "dataset.yaml", "answer_key")


def write_part(table: pa.Table, folder: Path, name: str, part: int) -> None:
    """Write ``folder/name/part-00000.parquet``; a table without rows is left out."""
    if not table.num_rows:
        return
    (folder / name).mkdir(exist_ok=True)
    _write(table, folder / name / f"part-{part:05d}.parquet")


def write_whole(table: pa.Table, folder: Path, name: str) -> None:
    """Write ``folder/name.parquet``."""
    _write(table, folder / f"{name}.parquet")


def _write(table: pa.Table, path: Path) -> None:
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, local_times(table[field.name]))
    pq.write_table(table, path, compression="zstd")


def local_times(instants: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return instants as local times of the region, as a register would write them.

    The hour that occurs twice in autumn has its offset the second time.

    Examples
    --------
    >>> seconds = pa.array([1761433200, 1761438600, 1761442200, None])
    >>> local_times(pa.chunked_array([seconds.cast(pa.timestamp("s", "UTC"))])).to_pylist()
    ['2025-10-26T01:00:00', '2025-10-26T02:30:00', '2025-10-26T02:30:00+01:00', None]
    """
    seconds = instants.cast(pa.int64())
    numbers = pc.fill_null(seconds, 0).to_numpy()
    changes, offsets = utc_offsets()
    place = np.searchsorted(changes, numbers, side="right") - 1
    local = pa.array(numbers + offsets[place]).cast(pa.timestamp("s")).cast(pa.string())
    texts = pc.replace_substring(local, " ", "T")
    back = np.concatenate([[0], offsets[:-1] - offsets[1:]])[place]
    is_again = numbers - changes[place] < back
    if is_again.any():
        zone = f"+{int(offsets.min()) // 3600:02d}:00"
        again = pc.binary_join_element_wise(texts, pa.scalar(zone), pa.scalar(""))
        texts = pc.if_else(pa.array(is_again), again, texts)
    known = pc.if_else(
        pc.is_valid(seconds), pa.chunked_array([texts]), pa.scalar(None, pa.string())
    )
    return known if isinstance(known, pa.ChunkedArray) else pa.chunked_array([known])


def row_checksum(table: pa.Table) -> str:
    """Return the SHA-256 of a table's names, values and gaps, in the order of its rows.

    Two tables with the same rows have the same one, whatever their chunks and files.

    Examples
    --------
    >>> one = pa.table({"a": ["x", None, ""]})
    >>> other = pa.table({"a": pa.chunked_array([["x"], [None, ""]])})
    >>> row_checksum(one) == row_checksum(other), row_checksum(one) == row_checksum(one.slice(1))
    (True, False)
    """
    digest = sha256()
    for name in table.schema.names:
        column = table[name]
        digest.update(f"{name} {table.num_rows}\n".encode())
        for value in _bytes(column):
            digest.update(value)
    return digest.hexdigest()


def _bytes(column: pa.ChunkedArray) -> Iterator[bytes | memoryview]:
    """Return what is null, then the values; a null's value is that of its type's zero."""
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    yield np.packbits(pc.is_null(array).to_numpy(zero_copy_only=False)).tobytes()
    if pa.types.is_string(array.type):
        filled = pa.concat_arrays([pc.fill_null(array, "")])
        yield pc.binary_length(filled).to_numpy(zero_copy_only=False).astype("<i4").tobytes()
        offsets = np.frombuffer(filled.buffers()[1], "<i4")[
            filled.offset : filled.offset + len(filled) + 1
        ]
        if len(filled) and filled.buffers()[2] is not None:
            yield memoryview(filled.buffers()[2])[int(offsets[0]) : int(offsets[-1])]
    elif pa.types.is_floating(array.type):
        yield pc.fill_null(array, 0.0).to_numpy(zero_copy_only=False).astype("<f8").tobytes()
    else:
        whole = array.cast(pa.int32()) if pa.types.is_date32(array.type) else array
        numbers = pc.fill_null(whole.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        yield numbers.astype("<i8").tobytes()


def checksum_of(parts: Iterable[tuple[str, int, str]]) -> str:
    """Return one checksum of all parts: table, part and the checksum of its rows."""
    digest = sha256()
    for name, part, checksum in sorted(parts):
        digest.update(f"{name} {part} {checksum}\n".encode())
    return digest.hexdigest()


@contextmanager
def in_place_of(folder: Path, mark: str) -> Iterator[Path]:
    """Give a folder to write in that takes the place of ``folder`` when all is written.

    Until then ``folder`` is as it was; what breaks off leaves nothing behind.

    Parameters
    ----------
    mark
        Text of a file that says that the folder is a generated region.

    Raises
    ------
    UsageError
        When ``folder`` holds something that was not generated.
    StorageError
        When it cannot be written.
    """
    _refuse_others(folder)
    new = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        yield new
        (new / _MARK).write_text(mark, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except OSError as error:
        raise StorageError(
            f"The region could not be written to {folder}: {error.strerror or 'the disk failed'}. "
            "Free space there, or choose another folder."
        ) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _refuse_others(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Give a folder that is empty or does not exist yet.")
    entries = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    known = {table.name for table in CANONICAL_TABLES}
    known |= {f"{name}.parquet" for name in known} | set(_OTHERS)
    if entries and (_MARK not in entries or entries - known):
        raise UsageError(
            f"{folder} holds files that pathgraph did not generate. "
            "Give a folder that is empty, does not exist yet, or holds a generated region alone."
        )
