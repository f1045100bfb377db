"""Small numbers are hidden at the door, with whatever they could be worked out from.

What is assumed of an attacker: the totals are known (another finding, or the same one by ``all``,
shows them), a hidden number is known to be at least 1, and this page is known. Rows are taken to
divide the people between them; where people stand in several rows, too much is hidden, never too
little. A true zero is about nobody and is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pathgraph.queries.spec import Kind, Return

__all__ = ["Suppressed", "suppress"]

_Mask = npt.NDArray[np.bool_]
_Numbers = npt.NDArray[np.int64]


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
    """
    if threshold <= 0:
        return Suppressed(table, {}, among, is_among_hidden=False)
    persons = {c.name: c for c in columns if c.kind is Kind.PERSONS}
    numbers = {name: _numbers(table, name) for name in persons}
    masks = {name: (n < threshold) & (n != 0) for name, n in numbers.items()}
    for name, mask in (also or {}).items():
        masks[name] |= mask
    for name, column in persons.items():
        for whole in column.of:
            rest = numbers[whole] - numbers[name]
            masks[name] |= (rest > 0) & (rest < threshold)
    _propagate(persons, masks)
    groups = [rows for name in margins for rows in _rows_by_value(table, name)]
    while any(
        _protect(name, persons, numbers, masks, threshold)
        or _protect_within(groups, numbers[name], masks[name], threshold, persons[name])
        for name in persons
    ):
        _propagate(persons, masks)
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
) -> bool:
    """Hide one row more in the column ``name`` where its total gives a hidden one away."""
    values, mask = numbers[name], masks[name]
    candidates = ~mask & (values > 0)
    if _is_open(values[mask], threshold):
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


def _rows_by_value(table: pa.Table, name: str) -> list[npt.NDArray[np.intp]]:
    """Return the numbers of the rows that share a value of a column, value by value."""
    codes = table.column(name).combine_chunks().dictionary_encode("encode").indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def _protect_within(
    groups: Sequence[npt.NDArray[np.intp]],
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


def _is_open(hidden: _Numbers, threshold: int) -> bool:
    """Whether the sum of the hidden numbers narrows one of them down.

    With ``n`` numbers of at least 1 and a known sum the largest possible one is ``sum - n + 1``.
    Zeros and unknown numbers protect nothing.
    """
    positive = hidden[hidden > 0]
    if not (hidden != 0).any() or not (positive < threshold).any():
        return False
    return len(positive) < 2 or int(positive.sum()) - len(positive) + 1 < threshold - 1


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
