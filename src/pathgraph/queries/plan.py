"""What a finding is asked with: checked parameters, the day, the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from pathgraph.engine.base import Engine, LoadRecord
from pathgraph.errors import ParameterError, TableNotLoadedError
from pathgraph.queries.spec import Finding, Parameter, Profile, Value
from pathgraph.queries.tokens import parameters_used
from pathgraph.sentence import sentence, template

__all__ = ["Horizon", "Plan", "make_plan", "resolve_parameters"]

_EPOCH = date(1970, 1, 1)

_COVERAGE = """
MATCH (c:Coverage) WHERE c.level IN $levels
RETURN c.source AS source, c.level AS level, c.municipality_code AS municipality_code,
       c.covered_to_day AS covered_to_day, c.is_assumed AS is_assumed
"""


@dataclass(frozen=True, slots=True)
class Horizon:
    """The last day that is both covered and not after ``as_of``.

    Attributes
    ----------
    is_assumed
        The day follows from a coverage that was taken from the first and last date seen.
    levels
        Levels of care that bound it.
    not_covered
        Levels of care that the finding reads and of which no coverage is known.
    """

    day: int
    is_assumed: bool = False
    levels: tuple[str, ...] = ()
    not_covered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A finding with all that its queries are asked with.

    Attributes
    ----------
    parameters
        Every parameter of the finding with its value.
    changed
        Parameters of the profile that the caller set to something else.
    implicit
        ``as_of_s``, ``as_of_day``, ``horizon_s``, ``horizon_day``.
    """

    finding: Finding
    record: LoadRecord
    parameters: Mapping[str, Value]
    as_of: date
    horizon: Horizon
    implicit: Mapping[str, int]
    profile: Profile | None = None
    changed: tuple[str, ...] = ()
    engine_name: str = ""

    def arguments(self, cypher: str) -> dict[str, Any]:
        """Return the parameters that ``cypher`` uses, and no others."""
        used = parameters_used(cypher)
        values: dict[str, Any] = {**self.parameters, **self.implicit}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if name in used
        }

    @property
    def cypher(self) -> str:
        """The finding's text for the engine."""
        return self.finding.text(self.engine_name)


def make_plan(
    engine: Engine,
    finding: Finding,
    parameters: Mapping[str, object] | None = None,
    *,
    as_of: date | str | None = None,
    profile: str | None = None,
    timeout_s: float | None = None,
) -> Plan:
    """Check what a finding is asked with against the finding and what is loaded.

    Raises
    ------
    ParameterError
        All that does not fit: unknown profile or parameters, values, day.
    TableNotLoadedError
        When tables are needed that were not loaded.
    GraphNotReadyError
        When nothing is loaded, or a load is under way or broke off.
    """
    chosen, values, problems = resolve_parameters(finding, parameters or {}, profile)
    day: date | None = None
    try:
        day = _given_day(as_of)
    except ParameterError as error:
        problems += error.problems
    if problems:
        raise ParameterError(problems)
    record = engine.record()
    _check_tables(finding, chosen, record)
    day = day or _default_day(record)
    horizon = _horizon(engine, finding, (day - _EPOCH).days, timeout_s)
    zone = ZoneInfo(str(record.manifest["timezone"]))
    implicit = {
        "as_of_s": end_of_day_s(day, zone),
        "as_of_day": (day - _EPOCH).days,
        "horizon_s": end_of_day_s(_EPOCH + timedelta(days=horizon.day), zone),
        "horizon_day": horizon.day,
    }
    given = set(parameters or {})
    return Plan(
        finding=finding,
        record=record,
        parameters=MappingProxyType(values),
        as_of=day,
        horizon=horizon,
        implicit=MappingProxyType(implicit),
        profile=chosen,
        changed=_changed(chosen, values, given),
        engine_name=engine.name,
    )


def resolve_parameters(
    finding: Finding, given: Mapping[str, object], profile: str | None
) -> tuple[Profile | None, dict[str, Value], list[tuple[str, str]]]:
    """Return the profile, the value of every parameter, and all that does not fit, by name.

    What the caller gives goes before the profile, and the profile before the defaults.
    """
    problems: list[tuple[str, str]] = []
    chosen = None
    if profile is not None:
        try:
            chosen = finding.profile(profile)
        except KeyError:
            listed = ", ".join(p.name for p in finding.profiles) or sentence("none")
            said = sentence(
                "{finding} has no profile called '{profile}'. Its profiles: {listed}.",
                finding=finding.id,
                profile=profile,
                listed=listed,
            )
            problems.append(("profile", said))
    known = {parameter.name: parameter for parameter in finding.parameters}
    for name in given:
        if name not in known:
            listed = ", ".join(known) or sentence("none")
            said = sentence(
                "{finding} has no parameter called '{name}'. Its parameters: {listed}.",
                finding=finding.id,
                name=name,
                listed=listed,
            )
            problems.append((name, said))
    values: dict[str, Value] = {}
    for name, parameter in known.items():
        if name in given:
            _accept(parameter, given[name], values, problems)
        elif chosen is not None and name in chosen.values:
            values[name] = chosen.values[name]
        elif parameter.default is not None:
            values[name] = parameter.default
        else:
            said = sentence(
                "{finding} needs a value for {name} ({what}): {expects}.",
                finding=finding.id,
                name=name,
                what=sentence(parameter.sentence),
                expects=parameter.expects,
            )
            problems.append((name, said))
    return chosen, values, problems


def end_of_day_s(day: date, zone: ZoneInfo) -> int:
    """Return the first second after the end of the local ``day``, in seconds since 1970 UTC.

    Examples
    --------
    >>> end_of_day_s(date(1970, 1, 1), ZoneInfo("UTC"))
    86400
    """
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=zone)
    return int(midnight.timestamp())


def _accept(
    parameter: Parameter,
    given: object,
    values: dict[str, Value],
    problems: list[tuple[str, str]],
) -> None:
    try:
        values[parameter.name] = parameter.accept(given)
    except ValueError as error:
        template_ = (
            template("The value of {name} (in {unit}) does not fit: {error}.")
            if parameter.unit
            else template("The value of {name} does not fit: {error}.")
        )
        said = sentence(template_, name=parameter.name, unit=parameter.unit, error=error.args[0])
        problems.append((parameter.name, said))


def _changed(
    profile: Profile | None, values: Mapping[str, Value], given: set[str]
) -> tuple[str, ...]:
    if profile is None:
        return ()
    return tuple(
        name for name in values if name in given and profile.values.get(name) != values[name]
    )


def _given_day(as_of: date | str | None) -> date | None:
    if as_of is None:
        return None
    if isinstance(as_of, datetime):
        as_of = as_of.date()
    if isinstance(as_of, str):
        try:
            as_of = date.fromisoformat(as_of)
        except ValueError:
            said = sentence("as_of is no date. Write it as 2026-01-31.")
            raise ParameterError([("as_of", said)]) from None
    if as_of >= date.max:
        said = sentence("as_of is later than any calendar. Give an earlier date.")
        raise ParameterError([("as_of", said)])
    return as_of


def _default_day(record: LoadRecord) -> date:
    """Return the day of the last contact; without contacts the day on which the load was made."""
    last = record.manifest.get("last_day")
    if last is not None:
        return _EPOCH + timedelta(days=int(last))
    return date.fromisoformat(str(record.manifest["loaded_at"])[:10])


_NOT_LOADED = (
    template(
        "{finding} needs the table {tables}, which was not loaded. Add what is missing to the "
        "source and load again."
    ),
    template(
        "{finding} needs the tables {tables}, which were not loaded. Add what is missing to the "
        "source and load again."
    ),
)
_NOT_LOADED_FOR_PROFILE = (
    template(
        "The profile {profile} of {finding} needs the table {tables}, which was not loaded. Add "
        "what is missing to the source and load again."
    ),
    template(
        "The profile {profile} of {finding} needs the tables {tables}, which were not loaded. Add "
        "what is missing to the source and load again."
    ),
)


def _check_tables(finding: Finding, profile: Profile | None, record: LoadRecord) -> None:
    loaded = set(record.manifest.get("tables", ()))
    among = finding.among.needs if finding.among else ()
    sentences = []
    for needs, one, several in (
        ((*finding.needs, *among), *_NOT_LOADED),
        (_needs(profile), *_NOT_LOADED_FOR_PROFILE),
    ):
        missing = [name for name in dict.fromkeys(needs) if name not in loaded]
        if missing:
            said = sentence(
                one if len(missing) == 1 else several,
                finding=finding.id,
                profile=profile.name if profile else "",
                tables=", ".join(missing),
            )
            sentences.append(said)
    if sentences:
        raise TableNotLoadedError(*sentences)


def _needs(profile: Profile | None) -> tuple[str, ...]:
    return profile.needs if profile else ()


def _horizon(engine: Engine, finding: Finding, as_of_day: int, timeout_s: float | None) -> Horizon:
    """Bound the day by the coverage of the levels of care that the finding reads.

    What one source covers of one level (and municipality) ends where its last period ends; the
    earliest of these ends counts.
    """
    if not finding.levels:
        return Horizon(as_of_day)
    rows = engine.query(_COVERAGE, {"levels": list(finding.levels)}, timeout_s=timeout_s)
    ends: dict[tuple[Any, ...], tuple[int, bool]] = {}
    for row in rows.to_pylist():
        if row["covered_to_day"] is None:
            continue
        place = (row["source"], row["level"], row["municipality_code"])
        ends[place] = max(
            ends.get(place, (row["covered_to_day"], False)),
            (row["covered_to_day"], bool(row["is_assumed"])),
        )
    covered = {place[1] for place in ends}
    not_covered = tuple(level for level in finding.levels if level not in covered)
    levels = tuple(level for level in finding.levels if level in covered)
    first_end = min(ends.values(), default=None)
    if first_end is None:
        return Horizon(as_of_day, levels=levels, not_covered=not_covered)
    # covered_to is the first day that is no longer covered.
    last_covered, is_assumed = first_end[0] - 1, first_end[1]
    return Horizon(
        min(as_of_day, last_covered), is_assumed and last_covered < as_of_day, levels, not_covered
    )
