"""The load: read, check, link, write graph tables, hand them to an engine.

Intermediate tables live in a DuckDB file in a scratch folder that is removed afterwards; the
manifest of the load says what was read, accepted and refused, and under which options.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pathgraph.engine.base import Engine, GraphTables, LoadRecord
from pathgraph.errors import StorageError, UsageError
from pathgraph.ingest.check import (
    MAX_REFUSED_SHARE,
    CheckReport,
    check_tables,
    enforce_threshold,
    write_quarantine,
)
from pathgraph.ingest.graph_tables import ledger_of, write_graph_tables
from pathgraph.ingest.linking import LINKING_STEPS, link_in_steps
from pathgraph.ingest.quality import quality_rows
from pathgraph.ingest.reading import Reader
from pathgraph.ingest.sources import (
    AcuteRule,
    Source,
    SourceContent,
    SourceOption,
    find_source,
)
from pathgraph.ingest.stays import MERGE_GAP_S
from pathgraph.model.ddl import relationship_ends
from pathgraph.model.schema import MODEL_VERSION, NODES
from pathgraph.model.tables import canonical_table
from pathgraph.progress import Progress, QuietProgress
from pathgraph.version import VERSION

__all__ = ["LOAD_OPTIONS", "LoadReport", "load", "prepare"]

LOAD_OPTIONS: tuple[SourceOption, ...] = (
    SourceOption(
        "acute", "Codes of contacts.urgency that count as acute, separated by commas.", None
    ),
    SourceOption(
        "merge_gap_h", "Inpatient contacts less than this many hours apart are one stay.", "8"
    ),
    SourceOption(
        "holidays",
        "Country (ISO 3166) whose public holidays are no working days; none for weekends only.",
        "NO",
    ),
    SourceOption(
        "until", "Last day (YYYY-MM-DD) that findings take as today unless they are told.", None
    ),
    SourceOption(
        "diagnosis_groups",
        "CSV file with the columns diagnosis_group, system, code_prefix.",
        None,
    ),
)
"""Options that every source understands; a source adds its own."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did.

    Attributes
    ----------
    tables
        Canonical table to ``{read, accepted, refused}``.
    counts
        What the engine wrote and deleted.
    seconds
        Step to duration [s].
    """

    record: LoadRecord
    tables: Mapping[str, Mapping[str, int]]
    counts: Mapping[str, int]
    quarantine_file: Path | None
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Request:
    """What the user asked for, resolved."""

    source: Source
    path: Path
    options: Mapping[str, str]
    mapping_file: Path | None
    max_refused_share: float


class _Clock:
    """Times the steps of a load and passes them on to the progress display."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def step(self, name: str, total: int | None = None, unit: str = "steps") -> Iterator[Progress]:
        self._progress.start(name, total, unit)
        started = time.perf_counter()
        try:
            yield self._progress
        finally:
            self.seconds[name] = round(time.perf_counter() - started, 3)
            self._progress.finish()


def load(
    source: str,
    path: Path,
    engine: Engine,
    *,
    options: Mapping[str, str] | None = None,
    mapping_file: Path | None = None,
    max_refused_share: float = MAX_REFUSED_SHARE,
    progress: Progress | None = None,
) -> LoadReport:
    """Load ``path`` through the source called ``source`` into ``engine``.

    Parameters
    ----------
    options
        Load options by name; those not given take the source's or the general default.
    mapping_file
        YAML file that renames columns and codes, for the source ``tables``.
    max_refused_share
        The load stops when a larger share of a table's rows is refused.

    Raises
    ------
    UsageError, InputError, DataError, ThresholdError
        Before anything is written to the engine.
    EngineError
        When the engine fails; what was served before is served after.
    """
    request = _request(source, path, options or {}, mapping_file, max_refused_share)
    clock = _Clock(progress or QuietProgress())
    with engine.begin_load() as session:
        tables, report, quarantine = _prepare(
            request, session.load_id, session.scratch, session.quarantine, clock
        )
        with clock.step("loading and verifying", _rows(tables), "rows"):
            counts = session.commit(tables, progress=progress or QuietProgress())
    return LoadReport(tables.record, _tables(report), counts, quarantine, clock.seconds)


def prepare(
    source: str,
    path: Path,
    scratch: Path,
    *,
    load_id: str,
    quarantine: Path,
    options: Mapping[str, str] | None = None,
    mapping_file: Path | None = None,
    max_refused_share: float = MAX_REFUSED_SHARE,
    progress: Progress | None = None,
) -> GraphTables:
    """Read, check and link as :func:`load` does, but leave the graph tables in ``scratch``.

    For doors that write files instead of loading an engine.
    """
    request = _request(source, path, options or {}, mapping_file, max_refused_share)
    clock = _Clock(progress or QuietProgress())
    return _prepare(request, load_id, scratch, quarantine, clock)[0]


def _request(
    source_name: str,
    path: Path,
    given: Mapping[str, str],
    mapping_file: Path | None,
    max_refused_share: float,
) -> _Request:
    source = find_source(source_name)
    known = {option.name: option for option in (*LOAD_OPTIONS, *source.options)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UsageError(
            f"The source {source.name} has no option called {', '.join(unknown)}. "
            f"Options are: {', '.join(sorted(known))}."
        )
    if mapping_file is not None and source.name != "tables":
        raise UsageError("A mapping file goes with the source 'tables' only.")
    options = {name: option.default for name, option in known.items() if option.default is not None}
    options |= given
    _merge_gap_s(options)
    _until_day(options)
    if not 0 <= max_refused_share <= 1:
        raise UsageError("The share of refused rows that is allowed lies between 0 and 1.")
    return _Request(source, path, options, mapping_file, max_refused_share)


def _merge_gap_s(options: Mapping[str, str]) -> int:
    text = options.get("merge_gap_h", str(MERGE_GAP_S // 3600))
    try:
        hours = float(text)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= 24 * 7:
        raise UsageError("The load option 'merge_gap_h' is a number of hours from 0 to 168.")
    return round(hours * 3600)


def _until_day(options: Mapping[str, str]) -> int | None:
    text = options.get("until")
    if text is None:
        return None
    try:
        return (date.fromisoformat(text) - date(1970, 1, 1)).days
    except ValueError:
        raise UsageError(
            "The load option 'until' is a date written as YYYY-MM-DD, for example 2026-01-31."
        ) from None


def _prepare(
    request: _Request, load_id: str, scratch: Path, quarantine: Path, clock: _Clock
) -> tuple[GraphTables, CheckReport, Path | None]:
    with _working_database(scratch) as connection:
        with clock.step("reading"):
            reader = Reader(connection, folder=request.path)
            content = _read(reader, request)
            _close_outside_access(connection, scratch, quarantine)
        with clock.step("checking"):
            report = check_tables(connection, content, timezone=content.timezone)
            reader.drop_relations()
            file = write_quarantine(connection, quarantine, load_id)
            enforce_threshold(report, max_refused_share=request.max_refused_share, quarantine=file)
        _link(connection, request, content, clock)
        folder = scratch / "graph"
        with clock.step("writing graph tables", len(NODES) - 1 + _n_pairs(), "types") as progress:
            for _ in write_graph_tables(connection, folder):
                progress.advance(1)
        with clock.step("summing up"):
            ledger = ledger_of(folder)
            manifest = _manifest(connection, request, content, report)
    manifest["counts"] = {name: entry.count for name, entry in ledger.types.items()}
    record = LoadRecord(load_id, "complete", ledger.fingerprint, manifest)
    return GraphTables(folder, ledger, record), report, file


def _n_pairs() -> int:
    return sum(1 for _ in relationship_ends())


def _rows(tables: GraphTables) -> int:
    return sum(entry.count for entry in tables.ledger.types.values())


@contextmanager
def _working_database(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file in ``scratch`` that spills there too; it goes away with the context."""
    file = scratch / "working.duckdb"
    try:
        connection = duckdb.connect(
            str(file),
            config={
                "threads": os.cpu_count() or 2,
                "memory_limit": "4GB",
                "temp_directory": str(scratch / "spill"),
                # No other version reads the file, and what the newest has for texts is cheaper to
                # write: storing 4.1 million contacts took 5.6 s of processor time, not 8.0.
                "storage_compatibility_version": "latest",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
    except (duckdb.IOException, OSError):
        raise StorageError(
            "The working files of the load cannot be written. Check that the disk is not full and "
            "that the folder may be written to."
        ) from None
    try:
        yield connection
    except duckdb.IOException:
        raise StorageError(
            "A working file of the load could not be written or read back. Check that the disk is "
            "not full, then load again; what was served before is still served."
        ) from None
    except duckdb.OutOfMemoryException:
        raise StorageError(
            "The load ran out of memory or of room for its working files. Free some disk space or "
            "memory, then load again; what was served before is still served."
        ) from None
    finally:
        connection.close()
        file.unlink(missing_ok=True)


def _close_outside_access(connection: duckdb.DuckDBPyConnection, *folders: Path) -> None:
    """Let the connection reach the load's own folders only, now that the sources are read."""
    connection.execute(
        "SET allowed_directories = $folders", {"folders": [str(folder) for folder in folders]}
    )
    connection.execute("SET enable_external_access = false")


def _read(reader: Reader, request: _Request) -> SourceContent:
    options = dict(request.options)
    if request.mapping_file is not None:
        options["map"] = str(request.mapping_file)
    content = request.source.read(reader, request.path, options)
    groups = request.options.get("diagnosis_groups")
    if groups is not None:
        table = canonical_table("diagnosis_groups")
        names = [column.name for column in table.columns]
        reader.csv(
            Path(groups), "source_diagnosis_groups", table=table.name, columns=names, required=names
        )
        content = replace(content, tables={**content.tables, table.name: "source_diagnosis_groups"})
    reader.stop_on_problems()
    if any(option.name == "acute" for option in request.source.options):
        return content  # The source has read the option itself, and knows its codes.
    return _with_acute_option(content, request.options.get("acute"))


def _with_acute_option(content: SourceContent, codes: str | None) -> SourceContent:
    if codes is None:
        return content
    listed = tuple(code.strip() for code in codes.split(",") if code.strip())
    rule = AcuteRule(listed, "Acute as the load option says: " + ", ".join(listed) + ".")
    return replace(content, acute=rule)


def _link(
    connection: duckdb.DuckDBPyConnection,
    request: _Request,
    content: SourceContent,
    clock: _Clock,
) -> None:
    country = request.options.get("holidays", "NO")
    steps = link_in_steps(
        connection,
        acute=content.acute,
        merge_gap_s=_merge_gap_s(request.options),
        holidays=None if country == "none" else country,
        source=request.source.name,
    )
    with clock.step("linking", len(LINKING_STEPS)) as progress:
        for number, _ in enumerate(steps):
            progress.advance(min(number, 1))


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    request: _Request,
    content: SourceContent,
    report: CheckReport,
) -> dict[str, Any]:
    row = connection.execute(
        "SELECT max(started_day), bool_and(has_time) FROM linked_contacts"
    ).fetchone()
    last_day, has_time = row if row is not None else (None, None)
    until = _until_day(request.options)
    if last_day is None:
        last_day = until
    elif until is not None:
        last_day = min(last_day, until)
    return {
        "source": request.source.name,
        "options": _shown_options(request.options),
        "acute": {
            "codes": None if content.acute.codes is None else list(content.acute.codes),
            "sentence": content.acute.sentence,
        },
        "timezone": content.timezone,
        "tables": _tables(report),
        "last_day": last_day,
        "has_time": bool(has_time) if has_time is not None else True,
        "merge_gap_h": _merge_gap_s(request.options) / 3600,
        "notes": [*content.notes, *report.notes],
        "quality": quality_rows(connection, set(content.tables), source=request.source.name),
        "pathgraph_version": VERSION,
        "model_version": MODEL_VERSION,
        "loaded_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _tables(report: CheckReport) -> dict[str, dict[str, int]]:
    return {
        name: {"read": count.read, "accepted": count.accepted, "refused": count.n_refused}
        for name, count in report.tables.items()
    }


def _shown_options(options: Mapping[str, str]) -> dict[str, str]:
    """Return the options for the manifest; of a file only its name, never where it lies."""
    paths = {"diagnosis_groups", "key_file", "map"}
    return {
        name: Path(value).name if name in paths else value
        for name, value in sorted(options.items())
    }
