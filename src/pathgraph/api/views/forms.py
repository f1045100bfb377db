"""The form of a finding, made from its header: labels, units, bounds and defaults in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pathgraph.api import words
from pathgraph.api.language import Language
from pathgraph.queries.spec import Finding, Parameter, ParameterType, Value

__all__ = ["Field", "day_field", "fields_of"]

_FEW = 5
_OPTIONS_FROM_CODES: Mapping[str, str] = {"municipal_kinds": "kind", "home_codes": "home_codes"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form, for the macro ``form``.

    Attributes
    ----------
    control
        ``number``, ``text``, ``date``, ``select``, ``checkboxes`` or ``switch``.
    value
        As it stands in the control; for checkboxes the chosen options.
    hint
        What the parameter is, its bounds and its default, in words.
    is_advanced
        Whether it stands in a fold of its own.
    default
        The text that is sent where nobody changed the field; the address need not hold it.
    is_changed
        Whether its value is another than the default.
    """

    name: str
    label: str
    control: str
    value: Any = ""
    unit: str = ""
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()
    step: str = "1"
    error: str = ""
    default: str = ""
    is_advanced: bool = False
    is_changed: bool = False


def fields_of(
    finding: Finding,
    language: Language,
    *,
    given: Mapping[str, str],
    as_of: str | None,
    default_day: date | None,
    profile: str | None,
    problems: Sequence[tuple[str, str]] = (),
    hidden: Sequence[str] = ("language",),
) -> list[Field]:
    """Return the fields of a finding's form: the day, the profile, each parameter.

    Parameters
    ----------
    given
        What the address says, as texts; it comes back as it was written, also where it does not
        fit.
    problems
        Name of a field and the sentence about it.
    hidden
        Parameters that have no field.
    """
    errors = {name: language.said(text) for name, text in problems}
    fields = [day_field("as_of", language, as_of, default_day, errors.get("as_of", ""))]
    if finding.profiles:
        fields.append(_profile_field(finding, language, profile, errors.get("profile", "")))
    chosen = next((p for p in finding.profiles if p.name == profile), None)
    values = {} if chosen is None else dict(chosen.values)
    asked = [p for p in finding.parameters if p.name not in hidden]
    for parameter in asked:
        fields.append(
            _field(
                finding,
                parameter,
                language,
                given.get(parameter.name),
                values.get(parameter.name, parameter.default),
                errors.get(parameter.name, ""),
                is_advanced=len(asked) > _FEW and parameter.default is not None,
            )
        )
    return fields


def day_field(
    name: str, language: Language, given: str | None, default_day: date | None, error: str = ""
) -> Field:
    """Return the field for the day at whose end things are looked at."""
    hint = language.gettext("Things are looked at as they stood at the end of this day.")
    if default_day is not None:
        said = language.gettext("The last day loaded is {day}.")
        hint = f"{hint} {said.format(day=language.day(default_day))}"
    return Field(
        name=name,
        label=language.gettext("As of"),
        # A date field shows nothing of what is no date: what was written comes back as text.
        control="date" if not given or _is_day(given) else "text",
        value=given or (default_day.isoformat() if default_day else ""),
        hint=hint,
        error=error,
        default=default_day.isoformat() if default_day else "",
        is_changed=bool(given),
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2025-12-31")


def _profile_field(finding: Finding, language: Language, given: str | None, error: str) -> Field:
    options = [("", language.gettext("The defaults"))]
    options += [(p.name, words.profile_words(language, p)) for p in finding.profiles]
    return Field(
        name="profile",
        label=language.gettext("Profile"),
        control="select",
        value=given or "",
        hint=language.gettext("A named set of values; what is set below goes before it."),
        options=options,
        error=error,
        is_changed=bool(given),
    )


def _field(
    finding: Finding,
    parameter: Parameter,
    language: Language,
    given: str | None,
    default: Value | None,
    error: str,
    *,
    is_advanced: bool,
) -> Field:
    control, options = _control(parameter, language)
    text = _text(default) if given is None else given
    value: Any = text
    if control == "checkboxes":
        value = [part.strip() for part in text.split("|")]
    elif control == "switch":
        value = text.strip().lower() == "true"
    return Field(
        name=parameter.name,
        label=words.label(language, finding.id, parameter.name),
        control=control,
        value=value,
        unit=words.unit_words(language, parameter.unit),
        hint=_hint(parameter, language, default),
        options=options,
        step="1" if parameter.type is ParameterType.INT else "any",
        error=error,
        default="" if control == "checkboxes" else _text(default),
        is_advanced=is_advanced,
        is_changed=given is not None and given != _text(default),
    )


def _control(parameter: Parameter, language: Language) -> tuple[str, Sequence[tuple[str, str]]]:
    codes: Sequence[str] = parameter.one_of
    if parameter.name in _OPTIONS_FROM_CODES:
        codes = tuple(words.CODES_BY_COLUMN[_OPTIONS_FROM_CODES[parameter.name]])
    options = [(code, words.code_words(language, code, parameter.name)) for code in codes]
    if parameter.type in (ParameterType.INT, ParameterType.NUMBER):
        return "number", ()
    if parameter.type is ParameterType.BOOLEAN:
        return "switch", ()
    if parameter.type is ParameterType.LIST and options:
        return "checkboxes", options
    if options:
        return "select", options
    return ("date" if parameter.name == "since" else "text"), ()


def _hint(parameter: Parameter, language: Language, default: Value | None) -> str:
    sentences = [_capital(language.said(parameter.sentence)) + "."]
    bounds = _bounds(parameter, language)
    if bounds:
        sentences.append(bounds)
    if parameter.type is ParameterType.LIST and parameter.name not in _OPTIONS_FROM_CODES:
        sentences.append(language.gettext("Several are separated by |."))
    if default is not None and parameter.type in (ParameterType.INT, ParameterType.NUMBER):
        said = language.gettext("Default {value}.")
        sentences.append(said.format(value=language.number(float(str(default)))))
    elif default is None:
        sentences.append(language.gettext("It has no default."))
    return " ".join(sentences)


def _bounds(parameter: Parameter, language: Language) -> str:
    low, high = parameter.at_least, parameter.at_most
    if low is not None and high is not None:
        said = language.gettext("From {low} to {high}.")
        return said.format(low=language.number(low), high=language.number(high))
    if low is not None:
        return language.gettext("At least {low}.").format(low=language.number(low))
    if high is not None:
        return language.gettext("At most {high}.").format(high=language.number(high))
    return ""


def _text(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "|".join(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
