"""What a patient's page says in numbers, counted from the answers that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathgraph.analysis.surroundings import Edge, Node, Surroundings, surroundings
from pathgraph.model.tables import LEVELS
from pathgraph.queries.result import Result

__all__ = [
    "Edge", "Listed", "Node", "Summary", "Surroundings", "around", "listed", "summary_of"
]  # fmt: skip

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """A timeline in numbers.

    Attributes
    ----------
    n_contacts
        Contacts that are part of no stay and of no other contact.
    levels
        Levels of care with a stay or contact.
    first_at, last_at
        Start of the first and end of the last of them (the day asked about where one goes on);
        ``None`` without any.
    """

    n_stays: int
    n_acute: int
    n_contacts: int
    levels: tuple[str, ...]
    first_at: str | None
    last_at: str | None
    has_died: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """What the work lists say of a patient, by what there is to do.

    Attributes
    ----------
    n_current
        Work lists with a current row.
    n_looked_at
        Work lists that could be asked.
    """

    current: tuple[Row, ...]
    earlier: tuple[Row, ...]
    not_recorded: tuple[str, ...]
    not_found: tuple[str, ...]
    not_loaded: tuple[str, ...]
    n_current: int
    n_looked_at: int


def summary_of(timeline: Result) -> Summary:
    """Return a timeline in numbers."""
    rows = timeline.table.to_pylist()
    stays = [row for row in rows if row["what"] == "stay"]
    contacts = [row for row in rows if row["what"] == "contact"]
    ends = [
        timeline.as_of.isoformat() if row["goes_on"] else row["ended_at"] or row["started_at"]
        for row in (*stays, *contacts)
    ]
    met = {row["lane"] for row in (*stays, *contacts)}
    return Summary(
        n_stays=len(stays),
        n_acute=sum(bool(row["is_acute"]) for row in stays),
        n_contacts=sum(row["part_of"] is None and row["stay_id"] is None for row in contacts),
        levels=tuple(level for level in LEVELS if level in met),
        first_at=min((row["started_at"] for row in (*stays, *contacts)), default=None),
        last_at=max(ends, default=None),
        has_died=any(
            row["what"] == "death" or row["status"] == "ended_dead" for row in rows
        ),
    )  # fmt: skip


def listed(findings: Result) -> Listed:
    """Sort what the work lists say; the newest first."""
    rows = findings.table.to_pylist()

    def those(status: str) -> tuple[Row, ...]:
        own = [row for row in rows if row["status"] == status]
        return tuple(sorted(own, key=lambda row: row["on"] or "", reverse=True))

    def names(status: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row["finding"] for row in rows if row["status"] == status))

    current, not_loaded = those("current"), names("not_loaded")
    return Listed(
        current=current,
        earlier=those("earlier"),
        not_recorded=names("not_recorded"),
        not_found=names("not_found"),
        not_loaded=not_loaded,
        n_current=len({row["finding"] for row in current}),
        n_looked_at=len({row["finding"] for row in rows}) - len(not_loaded),
    )


def around(timeline: Result, team: Result | None, patient: str) -> Surroundings:
    """Return the people and units around the patient."""
    rows: Sequence[Row] = [] if team is None else team.table.to_pylist()
    return surroundings(timeline.table.to_pylist(), rows, patient)
