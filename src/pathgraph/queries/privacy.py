"""Small numbers are hidden at the door, with whatever they could be worked out from.

What is assumed of an attacker: the totals are known (another finding, or the same one by ``all``,
shows them), a hidden number is known to be at least 1, and this page is known. Rows are taken to
divide the people between them; where people stand in several rows, too much is hidden, never too
little. A true zero is about nobody and is shown.

Tables of one finding tell about each other: what hospitals are shown with bounds what their clinics
may be shown with, and these their departments (``within``); parts that add up to a whole bound each
other (``sums``). What is hidden is decided from the top, by what the table of each level holds, so
that it is the same whichever of them is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pathgraph.queries.spec import Finding, Kind, Return, Sum

__all__ = ["Suppressed", "suppress", "suppress_answer"]

_Mask = npt.NDArray[np.bool_]
_Numbers = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A table without its small numbers.

    Attributes
    ----------
    table
        Null where a value is hidden.
    hidden
        Column to mask of shape ``(rows,)``, for the columns in which something is hidden.
    among
        The denominator; ``None`` where it is hidden.
    """

    table: pa.Table
    hidden: Mapping[str, _Mask]
    among: int | None
    is_among_hidden: bool

    @property
    def n_suppressed(self) -> int:
        """Rows in which something is hidden."""
        if not self.hidden:
            return 0
        return int(np.any(np.stack(list(self.hidden.values())), axis=0).sum())


def suppress(
    table: pa.Table,
    columns: Sequence[Return],
    *,
    key: Sequence[str],
    threshold: int,
    among: int | None = None,
    among_kind: Kind = Kind.PERSONS,
    also: Mapping[str, _Mask] | None = None,
    margins: Sequence[str] = (),
    within: Sequence[Sequence[str]] = (),
    least: str = "",
    repeated: Sequence[str] = (),
    sums: Sequence[Sum] = (),
) -> Suppressed:
    """Hide what is about fewer than ``threshold`` people; for tables that are not patient-level.

    Hidden are, row by row,

    * a number of ``persons`` from 1 to ``threshold - 1`` (or unknown), and one that leaves so few
      of the people that it is a part of (``of``);
    * in the same column further rows, smallest first, until at least two are hidden and their sum
      leaves every value from 1 to ``threshold - 1`` possible for each of them; for a part (``of``)
      also among the rows that share a value of one of ``margins``;
    * every measure derived from a hidden number;
    * the denominator, where it is that small itself, or counts people and exceeds a shown number of
      people by so few.

    Parameters
    ----------
    table
        Sorted by ``key``, columns as declared.
    threshold
        0 hides nothing.
    among, among_kind
        The denominator, and whether it counts persons or anything else.
    also
        Column of ``persons`` to mask of shape ``(rows,)``: what is to be hidden besides.
    margins
        Columns of the key of whose values, too, the total is known.
    within
        Chains of columns: what each row is a part of, what that is a part of, and so on, where
        other tables of the same finding have a row for each of those. Rows that share a value are
        then a table of their own, whose totals are known; a number that another table hides is
        hidden in all of its parts. A column without any value is left out of its chain.
    least
        Column with how many rows of the finest of these tables a row stands for: as somebody is in
        each of them, its number is known to be at least that.
    repeated
        Columns about the first column of a chain, whose rows all say the same: no parts of it.
    sums
        What adds up, row by row.
    """
    if threshold <= 0:
        return Suppressed(table, {}, among, is_among_hidden=False)
    persons = {c.name: c for c in columns if c.kind is Kind.PERSONS}
    known = _Known(persons, threshold, tuple(margins), least, tuple(repeated), tuple(sums))
    masks = _hidden(table, known, also or {}, within)
    for column in columns:
        of = column.of or (tuple(persons) if column.kind.is_measure else ())
        if column.name not in persons and column.name not in key and of:
            masks[column.name] = np.any(np.stack([masks[name] for name in of]), axis=0)
    hidden = {c.name: masks[c.name] for c in columns if c.name in masks and masks[c.name].any()}
    is_among_hidden = among is not None and _is_among_telling(
        among, among_kind, table, columns, masks, threshold
    )
    return Suppressed(
        _without(table, hidden), hidden, None if is_among_hidden else among, is_among_hidden
    )


def suppress_answer(
    table: pa.Table,
    finding: Finding,
    *,
    threshold: int,
    key: Sequence[str] | None = None,
    among: int | None = None,
    also: Mapping[str, _Mask] | None = None,
) -> Suppressed:
    """Hide small numbers of a finding's rows by all that its header says of what adds up to what.

    Parameters
    ----------
    key
        Columns that tell the rows apart; by default the finding's own.

    Otherwise as :func:`suppress`.
    """
    return suppress(
        table,
        finding.returns,
        key=finding.key if key is None else key,
        threshold=threshold,
        among=among,
        among_kind=finding.among.returns.kind if finding.among else Kind.PERSONS,
        also=also,
        margins=finding.margins,
        within=finding.within,
        least=finding.least,
        repeated=finding.repeated,
        sums=finding.sums,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a table besides its numbers."""

    persons: Mapping[str, Return]
    threshold: int
    margins: tuple[str, ...]
    least: str
    repeated: tuple[str, ...]
    sums: tuple[Sum, ...]


def _hidden(
    table: pa.Table, known: _Known, also: Mapping[str, _Mask], within: Sequence[Sequence[str]]
) -> dict[str, _Mask]:
    """Return which numbers of people are hidden in a table whose totals are known."""
    persons, threshold = known.persons, known.threshold
    numbers = {name: _numbers(table, name) for name in persons}
    least = _least(table, known)
    masks = {name: (n < _fewest(least[name], threshold)) & (n != 0) for name, n in numbers.items()}
    for name, mask in also.items():
        masks[name] |= mask
    for name, column in persons.items():
        for whole in column.of:
            rest = numbers[whole] - numbers[name]
            masks[name] |= (rest > 0) & (rest < threshold)
    lines = _hide_parts(table, known, masks, within)
    _propagate(persons, masks)
    groups = [rows for name in known.margins for rows in _rows_by_value(table, name)]
    every = np.arange(table.num_rows)

    def is_changed(name: str) -> bool:
        if not lines and not known.sums:
            return _protect(name, persons, numbers, masks, threshold, least[name])
        return any(
            _protect_line(name, known, numbers, masks, least[name], rows, is_part=bool(lines))
            for rows in lines or [every]
        )

    while any(
        is_changed(name)
        or _protect_within(groups, numbers[name], masks[name], threshold, persons[name])
        for name in persons
    ) or any(_protect_sum(sum_, numbers, masks, threshold) for sum_ in known.sums):
        _propagate(persons, masks)
    return masks


def _hide_parts(
    table: pa.Table, known: _Known, masks: Mapping[str, _Mask], within: Sequence[Sequence[str]]
) -> list[_Rows]:
    """Hide every part of what is hidden; return the rows of each whole."""
    lines: list[_Rows] = []
    for chain in within:
        names = [name for name in chain if table.column(name).null_count < table.num_rows]
        if not names:
            continue
        groups = _rows_by_value(table, names[0])
        values = [table.column(names[0])[int(rows[0])].as_py() for rows in groups]
        # In the order in which the other table has its rows: of equal numbers the first is hidden.
        order = sorted(range(len(values)), key=lambda place: _nulls_last(values[place]))
        groups = [groups[place] for place in order]
        above = _hidden(
            _wholes(table, groups, known, names[1:]),
            replace(known, margins=(), repeated=()),
            {},
            [names[1:]],
        )
        for place, rows in enumerate(groups):
            for name in known.persons:
                masks[name][rows] |= above[name][place]
        lines += groups
    return lines


def _wholes(
    table: pa.Table, groups: Sequence[_Rows], known: _Known, names: Sequence[str]
) -> pa.Table:
    """Return the other table, which has a row for each group of rows."""
    first = pa.array([int(rows[0]) for rows in groups], pa.int64())
    if known.repeated:
        # Unknown in the rows of the other one of two days that are compared.
        is_there = _numbers(table, known.repeated[0]) >= 0
        groups = [rows[is_there[rows]] for rows in groups]

    def total(name: str, numbers: _Numbers, rows: _Rows) -> int | None:
        return _sum(numbers[rows[:1] if name in known.repeated else rows])

    numbers = {name: _numbers(table, name) for name in known.persons}
    if known.least:
        # Unknown where nobody is, as on the other one of two days that are compared.
        numbers[known.least] = np.maximum(_numbers(table, known.least), 0)
    sums = {
        name: pa.array([total(name, n, rows) for rows in groups], pa.int64())
        for name, n in numbers.items()
    }
    return pa.table({**sums, **{name: table.column(name).take(first) for name in names}})


def _least(table: pa.Table, known: _Known) -> dict[str, _Numbers]:
    """Return how many people each row is known to be about, where it is about any."""
    ones = np.ones(table.num_rows, dtype=np.int64)
    rows = np.maximum(_numbers(table, known.least), 1) if known.least else ones
    # A part (of) may be nobody in a row that is there.
    return {name: ones if column.of else rows for name, column in known.persons.items()}


def _fewest(least: _Numbers | int, threshold: int) -> _Numbers | int:
    """Return what a row must be about to be shown: its parts must be able to cover each other."""
    return np.maximum(threshold, least + threshold - 2)


def _nulls_last(value: str | None) -> tuple[bool, str]:
    return value is None, value or ""


def _sum(numbers: _Numbers) -> int | None:
    """Return the sum; null where one of the numbers is unknown."""
    return None if (numbers < 0).any() else int(numbers.sum())


def _numbers(table: pa.Table, name: str) -> _Numbers:
    """Return a column of persons; an unknown number is -1, which is hidden like a small one."""
    filled = table.column(name).fill_null(-1)
    numbers: _Numbers = filled.to_numpy().astype(np.int64)
    return numbers


def _propagate(persons: Mapping[str, Return], masks: dict[str, _Mask]) -> None:
    """Hide the part wherever the whole is hidden."""
    for _ in persons:
        for name, column in persons.items():
            for whole in column.of:
                masks[name] = masks[name] | masks[whole]


def _protect(
    name: str,
    persons: Mapping[str, Return],
    numbers: Mapping[str, _Numbers],
    masks: dict[str, _Mask],
    threshold: int,
    least: _Numbers,
) -> bool:
    """Hide one row more in the column ``name`` where its total gives a hidden one away."""
    values, mask = numbers[name], masks[name]
    candidates = ~mask & (values > 0)
    if _is_open(values[mask], threshold, least[mask]):
        return _hide_smallest(values, candidates, mask)
    for whole in persons[name].of:
        rest = numbers[whole] - values
        # Where the whole is hidden too, the rest cannot be worked out.
        if _is_open(rest[mask & ~masks[whole]], threshold):
            telling = candidates & (rest > 0) & ~masks[whole]
            return _hide_smallest(rest, telling, mask) or (
                int(mask.sum()) < 2 and _hide_smallest(values, candidates, mask)
            )
    return False


def _protect_line(
    name: str,
    known: _Known,
    numbers: Mapping[str, _Numbers],
    masks: dict[str, _Mask],
    least: _Numbers,
    rows: _Rows,
    *,
    is_part: bool,
) -> bool:
    """Do so in the rows of one whole, none of which is hidden alone, whatever for.

    Where they are a part of the table, the whole is shown beside them: there nobody is hidden too
    where the rows of somebody do not cover each other.
    """
    persons, threshold = known.persons, known.threshold
    values, beyond = {other: n[rows] for other, n in numbers.items()}, least[rows]
    hidden = {other: mask[rows] for other, mask in masks.items()}
    own, mask = values[name], hidden[name]
    if not _protect(name, persons, values, hidden, threshold, beyond):
        rests = [(values[whole] - own)[mask & ~hidden[whole]] for whole in persons[name].of]
        is_told = _is_open(own[mask], threshold, beyond[mask]) or any(
            _is_open(rest, threshold) for rest in rests
        )
        is_covered = mask.sum() == 1 and _hide_smallest(own, ~mask & (own > 0), mask)
        if not is_covered:
            if not is_part or mask.all() or not (is_told or mask.sum() == 1):
                return False
            mask[:] = True
    masks[name][rows] = mask
    return True


def _protect_sum(
    sum_: Sum, numbers: Mapping[str, _Numbers], masks: dict[str, _Mask], threshold: int
) -> bool:
    """Hide a further part in each row whose whole gives a hidden part away.

    A part that is hidden for another's sake must not be worked out either, so that no hidden part
    stands alone. Where nobody is in the others, one of these covers it.
    """
    values = np.stack([numbers[part] for part in sum_.parts])
    hidden = np.stack([masks[part] for part in sum_.parts])
    is_changed = False
    for row in np.flatnonzero(hidden.any(axis=0) & ~masks[sum_.whole]):
        is_hidden = hidden[:, row]
        if is_hidden.sum() > 1 and not _is_open(values[is_hidden, row], threshold):
            continue
        others = np.flatnonzero(~is_hidden)
        if len(others):
            # Few people before many, and nobody only where there is nobody else.
            order = np.where(values[others, row] > 0, values[others, row], np.iinfo(np.int64).max)
            masks[sum_.parts[others[np.argmin(order)]]][row] = True
            is_changed = True
    return is_changed


def _rows_by_value(table: pa.Table, name: str) -> list[_Rows]:
    """Return the numbers of the rows that share a value of a column, value by value."""
    codes = table.column(name).combine_chunks().dictionary_encode("encode").indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def _protect_within(
    groups: Sequence[_Rows],
    values: _Numbers,
    mask: _Mask,
    threshold: int,
    column: Return,
) -> bool:
    """Hide one row more in each group whose total gives a hidden part of it away."""
    is_changed = False
    for rows in groups if column.of else ():
        hidden = mask[rows]
        if hidden.any() and _is_open(values[rows][hidden], threshold):
            candidates = ~hidden & (values[rows] > 0)
            if _hide_smallest(values[rows], candidates, hidden):
                mask[rows] = hidden
                is_changed = True
    return is_changed


def _is_open(hidden: _Numbers, threshold: int, least: _Numbers | int = 1) -> bool:
    """Whether the sum of the hidden numbers narrows one of them down.

    With numbers of at least ``least`` and a known sum none can be above its own least by more than
    the sum is above all of them. Zeros and unknown numbers protect nothing.
    """
    positive = hidden > 0
    if not (positive & (hidden < _fewest(least, threshold))).any():
        return False
    beyond = (hidden - least)[positive]
    return len(beyond) < 2 or int(beyond.sum()) < threshold - 2


def _hide_smallest(values: _Numbers, candidates: _Mask, mask: _Mask) -> bool:
    """Hide the smallest candidate, the first of equal ones; ``False`` where there is none."""
    if not candidates.any():
        return False
    mask[np.flatnonzero(candidates)[np.argmin(values[candidates])]] = True
    return True


def _is_among_telling(
    among: int,
    kind: Kind,
    table: pa.Table,
    columns: Sequence[Return],
    masks: Mapping[str, _Mask],
    threshold: int,
) -> bool:
    """Whether the denominator is small, or few are the people whom a shown number lacks of it.

    Fewer things than the threshold are about fewer people; of tallies nothing else is known.
    """
    if 0 < among < threshold:
        return True
    for column in columns:
        if kind is not Kind.PERSONS or column.kind is not kind:
            continue
        rest = among - _numbers(table, column.name)[~masks[column.name]]
        if ((rest > 0) & (rest < threshold)).any():
            return True
    return False


def _without(table: pa.Table, hidden: Mapping[str, _Mask]) -> pa.Table:
    for name, mask in hidden.items():
        index = table.schema.get_field_index(name)
        column = table.column(index).combine_chunks()
        kept = pa.array(np.arange(len(mask)), mask=mask)
        table = table.set_column(index, table.schema.field(index), column.take(kept))
    return table
