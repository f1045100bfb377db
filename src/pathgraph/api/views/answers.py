"""The answer first: one sentence in plain words that holds the number, of how many, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from pathgraph.api.cells import cell_words
from pathgraph.api.language import Language
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Finding, Kind

__all__ = ["answer_sentence", "change_sentence", "counted_name"]

Plural = Callable[[str, str, int], str]

Rows = Sequence[Mapping[str, Any]]
Sides = Callable[[Rows], tuple[int, int, int]]
"""Of rows whose numbers are shown: how many differ, differ the other way, and are compared."""

_SIGNIFICANT = 0.05


def _by_test(ratio: str) -> Sides:
    def sides(rows: Rows) -> tuple[int, int, int]:
        tested = [row for row in rows if row["adjusted_p_value"] is not None]
        ratios = [row[ratio] for row in tested if row["adjusted_p_value"] <= _SIGNIFICANT]
        return sum(r < 1 for r in ratios), sum(r > 1 for r in ratios), len(tested)

    return sides


def _by_place(rows: Rows) -> tuple[int, int, int]:
    places = [str(row["position"]) for row in rows if row["position"] is not None]
    below, above = (sum(p.startswith(side) for p in places) for side in ("below", "above"))
    return below, above, len(places)


def _in_communities(rows: Rows) -> tuple[int, int, int]:
    return len({row["community"] for row in rows}), 0, len(rows)


def _by_code(column: str, first: object, second: object, usual: object) -> Sides:
    def sides(rows: Rows) -> tuple[int, int, int]:
        codes = [row[column] for row in rows]
        n_first, n_second = codes.count(first), codes.count(second)
        return n_first, n_second, n_first + n_second + codes.count(usual)

    return sides


# What is counted: patients where the denominator counts people, else rows (plans, stays, visits).
# Each sentence stands whole, so that it can be said in another language.
_SENTENCES: Mapping[str, Callable[[Plural, int], str]] = {
    "before_the_return": lambda ngettext, n: ngettext(
        "{n} of {among} patients with an acute stay keeps coming back as an emergency on {day}. "
        "The table holds what was there before each return.",
        "{n} of {among} patients with an acute stay keep coming back as emergencies on {day}. "
        "The table holds what was there before each return.",
        n,
    ),
    "both_kinds_of_care": lambda ngettext, n: ngettext(
        "{n} of {among} patients in both somatic and psychiatric or substance treatment has no "
        "plan that both share on {day}.",
        "{n} of {among} patients in both somatic and psychiatric or substance treatment have no "
        "plan that both share on {day}.",
        n,
    ),
    "bouncing": lambda ngettext, n: ngettext(
        "{n} of {among} patients with overnight care has gone back and forth between levels of "
        "care by {day}.",
        "{n} of {among} patients with overnight care have gone back and forth between levels of "
        "care by {day}.",
        n,
    ),
    "child_to_adult": lambda ngettext, n: ngettext(
        "{n} of {among} patients who soon turn 18 has nothing planned in adult services on {day}.",
        "{n} of {among} patients who soon turn 18 have nothing planned in adult services on {day}.",
        n,
    ),
    "competing_plans": lambda ngettext, n: ngettext(
        "{n} patient has several active plans of one kind on {day}; {among} active plans were "
        "looked at.",
        "{n} patients have several active plans of one kind on {day}; {among} active plans were "
        "looked at.",
        n,
    ),
    "conflicting_coordinators": lambda ngettext, n: ngettext(
        "{n} of {among} living patients who have or had a coordinator has two of one kind at the "
        "same level on {day}.",
        "{n} of {among} living patients who have or had a coordinator have two of one kind at the "
        "same level on {day}.",
        n,
    ),
    "contested_plans": lambda ngettext, n: ngettext(
        "Two claim to own a plan at one level of care in {n} case on {day}; {among} active plans "
        "were looked at.",
        "Two claim to own a plan at one level of care in {n} cases on {day}; {among} active plans "
        "were looked at.",
        n,
    ),
    "coordination_need": lambda ngettext, n: ngettext(
        "{n} of {among} living patients should have a coordinator on {day}, by a recorded need or "
        "by the services used.",
        "{n} of {among} living patients should have a coordinator on {day}, by a recorded need or "
        "by the services used.",
        n,
    ),
    "coordinator_waits": lambda ngettext, n: ngettext(
        "{n} patient has had a recorded need of a coordinator by {day}. The table holds how long "
        "the wait was and how it ended.",
        "{n} patients have had a recorded need of a coordinator by {day}. The table holds how long "
        "each waited and how it ended.",
        n,
    ),
    "eligible_patients": lambda ngettext, n: ngettext(
        "{n} of {among} patients with a stay in the period may need the team, by {day}; not all of "
        "them count.",
        "{n} of {among} patients with a stay in the period may need the team, by {day}; not all of "
        "them count.",
        n,
    ),
    "emergency_returns": lambda ngettext, n: ngettext(
        "{n} of {among} patients with an emergency visit came again and again without being "
        "admitted, by {day}.",
        "{n} of {among} patients with an emergency visit came again and again without being "
        "admitted, by {day}.",
        n,
    ),
    "ended_coordinator": lambda ngettext, n: ngettext(
        "{n} of {among} living patients who have or had a coordinator has lost that person or "
        "unit and has no successor on {day}.",
        "{n} of {among} living patients who have or had a coordinator have lost that person or "
        "unit and have no successor on {day}.",
        n,
    ),
    "late_coordinator": lambda ngettext, n: ngettext(
        "{n} of {among} patients with a recorded need waited long for a coordinator, or still "
        "waits, on {day}.",
        "{n} of {among} patients with a recorded need waited long for a coordinator, or still "
        "wait, on {day}.",
        n,
    ),
    "late_referrals": lambda ngettext, n: ngettext(
        "{n} of {among} eligible patients who were referred to the team was referred late, by "
        "{day}.",
        "{n} of {among} eligible patients who were referred to the team were referred late, by "
        "{day}.",
        n,
    ),
    "missing_contact_physician": lambda ngettext, n: ngettext(
        "{n} of {among} stays that should have had a contact physician by {day} had none recorded "
        "in time.",
        "{n} of {among} stays that should have had a contact physician by {day} had none recorded "
        "in time.",
        n,
    ),
    "missing_contact_points": lambda ngettext, n: ngettext(
        "{n} municipality or trust has nobody who answers for it on {day}.",
        "{n} municipalities and trusts have nobody who answers for them on {day}.",
        n,
    ),
    "missing_coordinator": lambda ngettext, n: ngettext(
        "{n} of {among} patients who should have a coordinator has none at the responsible level "
        "on {day}.",
        "{n} of {among} patients who should have a coordinator have none at the responsible level "
        "on {day}.",
        n,
    ),
    "missing_individual_plan": lambda ngettext, n: ngettext(
        "{n} of {among} living patients should have an individual plan and has none on {day}.",
        "{n} of {among} living patients should have an individual plan and have none on {day}.",
        n,
    ),
    "never_referred": lambda ngettext, n: ngettext(
        "{n} of {among} patients in hospital on {day} may need the team and has not been referred.",
        "{n} of {among} patients in hospital on {day} may need the team and have not been "
        "referred.",
        n,
    ),
    "new_since": lambda ngettext, n: ngettext(
        "{n} of {among} living patients is new in a work list on {day}.",
        "{n} of {among} living patients are new in a work list on {day}.",
        n,
    ),
    "no_follow_up_after_discharge": lambda ngettext, n: ngettext(
        "{n} of {among} discharges home by {day} was without recorded follow-up.",
        "{n} of {among} discharges home by {day} were without recorded follow-up.",
        n,
    ),
    "one_way_ties": lambda ngettext, n: ngettext(
        "{n} unit was referred patients by another and referred none back, by {day}; {among} "
        "referrals were looked at.",
        "{n} times a unit was referred patients by another and referred none back, by {day}; "
        "{among} referrals were looked at.",
        n,
    ),
    "priority": lambda ngettext, n: ngettext(
        "{n} of {among} living patients is in several work lists at once on {day}.",
        "{n} of {among} living patients are in several work lists at once on {day}.",
        n,
    ),
    "readmission_index": lambda ngettext, n: ngettext(
        "{n} of {among} stays that had begun by {day} was judged as an index stay.",
        "{n} of {among} stays that had begun by {day} were judged as index stays.",
        n,
    ),
    "readmissions": lambda ngettext, n: ngettext(
        "{n} readmission followed {among} stays that may be index stays, by {day}.",
        "{n} readmissions followed {among} stays that may be index stays, by {day}.",
        n,
    ),
    "referrals_without_referrer": lambda ngettext, n: ngettext(
        "{n} of {among} referrals to the team has no recorded sender, by {day}.",
        "{n} of {among} referrals to the team have no recorded sender, by {day}.",
        n,
    ),
    "rejected_then_referred_again": lambda ngettext, n: ngettext(
        "{n} of {among} referrals that the team rejected was soon followed by another, by {day}.",
        "{n} of {among} referrals that the team rejected were soon followed by another, by {day}.",
        n,
    ),
    "revolving_door": lambda ngettext, n: ngettext(
        "{n} of {among} patients with an acute stay has kept coming back as an emergency by {day}.",
        "{n} of {among} patients with an acute stay have kept coming back as emergencies by {day}.",
        n,
    ),
    "single_person_ties": lambda ngettext, n: ngettext(
        "{n} tie rests on a single professional on {day}.",
        "{n} ties rest on a single professional on {day}.",
        n,
    ),
    "stale_plans": lambda ngettext, n: ngettext(
        "{n} of {among} active plans has not been revised in time on {day}.",
        "{n} of {among} active plans have not been revised in time on {day}.",
        n,
    ),
    "unowned_plans": lambda ngettext, n: ngettext(
        "{n} of {among} active plans has no owner who is still there on {day}.",
        "{n} of {among} active plans have no owner who is still there on {day}.",
        n,
    ),
    "follow_up_after_discharge": lambda ngettext, n: ngettext(
        "{among} discharges home by {day} from {n} unit: who was seen by GP or municipal services "
        "afterwards.",
        "{among} discharges home by {day} from {n} units: who was seen by GP or municipal services "
        "afterwards.",
        n,
    ),
    "late_notice_to_municipality": lambda ngettext, n: ngettext(
        "{among} notices to municipalities by {day}, in {n} pair of municipality and unit: how "
        "many came late.",
        "{among} notices to municipalities by {day}, in {n} pairs of municipality and unit: how "
        "many came late.",
        n,
    ),
    "readmission_rates": lambda ngettext, n: ngettext(
        "{among} stays by {day} that may be index stays, in {n} group: how many were followed by "
        "a readmission.",
        "{among} stays by {day} that may be index stays, in {n} groups: how many were followed by "
        "a readmission.",
        n,
    ),
    "ready_for_discharge_days": lambda ngettext, n: ngettext(
        "{among} stays that had begun by {day}, in {n} pair of municipality and unit: how long "
        "patients waited after they were ready.",
        "{among} stays that had begun by {day}, in {n} pairs of municipality and unit: how long "
        "patients waited after they were ready.",
        n,
    ),
    "transfers": lambda ngettext, n: ngettext(
        "Between {among} stays by {day} patients took {n} way from one unit to the next.",
        "Between {among} stays by {day} patients took {n} ways from one unit to the next.",
        n,
    ),
    "unit_moves": lambda ngettext, n: ngettext(
        "During {among} stays by {day} patients moved along {n} way between units.",
        "During {among} stays by {day} patients moved along {n} ways between units.",
        n,
    ),
}  # fmt: skip

# Where all is one row, the sentence says what the row says.
_WHOLES: Mapping[str, Callable[[Callable[[str], str]], str]] = {
    "coordinator_delay": lambda gettext: gettext(
        "{row_n_appointed} of {row_n_needs} patients with a recorded need have got a coordinator "
        "by {day}; {row_share_30_days} within 30 days. {row_n_waiting} still wait."
    ),
    "readmission_rates": lambda gettext: gettext(
        "{row_n_readmitted} of {row_n_index} index stays ({row_share}) were followed by a "
        "readmission, by {day}."
    ),
    "referral_capacity": lambda gettext: gettext(
        "{row_n_referrals} referrals from {row_from_on} to {row_to_on} are {row_utilisation} of "
        "what the teams can take. Closing the gap would ask for {row_consultations_short} more "
        "consultations."
    ),
}

# Where rows are compared, the sentence says how many differ, and how many are not shown.
_COMPARED: Mapping[str, tuple[Sides, Callable[[Callable[[str], str]], str]]] = {
    "communities": (_in_communities, lambda gettext: gettext(
        "{n} units or municipalities form {first} communities of close contact, by {day}."
    )),
    "formal_division": (_by_code("status", "against", "with", "undecided"), lambda gettext: gettext(
        "The patients of {first} of {n} municipalities go mostly to another area than the formal "
        "division says, by {day}."
    )),
    "node_measures": (_by_code("is_articulation_point", True, None, False), lambda gettext: gettext(
        "Without {first} of {n} units or municipalities the network would fall into more parts, "
        "on {day}."
    )),
    "quiet_pairs": (_by_code("status", "quiet", "not_recorded", "not_covered"), lambda gettext:
        gettext("{first} formal partners have had nothing to do with each other, by {day}.")
    ),
    "referral_control": (_by_place, lambda gettext: gettext(
        "In {first} of {n} periods fewer were referred than chance explains, in {second} more, by "
        "{day}."
    )),
    "referral_funnel": (_by_place, lambda gettext: gettext(
        "{first} of {n} lie below the limits of 95 %, {second} above them, on {day}."
    )),
    "referral_gaps": (_by_test("observed_to_expected"), lambda gettext: gettext(
        "{first} of {n} refer fewer than expected, {second} more, beyond what chance explains "
        "(adjusted p at most 0.05), on {day}."
    )),
    "referral_gaps_plan": (_by_test("observed_to_expected"), lambda gettext: gettext(
        "{first} of {n} send fewer referrals than the plan says, {second} more, beyond what chance "
        "explains (adjusted p at most 0.05), on {day}."
    )),
    "referral_trend": (_by_test("ratio_per_year"), lambda gettext: gettext(
        "The share referred falls at {first} of {n} and rises at {second}, beyond what chance "
        "explains (adjusted p at most 0.05), by {day}."
    )),
    "tie_measures": (_by_code("is_bridge", True, None, False), lambda gettext: gettext(
        "Without {first} of {n} ties the network would fall into more parts, on {day}."
    )),
    "unusual_handovers": (
        _by_code("status", "above_expected", "below_expected", "usual"),
        lambda gettext: gettext(
            "{first} flows are greater than expected, {second} smaller, on {day}."
        ),
    ),
}  # fmt: skip


def answer_sentence(
    finding: Finding, language: Language, row: Mapping[str, Any], result: Result
) -> Markup:
    """Return the sentence that a finding's page opens with.

    Parameters
    ----------
    row
        As :func:`pathgraph.queries.summary.summary_row` gives it.
    result
        All rows.
    """
    manifest = result.manifest
    marker = f"<{manifest['suppress_below']}"
    name = counted_name(finding)
    n = row[name]
    among = row["among"]
    shown = {
        "n": _strong(marker if n is None else language.number(n)),
        "among": marker if among is None else language.number(among),
        "day": language.day(manifest["as_of"]),
    }
    whole = _WHOLES.get(finding.id)
    if whole is not None and len(result) == 1:
        values = dict(zip(result.table.column_names, next(result.shown_rows()), strict=True))
        return Markup(whole(language.gettext)).format(
            **shown, **_in_words(values, result, language)
        )
    compared = _COMPARED.get(finding.id)
    if compared is not None:
        sides, words = compared
        counted = _counted_sides(sides, result, language)
        if counted is not None:
            return Markup(words(language.gettext) + counted.pop("rest")).format(
                **{**shown, **counted}
            )
    own = _SENTENCES.get(finding.id)
    if own is not None:
        return Markup(own(language.ngettext, 2 if n is None else n)).format(**shown)
    return _generic(finding, language, row["n_rows"], manifest, shown)


def _counted_sides(sides: Sides, result: Result, language: Language) -> dict[str, Any] | None:
    """Return how many rows differ, of how many that are compared, and how many are hidden.

    Nothing where none is compared.
    """
    columns = result.table.column_names
    first, second, n = sides(result.table.to_pylist())
    if not n:
        return None
    names = [name for name in ("adjusted_p_value", "position", "status") if name in columns]
    hidden = result.hidden.get(names[0]) if names else None
    n_hidden = 0 if hidden is None else int(hidden.sum())
    return {
        "first": _strong(language.number(first)),
        "second": language.number(second),
        "n": language.number(n),
        "rest": ""
        if not n_hidden
        else " "
        + language.ngettext(
            "The numbers of {hidden} more are not shown.",
            "The numbers of {hidden} more are not shown.",
            n_hidden,
        ),
        "hidden": language.number(n_hidden),
    }


def _in_words(values: Mapping[str, Any], result: Result, language: Language) -> dict[str, Any]:
    """Return the values of a row as they read, those that are hidden by their mark."""
    columns = {column.name: column for column in result.finding.returns}
    return {
        f"row_{name}": value
        if value == result.marker
        else cell_words(language, value, columns[name]) or language.gettext("not known")
        for name, value in values.items()
    }


def _generic(
    finding: Finding,
    language: Language,
    n_rows: int | None,
    manifest: Mapping[str, Any],
    shown: Mapping[str, Any],
) -> Markup:
    n = 2 if n_rows is None else n_rows
    if manifest.get("among_title"):
        said = language.ngettext(
            "{n} row on {day}; its base is {among} ({base}).",
            "{n} rows on {day}; their base is {among} ({base}).",
            n,
        )
        base = language.said(manifest["among_title"])
        return Markup(said).format(**shown, base=base[:1].lower() + base[1:])
    said = language.ngettext("{n} row on {day}.", "{n} rows on {day}.", n)
    return Markup(said).format(**shown)


def change_sentence(
    finding: Finding,
    language: Language,
    row: Mapping[str, Any],
    *,
    since: date | None,
    threshold: int,
) -> str:
    """Return how the number differs from that of an earlier day; nothing where that says nothing.

    Parameters
    ----------
    row
        As for :func:`answer_sentence`; ``change`` is counted in patients, else in rows.
    """
    if since is None or not finding.is_patient_level:
        return ""
    day, change = language.day(since), row["change"]
    if "change" in row["suppressed"]:
        said = language.gettext("The change since {day} is smaller than {threshold} patients.")
        return said.format(day=day, threshold=threshold)
    if change is None:
        return ""
    if change == 0:
        return language.gettext("As many patients as on {day}.").format(day=day)
    if change > 0:
        said = language.ngettext(
            "{n} patient more than on {day}.", "{n} patients more than on {day}.", change
        )
    else:
        said = language.ngettext(
            "{n} patient fewer than on {day}.", "{n} patients fewer than on {day}.", -change
        )
    return said.format(n=language.number(abs(change)), day=day)


def counted_name(finding: Finding) -> str:
    """Return whether a finding's number is one of patients (``n_patients``) or of ``n_rows``.

    Examples
    --------
    >>> from pathgraph.queries.catalogue import find_finding
    >>> counted_name(find_finding("revolving_door")), counted_name(find_finding("unowned_plans"))
    ('n_patients', 'n_rows')
    """
    if not finding.is_patient_level:
        return "n_rows"
    if finding.id == "competing_plans":
        return "n_patients"
    counts_things = finding.among is not None and finding.among.returns.kind is not Kind.PERSONS
    return "n_rows" if counts_things else "n_patients"


def _strong(text: str) -> Markup:
    return Markup("<strong>{}</strong>").format(text)
