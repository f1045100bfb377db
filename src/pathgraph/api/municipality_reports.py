"""The reports for the health community's meeting, as pages that can be printed on one sheet each.

The server and the command line make them of the same answers and templates; a file has its styles
in it and asks for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from pathgraph.api.language import Language
from pathgraph.api.page import address, rendered_alone
from pathgraph.api.routes.static import own_text
from pathgraph.api.views.places import bands_of
from pathgraph.queries.municipality_reports import (
    MOST_FLOWS,
    Answers,
    contact_point,
    flows_of,
    of_all,
    quiet_partners,
)
from pathgraph.queries.places import STANDINGS, only

__all__ = ["GENERATOR", "all_page", "municipality_page", "report_name"]

GENERATOR = "pathgraph report municipalities"
"""By which a file is known as one of these reports."""

_SHEETS = ("report.css", "report-wide.css")
"""Styles of a sheet; the second turns it on its side."""


def report_name(code: str = "") -> str:
    """Return the name of a report's file: of a municipality, or of all."""
    return f"municipality-{code}.html" if code else "municipalities.html"


def municipality_page(
    answers: Answers, place: dict[str, Any], language: Language, *, is_file: bool
) -> str:
    """Return the report of one municipality, in which no other one is named."""
    code = place["municipality_code"]
    flows = flows_of(answers, code)
    bands = [] if answers.findings is None else bands_of(only(answers.findings, "place", code))
    return rendered_alone(
        language,
        "report_municipality_alone.html",
        place=place,
        flows=flows[:MOST_FLOWS],
        n_flows=len(flows),
        bands=bands,
        n_highest=sum(band.row["standing"] == STANDINGS[2] for band in bands),
        n_compared=sum(band.row["standing"] is not None for band in bands),
        point=contact_point(answers, code),
        quiet=quiet_partners(answers, code),
        **_common(answers, _SHEETS[:1], is_file=is_file),
    )


def all_page(answers: Answers, language: Language, *, is_file: bool) -> str:
    """Return the sheet of all municipalities."""
    return rendered_alone(
        language, "report_municipalities_alone.html", sheet=of_all(answers),
        **_common(answers, _SHEETS, is_file=is_file),
    )  # fmt: skip


def _common(answers: Answers, sheets: Sequence[str], *, is_file: bool) -> dict[str, Any]:
    def link(code: str = "") -> str:
        if is_file:
            return report_name(code)
        name = "report" if code else "reports"
        return address(name, code or None, as_of=answers.as_of.isoformat())

    return {
        "generator": GENERATOR,
        "manifest": answers.municipalities.manifest,
        "marker": answers.municipalities.marker,
        "link": link,
        "styles": Markup("".join(map(own_text, sheets))) if is_file else None,
        "sheets": sheets,
        "has_findings": answers.findings is not None,
        "has_network": answers.now is not None,
        "has_changes": answers.changes is not None,
    }
