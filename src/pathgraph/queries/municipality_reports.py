"""What the reports for the health community's meeting hold: a municipality's, and that of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pathgraph.errors import TableNotLoadedError
from pathgraph.queries.eligibility import SPECIALIST
from pathgraph.queries.network_change import Asking, strongest_first
from pathgraph.queries.network_time import changed_from_before, periods_of
from pathgraph.queries.places import STANDINGS, only, with_standing
from pathgraph.queries.result import Result

__all__ = [
    "MOST_FLOWS",
    "Answers",
    "Flow",
    "OfAll",
    "Row",
    "answers_for",
    "contact_point",
    "flows_of",
    "of_all",
    "quiet_partners",
]

MOST_FLOWS = 10
"""Units on a municipality's page; own choice, so that it is one sheet."""

_MOST_CLINICS = 8
_NETWORK, _ASKED = "municipality_units", {"depth": "clinic"}


@dataclass(frozen=True, slots=True)
class Answers:
    """All that the reports rest on, asked once for all municipalities.

    Attributes
    ----------
    places
        The municipalities of the health community: those that the formal division names.
    findings
        Findings by municipality, with the standing of each; ``None`` where not loaded.
    points
        Contact points; ``None`` where not loaded.
    now
        The contact network; ``None`` where not loaded.
    changes
        Its change from the year before; ``None`` where that is not covered.
    quiet
        Formal partners without contact; ``None`` where not loaded.
    """

    municipalities: Result
    places: Sequence[dict[str, Any]]
    findings: Result | None
    points: Result | None
    now: Result | None
    changes: pd.DataFrame | None
    quiet: Result | None

    @property
    def as_of(self) -> date:
        """The day at whose end things were looked at."""
        return self.municipalities.as_of

    def place(self, code: str) -> dict[str, Any] | None:
        """Return the row of a municipality of the community."""
        return next((row for row in self.places if row["municipality_code"] == code), None)


@dataclass(frozen=True, slots=True)
class Flow:
    """A unit that inhabitants come to.

    Attributes
    ----------
    n_patients
        ``None`` where not to be shown.
    change
        One of ``CHANGES``; empty where the year before is not covered.
    """

    unit: str
    name: str
    level: str | None
    n_patients: int | None
    change: str
    difference: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A municipality on the sheet of all.

    Attributes
    ----------
    n_highest, n_compared
        Findings in which the share is in the highest quarter, of those compared.
    clinics
        Patients per 100 inhabitants by clinic; ``None`` where not to be shown.
    """

    place: dict[str, Any]
    point: str
    n_patients: int | None
    n_highest: int
    n_compared: int
    clinics: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class OfAll:
    """The sheet of all municipalities; ``clinics`` are names, ``most`` the greatest share."""

    rows: Sequence[Row]
    clinics: Sequence[str]
    most: float


def answers_for(asking: Asking, as_of: date | str | None = None) -> Answers:
    """Ask all that the reports need, once for all municipalities.

    Raises
    ------
    TableNotLoadedError
        When not even the municipalities are there; whatever else is missing is left out.
    """
    municipalities = asking.run("municipalities", as_of=as_of)
    places = [row for row in _rows(municipalities) if row["hospital_area"] is not None]
    day = municipalities.as_of
    findings = _asked(asking, "findings_by_place", {"by": "municipality"}, day)
    now = _asked(asking, _NETWORK, _ASKED, day)
    return Answers(
        municipalities=municipalities,
        places=places,
        findings=None if findings is None else with_standing(findings),
        points=_asked(asking, "contact_points", {}, day),
        now=now,
        changes=None if now is None else _changes(asking, now),
        quiet=_asked(asking, "quiet_pairs", {}, day),
    )


def _asked(asking: Asking, finding: str, asked: dict[str, str], day: date) -> Result | None:
    try:
        return asking.run(finding, asked, as_of=day)
    except TableNotLoadedError:
        return None


def _changes(asking: Asking, now: Result) -> pd.DataFrame | None:
    changed = changed_from_before(asking, now, _ASKED, periods_of(asking, now, now.as_of))
    return None if changed is None else changed.ties


def _rows(result: Result) -> list[dict[str, Any]]:
    """Return the rows, each with the names of its hidden columns."""
    rows: list[dict[str, Any]] = result.table.to_pylist()
    for place, row in enumerate(rows):
        row["hidden"] = {name for name, mask in result.hidden.items() if mask[place]}
    return rows


def flows_of(answers: Answers, code: str) -> list[Flow]:
    """Return the units that the inhabitants come to, the most patients first, hidden ones last.

    Units that nobody came to any more stand where their numbers of the year before put them.
    """
    if answers.now is None:
        return []
    if answers.changes is None:
        own = only(answers.now, "from_id", code).frame
        own = own[own["to_id"].notna()].assign(change="", difference=None)
    else:
        own = answers.changes[answers.changes["from_id"] == code]
        own = own[~((own["change"] == "alike") & (own["n_patients"] == 0))]
    return [
        Flow(
            unit=row["to_id"],
            name=row["to_id"] if pd.isna(row["to_name"]) else row["to_name"],
            level=None if pd.isna(row["to_level"]) else row["to_level"],
            n_patients=None if pd.isna(row["n_patients"]) else int(row["n_patients"]),
            change=str(row["change"]),
            difference=None if pd.isna(row["difference"]) else int(row["difference"]),
        )
        for row in strongest_first(own).to_dict("records")
    ]


def contact_point(answers: Answers, code: str) -> dict[str, Any] | None:
    """Return who answers for a municipality; ``None`` where contact points were not loaded.

    Where nobody is recorded the ``status`` is ``missing``.
    """
    if answers.points is None:
        return None
    rows = only(answers.points, "municipality_code", code).table.to_pylist()
    return rows[0] if rows else {"status": "missing", "unit_name": None, "holder_kind": None}


def quiet_partners(answers: Answers, code: str) -> list[str] | None:
    """Return the names of a municipality's formal partners without contact, each once."""
    if answers.quiet is None:
        return None
    rows = only(answers.quiet, "from_id", code).table.select(["to_id", "to_name"]).to_pylist()
    return list(dict.fromkeys(row["to_name"] or row["to_id"] for row in rows))


def of_all(answers: Answers) -> OfAll:
    """Return the sheet of all municipalities, in the order of their numbers."""
    clinics, by_place = _clinics(answers)
    shares = {
        row["municipality_code"]: [
            _per_100(by_place.get((row["municipality_code"], clinic), 0), row) for clinic in clinics
        ]
        for row in answers.places
    }
    known = [share for row in shares.values() for share in row if share is not None]
    rows = [
        Row(
            place=place,
            point=str((contact_point(answers, place["municipality_code"]) or {}).get("status", "")),
            n_patients=_contacted(answers, place["municipality_code"]),
            n_highest=_standing(answers, place["municipality_code"], STANDINGS[2:]),
            n_compared=_standing(answers, place["municipality_code"], STANDINGS),
            clinics=shares[place["municipality_code"]],
        )
        for place in answers.places
    ]
    return OfAll(rows, list(clinics.values()), max(known, default=0.0))


def _clinics(answers: Answers) -> tuple[dict[str, str], dict[tuple[str, str], int | None]]:
    """Return the clinics with most patients, and the inhabitants of each place who come there."""
    if answers.now is None:
        return {}, {}
    ties = answers.now.frame
    ties = ties[ties["to_id"].notna() & ties["to_level"].isin(SPECIALIST)]
    ordered = ties.groupby("to_id")["n_patients"].sum().sort_values(ascending=False, kind="stable")
    kept = [str(unit) for unit in ordered.index[:_MOST_CLINICS]]
    named = ties.drop_duplicates("to_id").set_index("to_id")["to_name"]
    numbers = {
        (str(row["from_id"]), str(row["to_id"])): (
            None if pd.isna(row["n_patients"]) else int(row["n_patients"])
        )
        for row in ties[ties["to_id"].isin(kept)].to_dict("records")
    }
    return {unit: unit if pd.isna(named[unit]) else str(named[unit]) for unit in kept}, numbers


def _per_100(n: int | None, place: dict[str, Any]) -> float | None:
    people = place["n_people"]
    return None if n is None or not people else 100 * n / people


def _contacted(answers: Answers, code: str) -> int | None:
    """Return the inhabitants with a contact anywhere; ``None`` where that is not to be shown."""
    if answers.now is None:
        return None
    rows = only(answers.now, "from_id", code).table
    numbers = [n for n in rows.column("from_patients").to_pylist() if n is not None]
    if not rows.num_rows:
        return 0
    return max(numbers) if len(numbers) == rows.num_rows else None


def _standing(answers: Answers, code: str, standings: Sequence[str]) -> int:
    if answers.findings is None:
        return 0
    rows = only(answers.findings, "place", code).table.column("standing").to_pylist()
    return sum(standing in standings for standing in rows)
