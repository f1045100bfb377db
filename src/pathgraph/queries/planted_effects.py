"""Differences in size that a generated region is known to hold, and whether a finding sees them.

``FOLDER/answer_key/effects/<finding>.csv`` has the finding's key column, ``planted_ratio`` (true
number over the expected one), ``as_of``, and columns named as parameters of the finding, by which
it is asked. Chance may hide such a difference or show another, on one region: only where the
printed power is high is it looked for, and what came of it does not decide whether a score is
perfect.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pathgraph.errors import InputError
from pathgraph.queries.spec import Finding

__all__ = ["EffectKey", "EffectScore", "read_effects", "score_effects"]

_RATIO, _AS_OF = "planted_ratio", "as_of"
_READ = ("adjusted_p_value", "observed_to_expected", "power")
"""Columns that a finding must have for its effects to be scored."""

LEVEL = 0.05
ENOUGH_POWER = 0.9
"""Own proposal of the counting rules: detection is asked for above this."""


@dataclass(frozen=True, slots=True)
class EffectKey:
    """What was planted: the ratio of each row that differs, by the row's key.

    Attributes
    ----------
    parameters
        By which the finding is asked.
    """

    finding: Finding
    as_of: date
    parameters: Mapping[str, str]
    ratios: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EffectScore:
    """One finding against the differences that were planted.

    Attributes
    ----------
    table
        A row for each planted difference and each other one that the finding saw: ``row``,
        ``planted_ratio`` (none where nothing was planted), ``observed_to_expected``, ``power``,
        ``adjusted_p_value`` and ``result``: ``found``, ``not_found``, ``too_little_power`` or
        ``not_planted``.
    """

    key: EffectKey
    table: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def precision(self) -> float | None:
        """Share of what was seen that was planted; none where nothing was seen."""
        seen = [row for row in self.table if row["is_seen"]]
        planted = [row for row in seen if row[_RATIO] is not None]
        return len(planted) / len(seen) if seen else None

    @property
    def recall(self) -> float | None:
        """Share of what was planted and has enough power that was seen; none without power."""
        results = [row["result"] for row in self.table]
        n_found, n_missed = results.count("found"), results.count("not_found")
        return n_found / (n_found + n_missed) if n_found + n_missed else None

    def rows(self) -> list[dict[str, Any]]:
        """Return the table with the finding's name."""
        return [{"finding": self.key.finding.id, **row} for row in self.table]


def read_effects(folder: Path, findings: Mapping[str, Finding]) -> tuple[EffectKey, ...]:
    """Read ``folder/answer_key/effects``; a folder without it has none.

    Raises
    ------
    InputError
        With all that is wrong with all files.
    """
    keys: list[EffectKey] = []
    problems: list[str] = []
    for path in sorted((folder / "answer_key" / "effects").glob("*.csv")):
        key = _read(path, findings.get(path.stem), problems)
        if key is not None:
            keys.append(key)
    if problems:
        raise InputError(problems)
    return tuple(keys)


def _read(path: Path, finding: Finding | None, problems: list[str]) -> EffectKey | None:
    columns = {column.name for column in finding.returns} if finding else set()
    if finding is None or len(finding.key) != 1 or not columns.issuperset(_READ):
        problems.append(f"{path}: no finding '{path.stem}' tells rows with a difference by a test.")
        return None
    (name,) = finding.key
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file, strict=True))
        ratios = {line[name]: float(line[_RATIO]) for line in lines}
        (day,) = {date.fromisoformat(line[_AS_OF]) for line in lines}
        known = {p.name for p in finding.parameters} & set(lines[0])
        ((*values,),) = {tuple(line[p] for p in sorted(known)) for line in lines}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError):
        problems.append(
            f"{path} does not hold {name}, {_RATIO} (a number) and {_AS_OF} (one date), and the "
            "same parameters in all lines. Generate it anew."
        )
        return None
    return EffectKey(finding, day, dict(zip(sorted(known), values, strict=True)), ratios)


def score_effects(key: EffectKey, rows: list[Mapping[str, Any]]) -> EffectScore:
    """Compare a finding's rows with the differences that were planted.

    Parameters
    ----------
    rows
        The finding's key column, ``adjusted_p_value``, ``observed_to_expected``, ``power``.
    """
    (name,) = key.finding.key
    by_row = {str(row[name]): row for row in rows}
    scored = []
    for value in [*key.ratios, *(other for other in by_row if other not in key.ratios)]:
        row = by_row.get(value, {})
        ratio, p_value = row.get("observed_to_expected"), row.get("adjusted_p_value")
        planted = key.ratios.get(value)
        is_seen = p_value is not None and p_value < LEVEL and ratio is not None and ratio < 1
        if planted is None and not is_seen:
            continue
        result = _result(planted, is_seen, row.get("power"))
        scored.append(
            {
                "row": value,
                _RATIO: planted,
                "observed_to_expected": ratio,
                "power": row.get("power"),
                "adjusted_p_value": p_value,
                "is_seen": is_seen,
                "result": result,
            }
        )
    return EffectScore(key, tuple(scored))


def _result(planted: float | None, is_seen: bool, power: float | None) -> str:
    if planted is None:
        return "not_planted"
    if is_seen:
        return "found"
    return "not_found" if power is not None and power > ENOUGH_POWER else "too_little_power"
