"""The printed report of a clinic's referrals: what the template shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pathgraph.api import words
from pathgraph.api.cells import cell_words
from pathgraph.api.language import Language
from pathgraph.api.page import Here, address
from pathgraph.api.views.finding import first_order, permanent
from pathgraph.api.views.referral_pictures import department_list
from pathgraph.api.views.report_pictures import funnel_picture, periods_picture
from pathgraph.api.views.tables import Table, table_of
from pathgraph.queries.funnel_curve import funnel_curve
from pathgraph.queries.referral_pages import ClinicReport, shared_parameters
from pathgraph.queries.result import Result
from pathgraph.queries.select import Selection, select

__all__ = ["report_context"]

_ELIGIBLE = ("n_eligible", "n_referred", "share", "n_by_clinic", "n_asked_by_team",
             "n_by_others", "n_sender_unknown", "n_competing")  # fmt: skip
_COMPARED = ("expected", "gap", "position", "adjusted_p_value", "power")
_PLAN = ("period", "planned", "n_referrals", "n_asked_by_team", "expected", "adjusted_p_value",
         "power")  # fmt: skip
_DEPARTMENTS = ("by_value", "n_eligible", "n_referred", "n_not_referred", "expected")
_PERIODS = ("period", "n_eligible", "n_referred", "share", "position")


def report_context(
    report: ClinicReport, given: Mapping[str, str], language: Language, here: Here
) -> dict[str, Any]:
    """Return what ``report_referrals.html`` shows.

    Parameters
    ----------
    given
        Parameters of the address.
    """
    gap = report.gap
    row = gap.table.to_pylist()[0]
    clinic = str(row["by_value"])
    texts = _texts(gap, language)
    curve = funnel_curve(report.funnel)
    periods = report.periods.table.to_pylist()
    return {
        "name": row["name"] or clinic,
        "clinic": clinic,
        "manifest": gap.manifest,
        "gap": texts,
        "is_hidden": "n_referred" in gap.hidden or "n_eligible" in gap.hidden,
        "is_compared": row["expected"] is not None,
        "basis": words.code_words(language, gap.manifest["parameters"]["basis"], "basis"),
        "eligible": _pairs(gap, _ELIGIBLE, texts, language),
        "compared": [
            *_pairs(gap, _COMPARED, texts, language),
            (words.heading(language, gap.finding.id, "observed_to_expected"),
             _ratio(texts, language)),
        ],
        "plan": _plan(report.plan, language),
        "no_plan": report.no_plan,
        "trend": _texts(report.trend, language) if len(report.trend) else None,
        "has_trend": _is_known(report.trend, "ratio_per_year"),
        "funnel": None if curve is None
        else funnel_picture(report.funnel.table.to_pylist(), curve, clinic, language),
        "periods": periods_picture(periods, language),
        "periods_table": table_of(report.periods, language, chosen=_PERIODS),
        "departments": _departments(report.departments, given, language),
        "marker": gap.marker,
        "notes": list(dict.fromkeys((*gap.manifest["notes"], *report.periods.manifest["notes"]))),
        "links": _links(clinic, given, gap),
        "permanent": permanent(here, gap.as_of, None),
    }  # fmt: skip


def _departments(result: Result, given: Mapping[str, str], language: Language) -> Table:
    """Return the clinic's departments; each leads to who is in hospital there now."""
    query = {**given, "as_of": result.manifest["as_of"]}
    links = {"by_value": lambda value: department_list(str(value), query)}
    headings = {"by_value": language.gettext("Department or ward")}
    ordered = select(result, Selection(sort=first_order(result)))
    return table_of(ordered, language, chosen=_DEPARTMENTS, links=links, headings=headings)


def _texts(result: Result, language: Language) -> dict[str, str]:
    """Return the values of the one row as they read; hidden ones by their mark."""
    columns = {column.name: column for column in result.finding.returns}
    if not len(result):
        return {}
    row = result.table.to_pylist()[0]
    return {
        name: result.marker if name in result.hidden else cell_words(language, value, columns[name])
        for name, value in row.items()
    }


def _pairs(
    result: Result, names: tuple[str, ...], texts: Mapping[str, str], language: Language
) -> list[tuple[str, str]]:
    none = language.gettext("not known")
    return [(words.heading(language, result.finding.id, n), texts[n] or none) for n in names]


def _ratio(texts: Mapping[str, str], language: Language) -> str:
    if not texts["ratio_low"]:
        return language.gettext("not known")
    said = language.gettext("{ratio}, 95 % interval {low} to {high}")
    return said.format(
        ratio=texts["observed_to_expected"], low=texts["ratio_low"], high=texts["ratio_high"]
    )


def _plan(plan: Result | None, language: Language) -> list[tuple[str, str]]:
    if plan is None:
        return []
    texts = _texts(plan, language)
    said = language.gettext(
        "{gap}; from {low} to {high}, as referrals without a sender are its own"
    )
    gap = said.format(gap=texts["gap"], low=texts["gap_low"], high=texts["gap_high"])
    pairs = _pairs(plan, _PLAN, texts, language)
    return [
        *pairs,
        (words.heading(language, plan.finding.id, "gap"), gap if texts["gap"] else "–"),
        (words.heading(language, plan.finding.id, "observed_to_expected"),
         _ratio(texts, language)),
    ]  # fmt: skip


def _is_known(result: Result, name: str) -> bool:
    return len(result) > 0 and result.table.column(name)[0].as_py() is not None


def _links(clinic: str, given: Mapping[str, str], gap: Result) -> dict[str, Any]:
    """Return where the report leads on; the day and the parameters go with it."""
    day = gap.manifest["as_of"]

    def of(finding_id: str, **more: str) -> str:
        shared = {**shared_parameters(finding_id, given), **more}
        return address("finding", finding_id, **shared, as_of=day)

    data = ("referral_gaps", "referral_funnel", "referral_control", "referral_trend")
    return {
        "work_list": of("never_referred", **{"in.clinic": clinic}),
        "departments": of("referral_gaps", by="department", **{"where.clinic": clinic}),
        "gaps": of("referral_gaps", by="clinic"),
        "unit": address("unit", clinic, as_of=day),
        "data": [
            (id_, of(id_, by="clinic", **({"step": "year"} if _is_over_time(id_, given) else {}))
             .replace(f"/{id_}", f"/{id_}.csv", 1))
            for id_ in data
        ],
    }  # fmt: skip


def _is_over_time(finding_id: str, given: Mapping[str, str]) -> bool:
    return finding_id in ("referral_control", "referral_trend") and "step" not in given
