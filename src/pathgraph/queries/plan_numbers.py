"""The plan that the finding ``referral_gaps_plan`` compares with, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.analysis.organisation import parents_of, successors_of
from pathgraph.analysis.plan_numbers import Fault, Period, faults_of, period_of
from pathgraph.errors import UsageError
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context
from pathgraph.sentence import Sentence, sentence

__all__ = ["AskedPlan", "asked_plan", "sent_in"]

_EPOCH = date(1970, 1, 1)
_LATEST = "latest"


@dataclass(frozen=True, slots=True)
class AskedPlan:
    """The numbers of one period.

    Attributes
    ----------
    numbers
        One row a unit: ``unit_id``, ``planned``, ``basis``.
    above
        Units above each unit.
    without
        Units that have a number in another period of the same sort (year, quarter, month), and
        none in this one.
    """

    period: Period
    numbers: pd.DataFrame
    above: dict[str, list[str]]
    without: tuple[str, ...] = ()

    @property
    def is_share(self) -> bool:
        """Whether it plans shares of a total."""
        return bool(self.numbers["basis"].eq("share").all())


def asked_plan(table: pa.Table, context: Context, asked: str) -> AskedPlan:
    """Return the plan of the period asked for; the finding names the part ``named_units``.

    Parameters
    ----------
    table
        ``unit_id``, ``period``, ``planned``, ``basis``.
    asked
        Name of the period, or ``latest``.

    Raises
    ------
    UsageError
        All that is wrong with the plan: nothing is counted on half of it.
    """
    plan = frame_of(table)
    periods = {text: period_of(text) for text in plan["period"].unique()}
    known = sorted(period for period in periods.values() if period is not None)
    problems = _unreadable(periods, context)
    period = _chosen(known, context, asked)
    if period is None:
        problems.append(_not_there(asked, known))
    above = _above(frame_of(context.query("named_units")))
    numbers = {at: plan[plan["period"] == at.name].reset_index(drop=True) for at in known}
    # The period asked for first; the others are part of the same plan.
    for at in sorted(known, key=lambda at: (at != period, at)):
        problems += [
            _said(fault, at, is_asked=at == period) for fault in faults_of(numbers[at], above)
        ]
    if period is None or problems:
        raise UsageError(*problems)
    return AskedPlan(period, numbers[period], above, _without_number(numbers, period))


def sent_in(context: Context, period: Period) -> pd.DataFrame:
    """Return the referrals to the team whose local day lies in the period."""
    table = context.query("team_referrals")
    sent_at = table.column("sent_at").cast(pa.string())
    after = (period.last + timedelta(days=1)).isoformat()
    # Local dates and times as ISO texts sort as they follow one another.
    is_inside = pc.and_(
        pc.greater_equal(sent_at, period.first.isoformat()), pc.less(sent_at, after)
    )
    return frame_of(table.filter(is_inside))


def _chosen(known: Sequence[Period], context: Context, asked: str) -> Period | None:
    if asked != _LATEST:
        return next((period for period in known if period.name == asked), None)
    horizon = _EPOCH + timedelta(days=context.horizon_day)
    over = [period for period in known if period.last <= horizon]
    return over[-1] if over else None


def _above(units: pd.DataFrame) -> dict[str, list[str]]:
    """Return those above each unit, nearest first, each followed by the unit that took over.

    A plan may name a clinic by itself or, for the whole of its period, the one that took over.
    """
    parents, successors = parents_of(units.drop(columns="successor_id")), successors_of(units)
    chains: dict[str, list[str]] = {}
    for unit in units["unit_id"]:
        chain: list[str] = []
        waiting = [unit]
        while waiting:
            at = waiting.pop(0)
            following = [known[at] for known in (successors, parents) if at in known]
            new = [one for one in following if one not in chain and one != unit]
            chain += new
            waiting += new
        chains[unit] = chain
    return chains


def _unreadable(periods: dict[str, Period | None], context: Context) -> list[Sentence]:
    problems = []
    refused = dict(context.load.get("tables", {})).get("expectations", {}).get("refused", 0)
    if refused:
        problems.append(
            sentence(
                "{n} rows of the table expectations were refused when it was loaded, because they "
                "name an unknown unit or lack a number. The quality page says why; correct them "
                "and load again.",
                n=refused,
            )
        )
    wrong = sorted(text for text, period in periods.items() if period is None)
    if wrong:
        problems.append(
            sentence(
                "The table expectations names periods that are none: {periods}. Write a year, a "
                "quarter or a month: 2025, 2025-Q1 or 2025-01.",
                periods=", ".join(wrong),
            )
        )
    return problems


def _not_there(asked: str, known: Sequence[Period]) -> Sentence:
    names = ", ".join(period.name for period in known) or "-"
    if asked == _LATEST:
        return sentence(
            "No period of the plan is over on the day asked about. There are numbers for: "
            "{periods}.",
            periods=names,
        )
    return sentence(
        "The plan has no numbers for the period {period}. There are numbers for: {periods}.",
        period=asked,
        periods=names,
    )


def _without_number(numbers: Mapping[Period, pd.DataFrame], period: Period) -> tuple[str, ...]:
    """Return the units that only other periods as long as this one have a number for."""
    alike = [at for at in numbers if len(at.name) == len(period.name)]
    units = {unit for at in alike for unit in numbers[at]["unit_id"]}
    return tuple(sorted(units - set(numbers[period]["unit_id"])))


def _said(fault: Fault, period: Period, *, is_asked: bool) -> Sentence:
    units = ", ".join(unit if is_asked else f"{unit} ({period.name})" for unit in fault.units)
    said = {
        "negative": sentence("The plan expects less than nothing of: {units}.", units=units),
        "not_a_number": sentence("The plan has no number for: {units}.", units=units),
        "above_one": sentence("The plan has a share above 1 for: {units}.", units=units),
        "no_basis": sentence(
            "The plan does not say whether the number is absolute or a share, for: {units}.",
            units=units,
        ),
        "counted_twice": sentence(
            "The plan covers these units and units above them, so that their referrals would "
            "count twice: {units}.",
            units=units,
        ),
        "two_bases": sentence(
            "The plan has shares for some units and absolute numbers for others in {period}. "
            "Give one of the two for all. Shares: {units}.",
            period=period.name,
            units=units,
        ),
        "no_sum": sentence(
            "The shares that the plan has for {period} do not sum to 1.", period=period.name
        ),
    }
    return said[fault.code]
