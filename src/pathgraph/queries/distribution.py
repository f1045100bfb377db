"""How many of a finding's patients belong to each municipality, age group or clinic, of how many.

The table is freed of small numbers, so that it may be shown to whoever may not see the patients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.engine.base import Engine
from pathgraph.errors import TableNotLoadedError, UsageError
from pathgraph.queries.caller import LOCAL, Caller
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.facets import NOT_RECORDED, Places, people_on, places_of, unit_column
from pathgraph.queries.privacy import suppress
from pathgraph.queries.result import Result
from pathgraph.queries.run import Answers, run
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.queries.table import declared_table
from pathgraph.sentence import sentence

__all__ = ["BY", "EVER", "bases", "distribution"]

BY = ("municipality", "age_group", "clinic")
"""What a finding's patients can be divided by."""

EVER = 36500
"""Days that look back upon everything."""
_TITLES = {
    "municipality": {
        "en": "{title}, by municipality",
        "nb": "{title}, etter kommune",
        "nn": "{title}, etter kommune",
    },
    "age_group": {
        "en": "{title}, by age",
        "nb": "{title}, etter alder",
        "nn": "{title}, etter alder",
    },
    "clinic": {
        "en": "{title}, by clinic",
        "nb": "{title}, etter klinikk",
        "nn": "{title}, etter klinikk",
    },
}
_BASES = {
    "municipality": sentence("people recorded as living there on the day, whether on the list "
                             "or not"),
    "age_group": sentence("people of that age in the year of the day, whether on the list or not"),
    "clinic": sentence("patients with a contact there up to the day, whether on the list or not"),
}  # fmt: skip
_VALUES = {
    "municipality": sentence("number of the municipality where they live; empty where that is not "
                             "recorded"),
    "age_group": sentence("age reached in the year of the day; empty where it is not recorded"),
    "clinic": sentence("clinic of the row's unit; empty where the row has none"),
}  # fmt: skip


def distribution(
    engine: Engine,
    finding_id: str,
    by: str,
    parameters: Mapping[str, object] | None = None,
    *,
    as_of: date | str | None = None,
    profile: str | None = None,
    suppress_below: int = 5,
    timeout_s: float | None = None,
    folder: Path | None = None,
    answers: Answers | None = None,
    caller: Caller = LOCAL,
) -> Result:
    """Divide the patients of a patient-level finding by where they belong.

    Parameters
    ----------
    by
        One of :data:`BY`.
    parameters, as_of, profile, timeout_s, folder, answers, caller
        As in :func:`pathgraph.queries.run.run`. The caller need not be one who sees patients.
    suppress_below
        Groups of fewer people are not shown; 0 shows all.

    Returns
    -------
    Result with the columns ``value``, ``name``, ``n_patients`` (on the list), ``n_people`` (of how
    many; the column's sentence says who) and ``share``. Its denominator is the number of patients
    on the list. A patient may belong to several clinics.

    Raises
    ------
    UsageError
        All that does not fit; when the rows are not about single patients; or when they have no
        unit and are to be divided by clinic.
    TableNotLoadedError, GraphNotReadyError
        As :func:`pathgraph.queries.run.run`.
    """
    _check(find_finding(finding_id, folder), by)
    known = (answers or Answers()).of(engine.record().load_id)
    asked: dict[str, Any] = {"timeout_s": timeout_s, "folder": folder, "answers": known}
    result = run(
        engine, finding_id, parameters, as_of=as_of, profile=profile, suppress_below=0,
        caller=replace(caller, sees_patients=True), **asked,
    )  # fmt: skip
    places = places_of(engine, result, **asked)
    if by not in places.table.column_names:
        raise TableNotLoadedError(sentence("Residences were not loaded, so no municipality is "
                                           "known."))  # fmt: skip
    counted = _counted(result, places, by)
    people = _people_there(engine, by, result.as_of, counted, asked)
    table = _joined(counted, people, places.names.get(by, {}))
    return _result(result, table, places, by, suppress_below)


def bases(finding: Finding) -> tuple[str, ...]:
    """Return what the finding's patients can be divided by.

    Examples
    --------
    >>> bases(find_finding("revolving_door")), bases(find_finding("transfers"))
    (('municipality', 'age_group'), ())
    """
    if not finding.is_patient_level:
        return ()
    return BY if unit_column(finding) else tuple(by for by in BY if by != "clinic")


def _check(finding: Finding, by: str) -> None:
    possible = bases(finding)
    if by not in possible:
        raise UsageError(
            sentence(
                "The patients of {finding} cannot be divided by {by}. They can be by: {possible}.",
                finding=finding.id,
                by=by,
                possible=", ".join(possible) or "-",
            )
        )


def _counted(result: Result, places: Places, by: str) -> dict[str, int]:
    """Return the number of different patients by value."""
    table = pa.table(
        {"value": places.table.column(by), "patient_id": result.table.column("patient_id")}
    )
    rows = table.group_by("value").aggregate([("patient_id", "count_distinct")]).to_pylist()
    return {row["value"]: row["patient_id_count_distinct"] for row in rows}


def _people_there(
    engine: Engine, by: str, day: date, counted: Mapping[str, int], asked: Mapping[str, Any]
) -> dict[str, int]:
    """Return of how many people the patients are, by value; clinics only where there are any."""
    if by == "clinic":
        found = run(engine, "units", {"within_days": EVER}, as_of=day, suppress_below=0, **asked)
        rows = found.table.select(["unit", "n_patients"]).to_pylist()
        return {row["unit"]: row["n_patients"] for row in rows if row["unit"] in counted}
    people = people_on(engine, day, **asked)
    sums = people.group_by(by).aggregate([("patient_id", "count")]).to_pylist()
    return {row[by] or NOT_RECORDED: row["patient_id_count"] for row in sums}


def _joined(
    counted: Mapping[str, int], people: Mapping[str, int], names: Mapping[str, str]
) -> pa.Table:
    """Return one row a value, those without a patient on the list too where they can be."""
    values = sorted(counted.keys() | people.keys())
    found = pa.array([counted.get(value, 0) for value in values], pa.int64())
    # Without a clinic there is no base; equal to the part, it hides nothing and is removed below.
    there = pa.array([people.get(value, counted.get(value)) for value in values], pa.int64())
    return pa.table(
        {
            "value": pa.array([None if v == NOT_RECORDED else v for v in values], pa.string()),
            "name": pa.array([names.get(value) for value in values], pa.string()),
            "n_patients": found,
            "n_people": there,
            "share": pc.divide(found.cast(pa.float64()), there.cast(pa.float64())),
        }
    )


def _without_base(table: pa.Table, is_without: pa.ChunkedArray) -> pa.Table:
    """Empty the base and the share of rows whose patients are a part of nobody."""
    for name in ("n_people", "share"):
        index = table.schema.get_field_index(name)
        column = table.column(name)
        emptied = pc.if_else(is_without, pa.scalar(None, column.type), column)
        table = table.set_column(index, table.schema.field(index), emptied)
    return table


def _finding(finding: Finding, by: str) -> Finding:
    kind = Kind.UNIT if by == "clinic" else Kind.TEXT
    returns = (
        Return("value", kind, _VALUES[by]),
        Return("name", Kind.TEXT, sentence("its name")),
        Return("n_patients", Kind.PERSONS, sentence("patients on the list"), of=("n_people",)),
        Return("n_people", Kind.PERSONS, _BASES[by]),
        Return("share", Kind.SHARE, sentence("n_patients to n_people"),
               of=("n_patients", "n_people")),
    )  # fmt: skip
    titles = {lang: _TITLES[by][lang].format(title=t) for lang, t in finding.titles.items()}
    return replace(finding, titles=titles, returns=returns, key=("value",))


def _result(result: Result, table: pa.Table, places: Places, by: str, threshold: int) -> Result:
    finding = _finding(result.finding, by)
    table = declared_table(table, finding)
    n_patients = pc.count_distinct(result.table.column("patient_id")).as_py()
    shown = suppress(table, finding.returns, key=finding.key, threshold=threshold, among=n_patients)
    has_no_base = pc.and_(pc.is_null(table.column("value")), pa.scalar(by == "clinic"))
    notes = [*result.manifest["notes"], *(places.notes if by == "age_group" else ())]
    if shown.hidden or shown.is_among_hidden:
        notes.append(
            sentence(
                "<{n} stands for values about fewer than {n} people, and for others from which "
                "such a value could be worked out.",
                n=threshold,
            )
        )
    manifest = {
        **result.manifest,
        "title": finding.title,
        "among": shown.among,
        "among_title": sentence("Patients on the list"),
        "among_suppressed": shown.is_among_hidden,
        "n_rows": table.num_rows,
        "n_suppressed": shown.n_suppressed,
        "suppress_below": threshold,
        "columns": [{"name": c.name, "kind": str(c.kind)} for c in finding.returns],
        "notes": list(dict.fromkeys(notes)),
    }
    return Result(finding, _without_base(shown.table, has_no_base), manifest, shown.hidden)
