"""How the values of a table read: numbers, dates, codes, links."""

from __future__ import annotations

from typing import Any

from pathgraph.api import words
from pathgraph.api.language import Language
from pathgraph.queries.spec import Kind, Return

__all__ = ["RATIOS", "cell_words", "words_of"]

RATIOS = (
    "n_expected", "observed_to_expected", "ratio_high", "ratio_low", "expected", "gap", "gap_low",
    "gap_high", "shrunk_ratio", "p_value", "adjusted_p_value", "ratio_per_year", "low_998",
    "low_95", "high_95", "high_998", "z", "z_adjusted", "tau2", "capacity", "consultations",
    "per_referral", "consultations_short",
    "weight", "weight_back", "strength", "strength_in", "strength_out", "adjusted_degree",
    "care_density", "fragmented_care_density", "upc", "coc", "coc_low", "coc_high",
    "coc_given_upc", "secon", "hhi", "mmci", "fragmentation",
    "closeness", "betweenness", "pagerank", "clustering", "reciprocity",
    "ratio", "residual",
    "difference", "difference_low", "difference_high",
)  # fmt: skip
"""Columns of kind share that are no part of a whole: they may be above 1, and read as numbers."""

_SMALL = ("p_value", "adjusted_p_value", "betweenness", "pagerank", "clustering")
"""Of these the third decimal is read too."""

_PROBABILITIES = ("p_value", "adjusted_p_value")
_LEAST_PROBABILITY = 0.001
"""Below it a probability reads as less than it, and never as 0."""


def cell_words(language: Language, value: Any, column: Return) -> str:
    """Return a value as a reader of the language expects it; nothing for what is not recorded.

    Parameters
    ----------
    column
        Its kind says how the value reads; the words of a code depend on its name.
    """
    if value is None:
        return ""
    kind = column.kind
    if kind is Kind.BOOLEAN:
        return language.gettext("yes") if value else language.gettext("no")
    if kind is Kind.LIST:
        return ", ".join(words.code_words(language, str(item), column.name) for item in value)
    if kind is Kind.SHARE:
        if column.name in _PROBABILITIES and 0 <= value < _LEAST_PROBABILITY:
            return f"<{language.number(_LEAST_PROBABILITY, 3)}"
        is_part = column.name not in RATIOS and 0 <= value <= 1
        n_digits = 3 if column.name in _SMALL else 2
        return language.percent(value) if is_part else language.number(value, n_digits)
    if kind is Kind.DATE:
        return language.day(value)
    if kind is Kind.TIME:
        return language.moment(value)
    if kind in (Kind.PERSONS, Kind.COUNT, Kind.DAYS, Kind.HOURS):
        return language.number(value)
    return words.code_words(language, str(value), column.name)


def words_of(language: Language) -> dict[str, Any]:
    """Return the functions by which templates name codes, columns, parameters and cells."""
    return {
        "value": lambda value, column: cell_words(language, value, column),
        "code": lambda code, column=None: words.code_words(language, str(code), column),
        "heading": lambda finding, column: words.heading(language, finding, column),
        "label": lambda finding, parameter: words.label(language, finding, parameter),
        "unit_words": lambda unit: words.unit_words(language, unit),
        "level_words": lambda level: words.level_words(language, level),
        "table_words": lambda table: words.table_words(language, table),
    }
