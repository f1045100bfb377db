"""An attacker who reads every table and works out what is hidden in them.

Plain linear programming over the published numbers; it knows nothing of how they were hidden.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog

Row = Mapping[str, Any]
PARTS = {"n_referred": "n_eligible"}
SENT = ("n_by_clinic", "n_asked_by_team", "n_by_others", "n_sender_unknown")


@dataclass
class Attack:
    """What is known of the numbers of the finest table.

    Attributes
    ----------
    cells
        Its rows, each of which is about somebody.
    columns
        ``n_eligible``, and what else is tried: parts of it, and parts that add up.
    """

    cells: Sequence[str]
    columns: Sequence[str]
    equal: list[tuple[np.ndarray, float]] = field(default_factory=list)
    at_most: list[tuple[np.ndarray, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for cell in self.cells:
            for part, whole in PARTS.items():
                if part in self.columns:
                    self.at_most.append((self.sum([cell], part) - self.sum([cell], whole), 0))
            if SENT[0] in self.columns:
                sent = sum(self.sum([cell], name) for name in SENT)
                self.equal.append((self.sum([cell], "n_referred") - sent, 0))

    def sum(self, cells: Collection[str], column: str) -> np.ndarray:
        """Return the sum of a column over some cells, as a row of coefficients."""
        return np.array(
            [float(c == column and cell in cells) for c in self.columns for cell in self.cells]
        )

    def read(self, cells: Collection[str], row: Row) -> None:
        """Learn what a row shows."""
        for column in self.columns:
            if row[column] is not None:
                self.equal.append((self.sum(cells, column), row[column]))

    def range(self, target: np.ndarray) -> tuple[int, float]:
        """Return the least and the greatest value that fits all that was read."""
        bounds = [(float(c == "n_eligible"), None) for c in self.columns for _ in self.cells]
        given: dict[str, Any] = {"bounds": bounds, "method": "highs"}
        for names, known in ((("A_eq", "b_eq"), self.equal), (("A_ub", "b_ub"), self.at_most)):
            if known:
                given |= dict(zip(names, map(np.array, zip(*known, strict=True)), strict=True))
        low, high = linprog(target, **given), linprog(-target, **given)
        assert low.status == 0, low.message
        # Without a bound above there is no optimum.
        greatest = math.inf if high.status in (3, 4) else math.floor(-high.fun + 1e-6)
        return math.ceil(low.fun - 1e-6), greatest


def worked_out(
    tables: Sequence[tuple[Sequence[Row], Sequence[Row], Mapping[str, Collection[str]]]],
    columns: Sequence[str],
    threshold: int,
) -> list[tuple[str, str, int, tuple[int, float]]]:
    """Return the small numbers that the tables together give away, with what they are told to be.

    Parameters
    ----------
    tables
        Of each its rows with nothing hidden, the same as published, and by ``by_value`` the cells
        that a row is the sum of.
    """
    cells = sorted({cell for _, _, of in tables for own in of.values() for cell in own})
    attack = Attack(cells, columns)
    for _, published, of in tables:
        for row in published:
            attack.read(of[row["by_value"]], row)
    found = []
    for true, published, of in tables:
        for secret, row in zip(true, published, strict=True):
            own = of[row["by_value"]]
            for column in columns:
                n, at = secret[column], attack.sum(own, column)
                if n is None:
                    continue
                if row[column] is None and 0 < n < threshold:
                    found.append((row["by_value"], column, n, attack.range(at)))
                whole = PARTS.get(column)
                if whole and row[column] is None and row[whole] is not None:
                    rest = secret[whole] - n
                    if 0 < rest < threshold:
                        told = attack.range(attack.sum(own, whole) - at)
                        found.append((row["by_value"], f"not {column}", rest, told))
    # Of whom it is known that they are there each number must be as open as one alone would be.
    return [
        (unit, column, n, (low, high))
        for unit, column, n, (low, high) in found
        if high - low < (threshold - 2 if column == "n_eligible" else 1)
    ]
