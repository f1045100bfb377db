"""One finding on two days: what is new, still open, resolved, reopened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.engine.base import Engine
from pathgraph.errors import EngineBusyError, UsageError
from pathgraph.queries.caller import LOCAL, Caller
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.privacy import Suppressed, suppress_answer
from pathgraph.queries.result import Result
from pathgraph.queries.run import Answers, run
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.sentence import sentence

__all__ = ["CHANGES", "CHECKS", "compare"]

CHANGES = ("new", "reopened", "still_open", "resolved")
"""What can have become of a row, in the order in which they are listed."""

CHECKS = 3
"""Earlier days on which a row is looked for that is new (own proposal)."""

_MOST_CHECKS = 24
_ABOUT_CHANGE = (
    "new, still_open, resolved (found on the earlier day alone), or reopened (not found on the "
    "earlier day, but on a day checked before it)"
)
_Mask = npt.NDArray[np.bool_]
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Changes:
    """The rows of two days told apart.

    Attributes
    ----------
    identity
        Columns by which a row of one day is the same as one of the other.
    of_key
        What became of each row, in order of change.
    """

    identity: tuple[str, ...]
    of_key: Mapping[_Key, str]
    checked: tuple[date, ...]

    def counts(self) -> dict[str, int]:
        """Return the number of rows by change."""
        found = list(self.of_key.values())
        return {change: found.count(change) for change in CHANGES}


def compare(
    engine: Engine,
    finding_id: str,
    parameters: Mapping[str, object] | None = None,
    *,
    from_day: date | str,
    to_day: date | str | None = None,
    profile: str | None = None,
    checks: int = CHECKS,
    suppress_below: int = 5,
    limit: int | None = None,
    timeout_s: float | None = None,
    folder: Path | None = None,
    answers: Answers | None = None,
    caller: Caller = LOCAL,
) -> Result:
    """Answer a finding on two days, and say of each row what became of it.

    Rows are the same when what names them (the columns of the key that are ids, units or texts)
    is. Rows of a patient-level finding are those of the later day, resolved ones those of the
    earlier day. Other rows have each measure twice, ``<name>_from`` and ``<name>_to``; numbers of
    people that differ by fewer than ``suppress_below`` are hidden on both days.

    Parameters
    ----------
    to_day
        By default the day of the last contact.
    checks
        Earlier days, as far apart as the two, on which a row that is not found on ``from_day`` is
        looked for.
    answers, caller
        As in :func:`pathgraph.queries.run.run`.

    Returns
    -------
    Result with the further column ``change``; ``manifest["from"]`` and ``manifest["to"]`` are the
    manifests of the two answers.

    Raises
    ------
    UsageError
        All that does not fit: finding, profile, parameters, days, limits.
    TableNotLoadedError, GraphNotReadyError
        As :func:`pathgraph.queries.run.run`.
    EngineBusyError
        When the data was loaded anew in between.
    """
    finding = find_finding(finding_id, folder)
    earlier_day = _checked(from_day, checks, suppress_below, limit)

    def asked(day: date | str | None) -> Result:
        return run(
            engine,
            finding_id,
            parameters,
            as_of=day,
            profile=profile,
            suppress_below=0,
            timeout_s=timeout_s,
            folder=folder,
            answers=answers,
            caller=caller,
        )

    later = asked(to_day)
    if earlier_day >= later.as_of:
        raise UsageError(
            sentence(
                "The earlier day is not before the later one, {day}. Give an earlier --from.",
                day=later.as_of,
            )
        )
    earlier = asked(earlier_day)
    changes = _changes(finding, earlier, later, asked, checks)
    snapshots = {r.manifest["data"]["snapshot"] for r in (earlier, later)}
    if snapshots != {engine.record().load_id}:
        raise EngineBusyError(
            sentence("The data was loaded anew while the days were being compared. Ask again.")
        )
    if finding.is_patient_level:
        return _of_patients(earlier, later, changes, suppress_below).cut(limit)
    return _of_groups(earlier, later, changes, suppress_below).cut(limit)


def _checked(from_day: date | str, checks: int, suppress_below: int, limit: int | None) -> date:
    problems = []
    day = date.min
    try:
        day = from_day if isinstance(from_day, date) else date.fromisoformat(from_day)
    except ValueError:
        problems.append(sentence("from is no date. Write it as 2026-01-31."))
    if isinstance(checks, bool) or not 0 <= checks <= _MOST_CHECKS:
        problems.append(
            sentence("checks must be a whole number from 0 to {most}.", most=_MOST_CHECKS)
        )
    if isinstance(suppress_below, bool) or suppress_below < 0:
        problems.append(sentence("suppress_below must be a whole number of at least 0."))
    if limit is not None and (isinstance(limit, bool) or limit < 0):
        problems.append(sentence("limit must be a whole number of at least 0."))
    if problems:
        raise UsageError(*problems)
    return day


def _changes(
    finding: Finding,
    earlier: Result,
    later: Result,
    asked: Callable[[date], Result],
    checks: int,
) -> _Changes:
    identity = _identity(finding, (earlier.table, later.table))
    before, now = _keys(earlier.table, identity), _keys(later.table, identity)
    known = set(before)
    fresh = {key for key in now if key not in known}
    seen: set[_Key] = set()
    checked = []
    step = later.as_of - earlier.as_of
    for number in range(1, checks + 1 if fresh else 1):
        if earlier.as_of - date.min <= number * step + timedelta(days=366):
            break
        day = earlier.as_of - number * step
        checked.append(day)
        seen |= fresh & set(_keys(asked(day).table, identity))
    of_key = {
        key: "still_open" if key in known else "reopened" if key in seen else "new" for key in now
    }
    still = set(now)
    of_key |= {key: "resolved" for key in before if key not in still}
    ordered = sorted(of_key.items(), key=lambda item: CHANGES.index(item[1]))
    return _Changes(identity, dict(ordered), tuple(checked))


def _identity(finding: Finding, tables: Sequence[pa.Table]) -> tuple[str, ...]:
    """Return the columns that name a row; a rank or a time in the key says something of it."""
    kinds = {column.name: column.kind for column in finding.returns}
    naming = tuple(name for name in finding.key if not kinds[name].is_measure)
    for table in tables:
        keys = _keys(table, naming)
        if not naming or len(set(keys)) != len(keys):
            return finding.key
    return naming


def _keys(table: pa.Table, names: Sequence[str]) -> list[_Key]:
    if not names:
        return [()] * table.num_rows
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


def _of_patients(earlier: Result, later: Result, changes: _Changes, threshold: int) -> Result:
    """Return the rows themselves: a patient's row is about nobody else."""
    finding = later.finding
    parts = []
    places = {
        id(result): {k: i for i, k in enumerate(_keys(result.table, changes.identity))}
        for result in (earlier, later)
    }
    for change in CHANGES:
        source = earlier if change == "resolved" else later
        rows = [places[id(source)][k] for k, c in changes.of_key.items() if c == change]
        part = source.table.take(pa.array(rows, pa.int64()))
        parts.append(part.add_column(0, "change", pa.array([change] * len(rows), pa.string())))
    table = pa.concat_tables(parts).combine_chunks()
    returns = (Return("change", Kind.TEXT, _ABOUT_CHANGE), *finding.returns)
    manifests = [{**r.manifest, "suppress_below": threshold} for r in (earlier, later)]
    return _result(replace(finding, returns=returns), table, changes, manifests, {})


def _of_groups(earlier: Result, later: Result, changes: _Changes, threshold: int) -> Result:
    """Return both days' measures side by side, freed of what either or both together tell."""
    finding = later.finding
    keys = list(changes.of_key)
    sides = [_aligned(result, keys, changes.identity) for result in (earlier, later)]
    also = _small_differences(finding, sides[0], sides[1], threshold)
    shown = [
        suppress_answer(
            table,
            finding,
            key=changes.identity,
            threshold=threshold,
            among=result.manifest["among"],
            also=also,
        )
        for table, result in zip(sides, (earlier, later), strict=True)
    ]
    returns = [Return("change", Kind.TEXT, _ABOUT_CHANGE)]
    columns: list[Any] = [pa.array(list(changes.of_key.values()), pa.string())]
    hidden: dict[str, _Mask] = {}
    for column in finding.returns:
        if column.name in changes.identity or not column.kind.is_measure:
            returns.append(column)
            columns.append(_either(sides[1].column(column.name), sides[0].column(column.name)))
            continue
        for side, ending in zip(shown, ("from", "to"), strict=True):
            named = replace(column, name=f"{column.name}_{ending}", of=())
            returns.append(named)
            columns.append(side.table.column(column.name))
            if column.name in side.hidden:
                hidden[named.name] = side.hidden[column.name]
    table = pa.table(columns, names=[column.name for column in returns])
    finding_ = replace(finding, returns=tuple(returns), key=changes.identity)
    manifests = _group_manifests((earlier, later), shown, finding, threshold)
    return _result(finding_, table, changes, manifests, hidden)


def _aligned(result: Result, keys: Sequence[_Key], identity: Sequence[str]) -> pa.Table:
    """Return a row for each key; where the day has none, nobody was counted."""
    places = {key: place for place, key in enumerate(_keys(result.table, identity))}
    rows = pa.array([places.get(key) for key in keys], pa.int64())
    table = result.table.take(rows)
    is_absent = pa.array([key not in places for key in keys], pa.bool_())
    for column in result.finding.returns:
        number = table.schema.get_field_index(column.name)
        values = table.column(number)
        if column.kind is Kind.PERSONS:
            values = pc.if_else(is_absent, pa.scalar(0, pa.int64()), values)
        elif column.name in identity:
            place = list(identity).index(column.name)
            values = pa.array([key[place] for key in keys], values.type)
        table = table.set_column(number, column.name, values)
    return table.combine_chunks()


def _small_differences(
    finding: Finding, earlier: pa.Table, later: pa.Table, threshold: int
) -> dict[str, _Mask]:
    """Return where a number of people changed by so few that the change is about them alone."""
    masks = {}
    for column in finding.returns:
        if column.kind is Kind.PERSONS:
            one, other = (
                table.column(column.name).fill_null(0).to_numpy() for table in (earlier, later)
            )
            difference = np.abs(other - one)
            masks[column.name] = (
                (difference > 0) & (difference < threshold) & (one > 0) & (other > 0)
            )
    return masks


def _either(first: pa.ChunkedArray, second: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.coalesce(first, second)


def _group_manifests(
    results: Sequence[Result], shown: Sequence[Suppressed], finding: Finding, threshold: int
) -> list[dict[str, Any]]:
    """Return the manifests as the two answers would have them, denominators no nearer than that."""
    numbers = [r.manifest["among"] for r in results]
    is_near = (
        finding.among is not None
        and finding.among.returns.kind is Kind.PERSONS
        and None not in numbers
        and 0 < abs(numbers[1] - numbers[0]) < threshold
    )
    return [
        {
            **result.manifest,
            "among": None if is_near else side.among,
            "among_suppressed": is_near or side.is_among_hidden,
            "n_suppressed": side.n_suppressed,
            "suppress_below": threshold,
        }
        for result, side in zip(results, shown, strict=True)
    ]


def _result(
    finding: Finding,
    table: pa.Table,
    changes: _Changes,
    manifests: Sequence[Mapping[str, Any]],
    hidden: Mapping[str, _Mask],
) -> Result:
    earlier, later = manifests
    n_suppressed = int(np.any(np.stack(list(hidden.values())), axis=0).sum()) if hidden else 0
    title = f"{finding.title}: changes from {earlier['as_of']} to {later['as_of']}"
    finding = replace(finding, titles={**finding.titles, "en": title})
    manifest = {
        **later,
        "title": title,
        "n_rows": table.num_rows,
        "n_suppressed": n_suppressed,
        "truncated": False,
        "columns": [
            {"name": c.name, "kind": str(c.kind)} | ({"unit": c.unit} if c.unit else {})
            for c in finding.returns
        ],
        "changes": changes.counts(),
        "checked": [day.isoformat() for day in changes.checked],
        "notes": [*_notes(changes, earlier, is_hidden=bool(hidden)), *later["notes"]],
        "from": dict(earlier),
        "to": dict(later),
    }
    return Result(finding, table, manifest, hidden)


def _notes(changes: _Changes, earlier: Mapping[str, Any], *, is_hidden: bool) -> list[str]:
    notes: list[str] = [
        sentence(
            "Compared with {day}: new {new}, reopened {reopened}, still_open {still_open}, "
            "resolved {resolved}.",
            day=earlier["as_of"],
            **changes.counts(),
        )
    ]
    if changes.checked:
        days = ", ".join(day.isoformat() for day in changes.checked)
        notes.append(
            sentence("Reopened means found on one of these earlier days too: {days}.", days=days)
        )
    if is_hidden:
        n = earlier["suppress_below"]
        notes.append(
            sentence(
                "<{n} stands for values about fewer than {n} people, for numbers of people "
                "that changed by fewer than {n}, and for others from which these could be "
                "worked out.",
                n=n,
            )
        )
    return notes
