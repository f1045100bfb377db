"""What pages and reports on referrals take from several findings, asked with one address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pathgraph.errors import TableNotLoadedError, UsageError
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.places import only
from pathgraph.queries.result import Result

__all__ = ["ClinicReport", "Run", "clinic_report", "gap_pictures", "shared_parameters"]

_REPORTED = (
    "referral_gaps", "referral_gaps_plan", "referral_trend", "referral_funnel", "referral_control",
)  # fmt: skip

Run = Callable[[str, Mapping[str, object]], Result]
"""Answers a finding, with parameters, on the day asked about."""


@dataclass(frozen=True, slots=True)
class ClinicReport:
    """What the report of one clinic rests on.

    Attributes
    ----------
    gap, trend
        One row: the clinic's.
    departments
        Of the clinic, a row each; a ward of its own where it has no department.
    funnel
        All clinics.
    periods
        The clinic's years, or whatever periods are asked for.
    plan
        The clinic's row; ``None`` without one.
    no_plan
        Why there is none, as a sentence; empty where there is one.
    """

    gap: Result
    trend: Result
    departments: Result
    funnel: Result
    periods: Result
    plan: Result | None
    no_plan: str = ""


def shared_parameters(finding_id: str, given: Mapping[str, object]) -> dict[str, object]:
    """Return those of the parameters that the finding has.

    Examples
    --------
    >>> shared_parameters("never_referred", {"older_age": "70", "basis": "standardised"})
    {'older_age': '70'}
    """
    known = {parameter.name for parameter in find_finding(finding_id).parameters}
    return {name: value for name, value in given.items() if name in known}


def gap_pictures(run: Run, gaps: Result, given: Mapping[str, object]) -> list[Result]:
    """Return what stands beside the referral gaps: the funnel of the units, and all over time.

    Nothing where the gaps are not those of units that have a funnel, or of one alone.
    """
    if gaps.finding.id != "referral_gaps" or len(gaps) < 2:
        return []
    if (
        gaps.manifest["parameters"]["by"]
        not in find_finding("referral_funnel").parameter("by").one_of
    ):
        return []
    funnel = run("referral_funnel", shared_parameters("referral_funnel", given))
    control = shared_parameters("referral_control", {**given, "by": "all"})
    return [funnel, run("referral_control", control)]


def clinic_report(run: Run, clinic: str, given: Mapping[str, object]) -> ClinicReport | None:
    """Return what the report of a clinic rests on; ``None`` where it has no eligible patients."""

    def asked(finding_id: str, by: str = "clinic") -> Result:
        return run(finding_id, shared_parameters(finding_id, {"step": "year", **given, "by": by}))

    known = set().union(*(shared_parameters(finding_id, given) for finding_id in _REPORTED))
    # What none of them has is for the first to refuse.
    unknown = {name: value for name, value in given.items() if name not in known}
    gaps = asked("referral_gaps") if not unknown else run("referral_gaps", unknown)
    gap = only(gaps, "by_value", clinic)
    if not len(gap):
        return None
    plan: Result | None = None
    no_plan = ""
    try:
        plan = only(asked("referral_gaps_plan"), "unit", clinic)
    except (TableNotLoadedError, UsageError) as error:
        no_plan = str(error.args[0])
    return ClinicReport(
        gap=gap,
        departments=only(asked("referral_gaps", "department"), "clinic", clinic),
        trend=only(asked("referral_trend"), "by_value", clinic),
        funnel=asked("referral_funnel"),
        periods=only(asked("referral_control"), "by_value", clinic),
        plan=plan if plan is not None and len(plan) else None,
        no_plan=no_plan,
    )
