"""A network over time: the quarters that can be asked about, and the change from before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from pathgraph.errors import UsageError
from pathgraph.model.tables import LEVELS
from pathgraph.queries.network_change import (
    Asking,
    change_of,
    changed_ties,
    covered_from,
    is_covered,
    quarters,
    strongest_first,
)
from pathgraph.queries.places import only
from pathgraph.queries.result import Result
from pathgraph.queries.spec import THRESHOLD, Finding, Kind, Return
from pathgraph.sentence import sentence, template

__all__ = [
    "Changed",
    "Periods",
    "change_of_place",
    "change_table",
    "changed_from_before",
    "periods_of",
    "with_change",
]


@dataclass(frozen=True, slots=True)
class Periods:
    """The days that can be asked about.

    Attributes
    ----------
    days
        At whose end a covered period ends, in order.
    is_before_covered
        Whether the period just before the one asked about is covered too.
    """

    as_of: date
    period_days: int
    days: list[date]
    is_before_covered: bool

    @property
    def before(self) -> date:
        """The last day of the period before."""
        return self.as_of - timedelta(days=self.period_days)


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of the ties, and those of them that changed, to be drawn."""

    ties: pd.DataFrame
    drawn: Result


def periods_of(asking: Asking, result: Result, last: date) -> Periods:
    """Return the days about which a network can be asked as it is asked now.

    Parameters
    ----------
    last
        Day of the last contact that was loaded.
    """
    parameters = result.manifest["parameters"]
    period_days = int(parameters["period_days"])
    levels = tuple(parameters.get("levels") or LEVELS)
    first = covered_from(asking.run("coverage", as_of=last), levels)
    before = result.as_of - timedelta(days=period_days)
    return Periods(
        result.as_of,
        period_days,
        quarters(first, last, period_days),
        is_covered(first, before, period_days),
    )


def changed_from_before(
    asking: Asking, result: Result, asked: dict[str, str], periods: Periods
) -> Changed | None:
    """Return the change from the period just before; ``None`` where that is not covered."""
    if not periods.is_before_covered:
        return None
    earlier = asking.run(result.finding.id, asked, as_of=periods.before)
    changes = change_of(earlier, result)
    return Changed(changes, changed_ties(earlier, result, changes))


_OF_PLACE = (
    Return("unit", Kind.UNIT, template("unit that the inhabitants come to")),
    Return("unit_name", Kind.TEXT, template("its name")),
    Return("level", Kind.TEXT, template("its level of care")),
    Return("tie_change", Kind.TEXT, template("what became of the tie from the period before")),
    Return("n_patients", Kind.PERSONS, template("inhabitants with a contact there")),
    Return("n_before", Kind.PERSONS, template("the same in the period before, where told")),
    Return("difference", Kind.COUNT, template("how many more, where told")),
)


_OF_TIES = (
    *(
        Return(f"{end}_{name}", Kind.UNIT if name == "id" else Kind.TEXT, template(said))
        for end in ("from", "to")
        for name, said in (
            ("id", "id of the end of the tie"),
            ("name", "its name"),
            ("kind", "what sort of node it is"),
            ("level", "its level of care"),
        )
    ),
    Return("tie_change", Kind.TEXT, template("what became of the tie from the period before")),
    Return("n_patients", Kind.PERSONS, template("patients of the later period")),
    Return("n_before", Kind.PERSONS, template("the same in the period before, where told")),
    Return("difference", Kind.COUNT, template("how many more, where told")),
)


def with_change(network: Finding) -> Finding:
    """Return the network as the table of what became of its ties from the period before."""
    return replace(
        network,
        parameters=tuple(p for p in network.parameters if p.name != THRESHOLD),
        returns=_OF_TIES,
        key=("from_id", "to_id"),
        margins=(),
        source="docs/definitions.md#change-of-ties",
    )


def change_table(
    asking: Asking, network: str, asked: dict[str, str], as_of: date | str | None = None
) -> Result:
    """Return what became of every tie of a network from the period before, in order of ids.

    Raises
    ------
    UsageError
        When the period before is not covered.
    """
    now = asking.run(network, asked, as_of=as_of)
    periods = periods_of(asking, now, now.as_of)
    changed = changed_from_before(asking, now, asked, periods)
    if changed is None:
        raise UsageError(
            sentence("The period before is not covered by the sources, so nothing is compared.")
        )
    rows = changed.ties.rename(columns={"change": "tie_change"})
    return _told(now, with_change(now.finding), rows, compared_with=periods.before.isoformat())


def change_of_place(asking: Asking, code: str, as_of: date | str | None = None) -> Result:
    """Return what became of a municipality's ties to clinics, the most patients first.

    Where the period before is not covered the change is ``not_covered``.
    """
    asked = {"depth": "clinic"}
    now = asking.run("municipality_units", asked, as_of=as_of)
    changed = changed_from_before(asking, now, asked, periods_of(asking, now, now.as_of))
    if changed is None:
        rows = only(now, "from_id", code).frame
        rows = rows[rows["to_id"].notna()].assign(change="not_covered")
        rows = rows.assign(n_before=None, difference=None)
    else:
        rows = changed.ties[changed.ties["from_id"] == code]
    names = {"to_id": "unit", "to_name": "unit_name", "to_level": "level", "change": "tie_change"}
    finding = replace(
        now.finding,
        returns=_OF_PLACE,
        key=("unit",),
        margins=(),
        source="docs/definitions.md#change-of-ties",
    )
    return _told(now, finding, strongest_first(rows).rename(columns=names))


def _told(now: Result, finding: Finding, rows: pd.DataFrame, **also: str) -> Result:
    """Return rows on changes as what ``finding`` returns, with the manifest of the later period."""
    columns = {
        c.name: pa.array(
            rows[c.name], pa.int64() if c.kind.is_measure else pa.string(), from_pandas=True
        )
        for c in finding.returns
    }
    hidden = rows["n_patients"].isna().to_numpy(dtype=bool)
    manifest = {
        **now.manifest,
        "n_rows": len(rows),
        "n_suppressed": int(hidden.sum()),
        "columns": [{"name": c.name, "kind": str(c.kind)} for c in finding.returns],
        **also,
    }
    return Result(
        finding, pa.table(columns), manifest, {"n_patients": hidden} if hidden.any() else {}
    )
