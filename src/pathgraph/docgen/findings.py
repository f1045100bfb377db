"""``findings.md``: findings and networks with question, parameters, profiles and columns."""

from __future__ import annotations

from pathgraph.cli.find import parameter_text
from pathgraph.docgen.markdown import GENERATED, table
from pathgraph.queries.catalogue import catalogue, networks
from pathgraph.queries.spec import Finding

__all__ = ["findings_document"]


def findings_document() -> str:
    """Return the library of findings as Markdown."""
    found = catalogue()
    lines = [
        GENERATED,
        "# Findings",
        "",
        "Rows are candidates for review, never verdicts. Every answer carries the finding's "
        "version, its parameters, the day it is as of, and the fingerprint of the data.",
        "",
        *table(
            ["finding", "question"],
            ([f"[{finding.id}](#{finding.id})", finding.question] for finding in found.values()),
        ),
    ]
    for finding in found.values():
        lines += ["", *_finding_lines(finding)]
    ties = networks()
    lines += [
        "",
        "# Networks",
        "",
        "Each row is a tie between two nodes.",
        "",
        *table(
            ["network", "question"],
            ([f"[{network.id}](#{network.id})", network.question] for network in ties.values()),
        ),
    ]
    for network in ties.values():
        lines += ["", *_finding_lines(network)]
    return "\n".join(lines) + "\n"


def _finding_lines(finding: Finding) -> list[str]:
    lines = [f"## {finding.id}", "", f"**{finding.title}.** {finding.question}", ""]
    facts = [f"Version {finding.version}."]
    if finding.is_patient_level:
        facts.append("Patient-level: each row is about one patient.")
    if finding.is_network:
        facts.append("Directed." if finding.is_directed else "Not directed.")
    if finding.needs:
        facts.append(f"Needs {', '.join(f'`{name}`' for name in finding.needs)}.")
    if finding.among is not None:
        facts.append(f"Among: {finding.among.title}.")
    if finding.legal:
        facts.append(f"Legal basis: {finding.legal}.")
    facts.append(f"Definition: {_link(finding.source)}.")
    lines.append(" ".join(facts))
    if finding.parameters:
        lines += ["", *_parameter_table(finding)]
    if finding.profiles:
        lines += ["", *_profile_table(finding)]
    return [*lines, "", *_column_table(finding)]


def _link(source: str) -> str:
    """Return a link, from where the document stands, to a place in ``docs``."""
    if source.startswith("docs/"):
        return f"[{source}](../{source.removeprefix('docs/')})"
    return source


def _parameter_table(finding: Finding) -> list[str]:
    return table(
        ["parameter", "default", "unit", "takes", "meaning"],
        (
            [
                f"`{p.name}`",
                "must be given" if p.default is None else f"`{parameter_text(p.default)}`",
                p.unit,
                p.expects,
                p.sentence,
            ]
            for p in finding.parameters
        ),
    )


def _profile_table(finding: Finding) -> list[str]:
    return table(
        ["profile", "title", "sets", "needs"],
        (
            [
                f"`{p.name}`",
                p.title,
                ", ".join(f"`{name} {parameter_text(value)}`" for name, value in p.values.items()),
                ", ".join(p.needs),
            ]
            for p in finding.profiles
        ),
    )


def _column_table(finding: Finding) -> list[str]:
    return table(
        ["column", "kind", "unit", "meaning"],
        ([f"`{c.name}`", c.kind.value, c.unit, c.sentence] for c in finding.returns),
    )
