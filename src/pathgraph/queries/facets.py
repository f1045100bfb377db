"""Where the patients of a finding's rows belong, and how many of them belong to each place.

A row of a patient-level finding belongs to the municipality where its patient is recorded as living
on the day, to the patient's age group, and to the unit of the row itself with its clinic. The rules
are those of ``docs/definitions.md#where-patients-belong``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.analysis.organisation import clinics_of
from pathgraph.analysis.residents import AGE_GROUPS, people_of
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from pathgraph.queries.cache import Cached
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.frame import frame_of
from pathgraph.queries.plan import Horizon, Plan
from pathgraph.queries.result import Result
from pathgraph.queries.run import Answers, Context
from pathgraph.queries.spec import Finding, Kind
from pathgraph.sentence import sentence

__all__ = [
    "FACETS",
    "NOT_RECORDED",
    "Facet",
    "FacetValue",
    "Places",
    "facets",
    "filtered",
    "people_on",
    "places_of",
    "unit_column",
]

FACETS = ("municipality", "age_group", "clinic", "unit")
"""What rows can be told apart by, in the order in which it is shown."""

NOT_RECORDED = "not_recorded"
"""The value of rows of which it is not recorded."""

_VERSION = 2
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet: how many rows and different patients have it.

    Attributes
    ----------
    name
        Of the municipality or unit; ``None`` where it has none, or the value says it itself.
    """

    value: str
    name: str | None
    n_rows: int
    n_patients: int


@dataclass(frozen=True, slots=True)
class Facet:
    """What rows can be told apart by, with its values: the most patients first, ages in order."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where each row of an answer belongs.

    Attributes
    ----------
    table
        A row for each row of the answer and a column of texts for each facet that there is:
        municipality only where residences were loaded, unit and clinic only where the finding has
        a column of units.
    names
        Facet to names by value.
    notes
        What a reader must know of them.
    """

    table: pa.Table
    names: Mapping[str, Mapping[str, str]]
    notes: tuple[str, ...] = ()


def places_of(
    engine: Engine,
    result: Result,
    *,
    timeout_s: float | None = None,
    folder: Path | None = None,
    answers: Answers | None = None,
) -> Places:
    """Return where each row of a patient-level answer belongs.

    Parameters
    ----------
    result
        All rows of a finding.
    timeout_s, folder, answers
        As in :func:`pathgraph.queries.run.run`. Where patients live is kept with the answers.

    Raises
    ------
    UsageError
        When the finding's rows are not about single patients.
    """
    if not result.finding.is_patient_level:
        raise UsageError(
            sentence(
                "The rows of {finding} are not about single patients, so they have no place.",
                finding=result.finding.id,
            )
        )
    known = (answers or Answers()).of(engine.record().load_id)
    context = _context(engine, "residents", result.as_of, known, timeout_s, folder)
    columns: dict[str, Any] = {}
    names: dict[str, Mapping[str, str]] = {}
    people = context.kept("people", _VERSION, lambda: _people(context)).table
    patients = result.table.column("patient_id").combine_chunks()
    rows = _rows_of_patients(patients, people.column("patient_id"))
    notes = [sentence("Ages are those reached in the year of the day: only the year of birth is "
                      "recorded.")]  # fmt: skip
    if "residences" in context.load.get("tables", ()):
        columns["municipality"] = people.column("municipality").combine_chunks().take(rows)
        names["municipality"] = _municipality_names(context)
    else:
        notes.append(sentence("Residences were not loaded, so no municipality is known."))
    columns["age_group"] = people.column("age_group").combine_chunks().take(rows)
    if unit_column(result.finding):
        units = _units(_context(engine, "units", result.as_of, known, timeout_s, folder))
        columns["clinic"], columns["unit"] = _clinics(result, units)
        names["clinic"] = names["unit"] = units["names"]
    table = pa.table(
        {name: pc.fill_null(columns[name].cast(pa.string()), NOT_RECORDED)
         for name in FACETS if name in columns}
    )  # fmt: skip
    return Places(table, MappingProxyType(names), tuple(notes))


def people_on(
    engine: Engine,
    day: date,
    *,
    timeout_s: float | None = None,
    folder: Path | None = None,
    answers: Answers | None = None,
) -> pa.Table:
    """Return where every patient of the data lives on a day, and their age group.

    Returns
    -------
    ``patient_id``, ``municipality`` and ``age_group``, null where not recorded (or not loaded).
    """
    known = (answers or Answers()).of(engine.record().load_id)
    context = _context(engine, "residents", day, known, timeout_s, folder)
    return context.kept("people", _VERSION, lambda: _people(context)).table


def unit_column(finding: Finding) -> str | None:
    """Return the column with the unit that a row belongs to: the first of kind ``unit``.

    Examples
    --------
    >>> unit_column(find_finding("readmissions"))
    'discharged_from'
    """
    return next((c.name for c in finding.returns if c.kind is Kind.UNIT), None)


def unit_names(
    engine: Engine,
    day: date,
    *,
    timeout_s: float | None = None,
    folder: Path | None = None,
    answers: Answers | None = None,
) -> Mapping[str, str]:
    """Return the name of each unit that has one; parameters as for :func:`places_of`."""
    known = (answers or Answers()).of(engine.record().load_id)
    return _units(_context(engine, "units", day, known, timeout_s, folder))["names"]


def facets(
    result: Result, places: Places, chosen: Mapping[str, Sequence[str]] | None = None
) -> tuple[Facet, ...]:
    """Return the facets of an answer with the number of rows and patients for each value.

    Parameters
    ----------
    chosen
        Facet to the values that were chosen. Each facet is counted among the rows that the
        choices in the others leave, so that it says what choosing another value would give.

    Raises
    ------
    UsageError
        When something else than a facet of the answer was chosen.
    """
    chosen = chosen or {}
    _check(places, chosen)
    patients = result.table.column("patient_id")
    counted = []
    for name in places.table.column_names:
        others = {facet: values for facet, values in chosen.items() if facet != name}
        mask = _mask(places, others)
        table = pa.table({"value": places.table.column(name), "patient_id": patients}).filter(mask)
        groups = table.group_by("value").aggregate(
            [("patient_id", "count"), ("patient_id", "count_distinct")]
        )
        names = places.names.get(name, {})
        values = [
            FacetValue(row["value"], names.get(row["value"]), row["patient_id_count"],
                       row["patient_id_count_distinct"])
            for row in groups.to_pylist()
        ]  # fmt: skip
        counted.append(Facet(name, tuple(sorted(values, key=lambda v: _order(name, v)))))
    return tuple(counted)


def filtered(result: Result, places: Places, chosen: Mapping[str, Sequence[str]]) -> Result:
    """Return the rows that have one of the values chosen in each facet.

    The manifest says what was chosen (``where``) and how many rows there are without it
    (``n_rows_in_all``); the denominator stays that of the finding.

    Raises
    ------
    UsageError
        When something else than a facet of the answer was chosen.
    """
    _check(places, chosen)
    if not chosen:
        return result
    table = result.table.filter(_mask(places, chosen))
    manifest = {
        **result.manifest,
        "n_rows": table.num_rows,
        "n_rows_in_all": result.manifest["n_rows"],
        "where": {**result.manifest.get("where", {}), **{k: list(v) for k, v in chosen.items()}},
    }
    return replace(result, table=table, manifest=manifest)


def _check(places: Places, chosen: Mapping[str, Sequence[str]]) -> None:
    known = places.table.column_names
    for name in chosen:
        if name not in known:
            raise UsageError(
                sentence(
                    "This list cannot be filtered by '{name}'. It can be by: {known}.",
                    name=name,
                    known=", ".join(known),
                )
            )


def _mask(places: Places, chosen: Mapping[str, Sequence[str]]) -> pa.ChunkedArray:
    mask = pa.chunked_array([pa.repeat(pa.scalar(True), places.table.num_rows)])
    for name, values in chosen.items():
        column = places.table.column(name)
        mask = pc.and_(mask, pc.is_in(column, pa.array(list(values), pa.string())))
    return mask


def _order(facet: str, value: FacetValue) -> tuple[bool, int, str]:
    """Sort the values of a facet: what is not recorded last, ages in order, else most first."""
    ages = {name: number for number, (name, _) in enumerate(AGE_GROUPS)}
    number = ages.get(value.value, 0) if facet == "age_group" else -value.n_patients
    return (value.value == NOT_RECORDED, number, value.name or value.value)


def _context(
    engine: Engine,
    finding_id: str,
    day: date,
    answers: Answers,
    timeout_s: float | None,
    folder: Path | None,
) -> Context:
    """Return what a finding's texts are asked with, also where not all of its tables are loaded."""
    finding = find_finding(finding_id, folder)
    day_number = (day - _EPOCH).days
    plan = Plan(
        finding=finding,
        record=engine.record(),
        parameters=MappingProxyType({p.name: p.default for p in finding.parameters if p.default}),
        as_of=day,
        horizon=Horizon(day_number),
        implicit=MappingProxyType({"as_of_day": day_number}),
        engine_name=engine.name,
    )
    return Context(plan, engine, timeout_s, folder, answers)


def _people(context: Context) -> Cached:
    """Return where every patient lives and how old they are; read once for a snapshot and day."""
    is_loaded = "residences" in context.load.get("tables", ())
    residences = context.query("residences") if is_loaded else None
    people = people_of(context.query("birth_years"), residences, context.as_of.year)
    # Few values, many patients: numbers are read from disk and chosen from quicker than texts.
    return Cached(
        people.set_column(1, "municipality", people.column(1).combine_chunks().dictionary_encode())
        .set_column(2, "age_group", people.column(2).combine_chunks().dictionary_encode())
    )  # fmt: skip


def _rows_of_patients(patients: pa.Array, people: pa.ChunkedArray) -> pa.Array:
    """Return in which row of ``people`` each patient stands.

    Those asked about are few and all people many, so that the few are made a table of.
    """
    asked = pc.unique(patients)
    found = pc.index_in(people, asked)
    rows = pc.indices_nonzero(pc.is_valid(found))
    place_of_asked = pc.index_in(
        pa.array(range(len(asked)), pa.int32()), pc.drop_null(found).combine_chunks()
    )
    return rows.take(place_of_asked.take(pc.index_in(patients, asked)))


def _municipality_names(context: Context) -> Mapping[str, str]:
    table = context.kept("municipalities", _VERSION, lambda: Cached(_asked_main(context))).table
    rows = zip(*(table.column(n).to_pylist() for n in ("municipality_code", "name")), strict=True)
    return {code: name for code, name in rows if name}


def _asked_main(context: Context) -> pa.Table:
    cypher = context.plan.cypher
    return context.engine.query(cypher, context.plan.arguments(cypher), timeout_s=context.timeout_s)


def _units(context: Context) -> dict[str, Mapping[str, str]]:
    """Return the clinic of each unit, and the names of units."""
    table = context.kept("hierarchy", _VERSION, lambda: Cached(_hierarchy(context))).table
    ids, clinics, names = (
        table.column(name).to_pylist() for name in ("unit_id", "clinic", "unit_name")
    )
    return {
        "clinics": dict(zip(ids, clinics, strict=True)),
        "names": {id_: name for id_, name in zip(ids, names, strict=True) if name is not None},
    }


def _hierarchy(context: Context) -> pa.Table:
    """Return the clinic and name of each unit."""
    asked = frame_of(_asked_main(context), integers=["valid_from_day", "valid_to_day"])
    units = asked.drop_duplicates("unit_id", ignore_index=True)
    clinics = clinics_of(units)
    names = pa.array(units["unit_name"], pa.string(), from_pandas=True)
    ids = units["unit_id"].tolist()
    return pa.table(
        {
            "unit_id": pa.array(ids, pa.string()),
            "unit_name": names,
            "clinic": pa.array([clinics.get(id_, id_) for id_ in ids], pa.string()),
        }
    )


def _clinics(result: Result, units: Mapping[str, Mapping[str, str]]) -> tuple[pa.Array, pa.Array]:
    """Return the clinic and the unit of each row."""
    column = unit_column(result.finding)
    unit = result.table.column(column).combine_chunks()
    encoded = unit.dictionary_encode()
    clinics = [units["clinics"].get(id_, id_) for id_ in encoded.dictionary.to_pylist()]
    return pa.array(clinics, pa.string()).take(encoded.indices), unit
