"""How well findings find what a generated region is known to hold.

It runs unsuppressed: an answer key exists for generated data only, which is about nobody.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pathgraph.engine.base import Engine, LoadRecord
from pathgraph.errors import InputError, TableNotLoadedError
from pathgraph.model.schema import NODES
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.progress import Progress, QuietProgress
from pathgraph.queries.answer_key import AnswerKey, NearMiss, Row, cell_of, read_answer_keys
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.planted_effects import (
    EffectKey,
    EffectScore,
    read_effects,
    score_effects,
)
from pathgraph.queries.run import Answers, run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FindingScore", "Score", "score"]

_ID_SAMPLE = 500
"""Ids of each sort that are looked for in the graph where the folder holds no tables to count."""

NOTE = "Nothing is suppressed: an answer key exists for generated data only, which is about nobody."


@dataclass(frozen=True)
class FindingScore:
    """One finding against its answer key.

    Attributes
    ----------
    found
        Different rows that the finding found, on the key's columns.
    wrongly_found
        Near misses that were found.
    """

    key: AnswerKey
    found: frozenset[Row]
    wrongly_found: tuple[NearMiss, ...]

    @property
    def n_both(self) -> int:
        """Rows that are planted and found."""
        return len(self.found & (self.key.planted or frozenset()))

    @property
    def precision(self) -> float | None:
        """Share of the found rows that are planted; none where nothing was found or planted."""
        if self.key.planted is None or not self.found:
            return None
        return self.n_both / len(self.found)

    @property
    def recall(self) -> float | None:
        """Share of the planted rows that were found."""
        return self.n_both / len(self.key.planted) if self.key.planted else None

    @property
    def is_perfect(self) -> bool:
        """Whether all planted rows, no others and no near miss were found."""
        return not self.wrongly_found and self.key.planted in (None, self.found)

    def near_misses(self) -> list[dict[str, Any]]:
        """Return for each sort of near miss how many there are and how many were found."""
        rows: dict[str, dict[str, Any]] = {
            miss.word: {"near_miss": miss.word, "n": 0, "n_found": 0}
            for miss in sorted(self.key.near_misses, key=lambda miss: miss.word)
        }
        for miss in self.key.near_misses:
            rows[miss.word]["n"] += 1
        for miss in self.wrongly_found:
            rows[miss.word]["n_found"] += 1
        return list(rows.values())

    def row(self) -> dict[str, Any]:
        """Return the counts as one row."""
        planted = self.key.planted
        return {
            "finding": self.key.finding.id,
            "as_of": self.key.as_of.isoformat(),
            "planted": None if planted is None else len(planted),
            "found": len(self.found),
            "both": None if planted is None else self.n_both,
            "precision": self.precision,
            "recall": self.recall,
            "n_near_misses": len(self.key.near_misses),
            "n_near_misses_found": len(self.wrongly_found),
            "near_misses": self.near_misses(),
        }

    def differences(self) -> Iterator[dict[str, Any]]:
        """Yield the rows that were missed, found without being planted, and near misses found."""
        planted = self.key.planted
        if planted is not None:
            yield from (self._difference("missed", row) for row in sorted(planted - self.found))
            yield from (
                self._difference("not_planted", row) for row in sorted(self.found - planted)
            )
        for miss in sorted(self.wrongly_found, key=lambda miss: miss.row):
            yield self._difference("near_miss", miss.row, miss.word)

    def _difference(self, what: str, row: Row, word: str | None = None) -> dict[str, Any]:
        names = [column.name for column in self.key.columns]
        return {
            "finding": self.key.finding.id,
            "as_of": self.key.as_of.isoformat(),
            "difference": what,
            "near_miss": word,
            "row": json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False),
        }


@dataclass(frozen=True)
class Score:
    """All findings against the answer key of one folder.

    Attributes
    ----------
    later
        Keys that belong to findings still to come; they were not looked at.
    effects
        Differences in size that were planted. Chance may hide one of them, so what came of them
        is shown and does not decide what is perfect.
    """

    findings: tuple[FindingScore, ...]
    later: tuple[str, ...]
    record: LoadRecord = field(repr=False)
    effects: tuple[EffectScore, ...] = ()
    note: str = NOTE

    @property
    def is_perfect(self) -> bool:
        """Whether every finding found all that is planted and nothing else."""
        return all(item.is_perfect for item in self.findings)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a finding: planted, found, both, precision, recall, near misses."""
        return [item.row() for item in self.findings]

    def differences(self) -> list[dict[str, Any]]:
        """Return one row a difference, with the row itself as a JSON object."""
        return [row for item in self.findings for row in item.differences()]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows of :meth:`rows` as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.rows())


def score(
    engine: Engine,
    folder: Path | str,
    *,
    timeout_s: float | None = None,
    progress: Progress | None = None,
    library: Path | None = None,
) -> Score:
    """Compare what findings find, with defaults, with the answer key in ``folder/answer_key``.

    Parameters
    ----------
    folder
        The generated region that the graph was loaded from.
    library
        A folder like ``cypher/``; by default pathgraph's own.

    Raises
    ------
    InputError
        All that is wrong with the folder: no key, unknown findings or columns, several dates in
        a file; or tables that are not those that the graph was loaded from.
    TableNotLoadedError
        When findings need tables that were not loaded.
    GraphNotReadyError
        When nothing is loaded, or a load is under way or broke off.
    """
    place = Path(folder)
    progress = progress or QuietProgress()
    record = engine.record()
    content = read_answer_keys(place, catalogue(library))
    effects = read_effects(place, catalogue(library))
    problems = _not_this_region(engine, place, record, content.keys)
    if problems:
        raise InputError(problems)
    scores: list[FindingScore] = []
    seen: list[EffectScore] = []
    unanswered: list[str] = []
    answers = Answers()
    asked: tuple[AnswerKey | EffectKey, ...] = (*content.keys, *effects)
    progress.start("scoring", len(asked), "findings")
    for key in asked:
        try:
            result = run(
                engine,
                key.finding.id,
                key.parameters if isinstance(key, EffectKey) else None,
                as_of=key.as_of,
                suppress_below=0,
                timeout_s=timeout_s,
                folder=library,
                answers=answers,
            )
        except TableNotLoadedError as error:
            unanswered.extend(error.sentences)
        else:
            if isinstance(key, EffectKey):
                seen.append(score_effects(key, result.table.to_pylist()))
            else:
                scores.append(score_one(key, result.table))
        progress.advance(1)
    progress.finish()
    if unanswered:
        raise TableNotLoadedError(*unanswered)
    return Score(tuple(scores), content.later, record, tuple(seen))


def score_one(key: AnswerKey, table: pa.Table) -> FindingScore:
    """Compare a finding's table with its key, on the columns that the key has."""
    columns = [
        [cell_of(value, column) for value in table.column(column.name).to_pylist()]
        for column in key.columns
    ]
    found = frozenset(zip(*columns, strict=True))
    surplus = found - (key.planted or frozenset())
    return FindingScore(key, found, _wrongly_found(key.near_misses, surplus))


def _wrongly_found(misses: Iterable[NearMiss], surplus: frozenset[Row]) -> tuple[NearMiss, ...]:
    """Return the near misses with a found, unplanted row that agrees in every cell that they fill.

    A near miss has no value for what only a found row has (a reason, say), so its cell is empty.
    """
    projected: dict[tuple[int, ...], set[Row]] = {}
    wrong = []
    for miss in misses:
        filled = tuple(place for place, cell in enumerate(miss.row) if cell)
        if filled not in projected:
            projected[filled] = {tuple(row[place] for place in filled) for row in surplus}
        if tuple(miss.row[place] for place in filled) in projected[filled]:
            wrong.append(miss)
    return tuple(wrong)


def _not_this_region(
    engine: Engine, folder: Path, record: LoadRecord, keys: Iterable[AnswerKey]
) -> list[str]:
    """Return what shows that the graph was loaded from something else than this folder."""
    loaded: Mapping[str, Any] = record.manifest.get("tables", {})
    problems = []
    is_any = False
    for table in CANONICAL_TABLES:
        n = _n_rows(folder, table.name)
        if n is None:
            continue
        is_any = True
        there = loaded.get(table.name)
        if there is None:
            problems.append(
                f"The folder has a table {table.name}, and the graph was loaded without."
            )
        elif there["read"] != n:
            problems.append(
                f"The folder's table {table.name} has {n} rows, and the graph was loaded from one "
                f"with {there['read']}."
            )
    if not is_any:
        problems = _unknown_ids(engine, keys)
    if problems:
        problems.append(
            f"So the graph does not hold the region that the answer key belongs to. Load it first: "
            f"pathgraph load tables {folder}."
        )
    return problems


def _n_rows(folder: Path, name: str) -> int | None:
    """Return the number of rows of a table of the folder, where it is there and can be counted."""
    parts = sorted((folder / name).glob("**/*.parquet")) or [
        path for path in (folder / f"{name}.parquet",) if path.is_file()
    ]
    try:
        if parts:
            return sum(int(pq.read_metadata(path).num_rows) for path in parts)
        if (folder / f"{name}.csv").is_file():
            with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
                return sum(1 for line in csv.reader(file) if line) - 1
    except (OSError, ValueError, csv.Error, pa.ArrowException):
        return None
    return None


def _unknown_ids(engine: Engine, keys: Iterable[AnswerKey]) -> list[str]:
    """Return the labels of which most ids of the keys are not in the graph."""
    wanted: dict[str, set[str]] = {}
    for key in keys:
        for place, column in enumerate(key.columns):
            cells = {row[place] for row in key.planted or ()} - {""}
            wanted.setdefault(column.name, set()).update(cells)
    problems = []
    for node in NODES:
        ids = sorted(wanted.get(node.key, ()))[:_ID_SAMPLE]
        if not ids:
            continue
        cypher = f"MATCH (n:{node.label}) WHERE n.{node.key} IN $ids RETURN count(n) AS n"
        n = int(engine.query(cypher, {"ids": ids}).column("n")[0].as_py())
        if 2 * n < len(ids):
            problems.append(f"Of {len(ids)} {node.key} of the key, {n} are in the graph.")
    return problems
