"""The only door out: a finding is asked, made a table, freed of small numbers, and handed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.engine.base import Engine
from pathgraph.errors import EngineBusyError, NotAllowedError, QueryError, UsageError
from pathgraph.queries.cache import Cached, ResultCache, cache_key
from pathgraph.queries.caller import LOCAL, Caller
from pathgraph.queries.catalogue import among_fold_of, find_finding, fold_of
from pathgraph.queries.plan import Plan, make_plan
from pathgraph.queries.privacy import Suppressed, suppress_answer
from pathgraph.queries.result import Result
from pathgraph.queries.spec import THRESHOLD, Among, Finding, Return, Value
from pathgraph.queries.table import declared_table
from pathgraph.sentence import sentence
from pathgraph.version import VERSION

__all__ = ["Answers", "Context", "explain", "run"]

_ATTEMPTS = 3


@dataclass(slots=True)
class Answers:
    """Tables of findings that were already asked for, all of one snapshot of one engine.

    Several questions may share it, so that what one of them rests on is asked once.
    """

    load_id: str = ""
    tables: dict[Any, tuple[pa.Table, tuple[str, ...]]] = field(default_factory=dict)
    """Table and notes by finding, parameters and day."""
    parts: dict[Any, pa.Table] = field(default_factory=dict)
    """What the texts gave that several findings share, by text and parameters."""
    cache: ResultCache | None = None
    """Where answers are kept for other questions, in other processes and after a restart too."""

    def of(self, load_id: str) -> Answers:
        """Forget what was answered from another snapshot."""
        if load_id != self.load_id:
            self.load_id, self.tables, self.parts = load_id, {}, {}
        return self


@dataclass(frozen=True, slots=True)
class Context:
    """What a fold may know and ask besides the table that it is given."""

    plan: Plan
    engine: Engine
    timeout_s: float | None = None
    folder: Path | None = None
    answers: Answers = field(default_factory=Answers)
    """What was already asked for, of this and of other findings."""
    notes: list[str] = field(default_factory=list)
    """Sentences that a fold adds to the answer's notes, also those of the findings it asked."""
    parts: dict[str, pa.Table] = field(default_factory=dict)
    """What the finding's further texts gave; its rows and its denominator may ask for the same."""
    caller: Caller = LOCAL
    """Who asks."""

    @property
    def parameters(self) -> Mapping[str, Value]:
        """Every parameter of the finding with its value."""
        return self.plan.parameters

    def whole(self, name: str) -> int:
        """Return the value of a parameter of type ``int``."""
        return int(self.text(name))

    def number(self, name: str) -> float:
        """Return the value of a parameter of type ``number``."""
        return float(self.text(name))

    def text(self, name: str) -> str:
        """Return the value of a parameter as text."""
        return str(self.plan.parameters[name])

    @property
    def as_of(self) -> date:
        """The day at whose end things are looked at."""
        return self.plan.as_of

    @property
    def as_of_s(self) -> int:
        """First second after the end of that day, in seconds since 1970 UTC."""
        return self.plan.implicit["as_of_s"]

    @property
    def as_of_day(self) -> int:
        """That day, in days since 1970."""
        return self.plan.implicit["as_of_day"]

    @property
    def horizon_s(self) -> int:
        """First second after the last day that is covered, in seconds since 1970 UTC."""
        return self.plan.implicit["horizon_s"]

    @property
    def horizon_day(self) -> int:
        """The last day that is covered, in days since 1970."""
        return self.plan.implicit["horizon_day"]

    @property
    def load(self) -> Mapping[str, Any]:
        """The manifest of the load."""
        return self.plan.record.manifest

    def query(self, part: str) -> pa.Table:
        """Ask ``cypher/findings/<id>.<part>.cypher`` or ``cypher/parts/<part>.cypher``, once.

        Columns come as the engine gives them.
        """
        finding = self.plan.finding
        cypher = finding.text(self.engine.name, part)
        if part in finding.shared:
            known, asked = self.answers.parts, repr((cypher, self.plan.arguments(cypher)))
        else:
            known, asked = self.parts, part
        if asked not in known:
            is_of_snapshot = part in finding.shared and not self.plan.arguments(cypher)
            known[asked] = self._kept_part(cypher) if is_of_snapshot else self._ask(cypher)
        return known[asked]

    def _kept_part(self, cypher: str) -> pa.Table:
        """Return what a text gives that depends on the snapshot alone."""
        record = self.plan.record
        key = cache_key(
            what="part",
            pathgraph=VERSION,
            engine=self.engine.name,
            fingerprint=record.fingerprint,
            options=record.manifest.get("options"),
            cypher=cypher,
        )
        return self._from_cache(key, lambda: Cached(self._ask(cypher))).table

    def run(
        self,
        finding_id: str,
        parameters: Mapping[str, object] | None = None,
        *,
        profile: str | None = None,
        as_of: date | None = None,
    ) -> pa.Table:
        """Return another finding's table, all rows and nothing hidden.

        It is asked as of the same day unless ``as_of`` says otherwise, and once: a second time
        gives the same table.
        """
        plan = make_plan(
            self.engine,
            find_finding(finding_id, self.folder),
            parameters,
            as_of=as_of or self.as_of,
            profile=profile,
            timeout_s=self.timeout_s,
        )
        context = Context(
            plan, self.engine, self.timeout_s, self.folder, self.answers, caller=self.caller
        )
        table = context.table()
        self.notes.extend(context.notes)
        return table

    def table(self) -> pa.Table:
        """Return the finding's own table, sorted, all rows and nothing hidden."""
        plan = self.plan
        asked = (plan.finding.id, repr(sorted(plan.parameters.items())), plan.as_of)
        if asked not in self.answers.tables:
            cached = self.kept("table", plan.finding.version, self._answered)
            self.answers.tables[asked] = cached.table, cached.notes
        table, notes = self.answers.tables[asked]
        self.notes.extend(notes)
        return table

    def _answered(self) -> Cached:
        # Of its own, since the findings that it asks add their notes to it.
        context = replace(self, notes=[])
        table = context._asked_and_folded()
        return Cached(table, tuple(context.notes))

    def kept(self, what: str, version: int, compute: Callable[[], Cached]) -> Cached:
        """Return what the cache holds, or compute it and keep it; without a cache compute it.

        Parameters
        ----------
        what
            What of the finding it is: its table, its denominator, or something that other modules
            of ``queries`` make of it.
        version
            Raised whenever the same data would give something else.
        """
        plan, record = self.plan, self.plan.record
        key = cache_key(
            what=what,
            pathgraph=VERSION,
            rights=self.caller.rights,
            engine=self.engine.name,
            fingerprint=record.fingerprint,
            options=record.manifest.get("options"),
            finding=plan.finding.id,
            version=version,
            cypher=plan.cypher,
            parameters=dict(plan.parameters),
            as_of=plan.as_of,
        )
        return self._from_cache(key, compute)

    def _from_cache(self, key: str, compute: Callable[[], Cached]) -> Cached:
        cache = self.answers.cache
        if cache is None:
            return compute()
        cached = cache.get(key)
        if cached is not None:
            return cached
        with cache.turn(key):
            # Whoever had the turn before may have kept it meanwhile.
            cached = cache.get(key)
            if cached is None:
                cached = compute()
                # A load that ended meanwhile would keep its rows under the other's name.
                if self.engine.record().load_id == self.plan.record.load_id:
                    cache.put(key, cached)
            return cached

    def _asked_and_folded(self) -> pa.Table:
        finding = self.plan.finding
        table = self._ask(self.plan.cypher)
        fold = fold_of(finding)
        if fold is not None:
            folded = fold(table, self)
            table = (
                pa.Table.from_pandas(folded, preserve_index=False)
                if isinstance(folded, pd.DataFrame)
                else folded
            )
        return declared_table(table, finding)

    def among(self) -> int | None:
        """Return the denominator, where the finding has one."""
        among = self.plan.finding.among
        if among is None:
            return None

        def counted() -> Cached:
            return Cached(pa.table({"n": pa.array([self._counted(among)], pa.int64())}))

        kept = self.kept(f"among:{among.id}", among.version, counted)
        return int(kept.table.column("n")[0].as_py())

    def _counted(self, among: Among) -> int:
        table = self._ask(among.text(self.engine.name))
        fold = among_fold_of(among)
        if fold is not None:
            return int(fold(table, self))
        values = table.column("n").to_pylist() if "n" in table.column_names else []
        if len(values) != 1 or values[0] is None:
            raise QueryError(
                sentence(
                    "The denominator {id} did not come as one row with a number in the column "
                    "n. This is a fault of the finding; report it.",
                    id=among.id,
                )
            )
        return int(values[0])

    def _ask(self, cypher: str) -> pa.Table:
        return self.engine.query(cypher, self.plan.arguments(cypher), timeout_s=self.timeout_s)


def run(
    engine: Engine,
    finding_id: str,
    parameters: Mapping[str, object] | None = None,
    *,
    as_of: date | str | None = None,
    profile: str | None = None,
    suppress_below: int = 5,
    limit: int | None = None,
    timeout_s: float | None = None,
    folder: Path | None = None,
    answers: Answers | None = None,
    caller: Caller = LOCAL,
) -> Result:
    """Answer a finding.

    Parameters
    ----------
    parameters
        Values by name, as Python values or as texts; the rest comes from the profile and the
        defaults.
    as_of
        The day at whose end things are looked at (ISO text or date); by default the day of the
        last contact.
    suppress_below
        Groups of fewer people are not shown; 0 shows all. Rows about one patient are not
        affected.
    limit
        At most this many rows; by default all.
    timeout_s
        Seconds that each query of the finding may take.
    folder
        A folder like ``cypher/``; by default pathgraph's own.
    answers
        What other questions of the same engine and folder have asked for.
    caller
        Who asks; by default whoever sits at this machine.

    Raises
    ------
    UsageError
        All that does not fit: finding, profile, parameters, day, limits.
    NotAllowedError
        When rows are about single patients, and the caller may not see such rows.
    TableNotLoadedError
        When tables are needed that were not loaded.
    GraphNotReadyError
        When nothing is loaded, or a load is under way or broke off.
    """
    _check_limits(suppress_below, limit)
    finding = find_finding(finding_id, folder)
    if finding.is_patient_level and not caller.sees_patients:
        raise NotAllowedError(
            sentence("You may not see rows about single patients, and this finding gives such.")
        )
    asked = _no_weaker_ties(finding, parameters or {}, suppress_below)
    for _ in range(_ATTEMPTS):
        plan = make_plan(engine, finding, asked, as_of=as_of, profile=profile, timeout_s=timeout_s)
        known = (answers or Answers()).of(plan.record.load_id)
        context = Context(plan, engine, timeout_s, folder, known, caller=caller)
        table, among = context.table(), context.among()
        # A load that ended in between would give rows of one snapshot and totals of another.
        if engine.record().load_id == plan.record.load_id:
            result = _result(plan, table, among, suppress_below, limit)
            notes = dict.fromkeys([*result.manifest["notes"], *context.notes])
            return replace(result, manifest={**result.manifest, "notes": list(notes)})
    raise EngineBusyError(
        sentence(
            "The data was loaded anew while the finding was being answered, several "
            "times. Ask again when the loads are done."
        )
    )


def explain(
    engine: Engine,
    finding_id: str,
    parameters: Mapping[str, object] | None = None,
    *,
    as_of: date | str | None = None,
    profile: str | None = None,
    folder: Path | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return the Cypher that :func:`run` would send, and the parameters with it.

    Raises
    ------
    UsageError, TableNotLoadedError, GraphNotReadyError
        As :func:`run`.
    """
    finding = find_finding(finding_id, folder)
    plan = make_plan(engine, finding, parameters, as_of=as_of, profile=profile)
    return plan.cypher, plan.arguments(plan.cypher)


def _check_limits(suppress_below: int, limit: int | None) -> None:
    problems = []
    if isinstance(suppress_below, bool) or suppress_below < 0:
        problems.append(sentence("suppress_below must be a whole number of at least 0."))
    if limit is not None and (isinstance(limit, bool) or limit < 0):
        problems.append(sentence("limit must be a whole number of at least 0."))
    if problems:
        raise UsageError(*problems)


def _no_weaker_ties(
    finding: Finding, given: Mapping[str, object], suppress_below: int
) -> Mapping[str, object]:
    """Raise the patients that a tie needs to be built on to what the door shows.

    Such a threshold has a lower bound of its own; that of other networks is the door's alone.
    """
    found = [p for p in finding.parameters if p.name == THRESHOLD and (p.at_least or 0) > 1]
    for parameter in found:
        try:
            fewest = parameter.accept(given.get(THRESHOLD, parameter.default))
        except ValueError:
            # It is refused with all else that does not fit.
            return given
        if isinstance(fewest, int) and fewest < suppress_below:
            return {**given, THRESHOLD: suppress_below}
    return given


def _result(
    plan: Plan, table: pa.Table, among: int | None, suppress_below: int, limit: int | None
) -> Result:
    finding = plan.finding
    if finding.is_patient_level:
        shown = Suppressed(table, {}, among, is_among_hidden=False)
    else:
        shown = suppress_answer(table, finding, threshold=suppress_below, among=among)
    table, masks = _strong_ties(plan, shown)
    n_rows = table.num_rows
    kept = n_rows if limit is None else min(limit, n_rows)
    hidden = {name: mask[:kept] for name, mask in masks.items()}
    manifest = _manifest(plan, shown, n_rows, kept, suppress_below)
    return Result(finding, table.slice(0, kept), manifest, hidden)


def _strong_ties(plan: Plan, shown: Suppressed) -> tuple[pa.Table, Mapping[str, Any]]:
    """Leave the ties of a network out that are below its threshold, or whose number is hidden.

    Done after small numbers are hidden: which ties a threshold leaves out would tell how many
    people a hidden one is about.
    """
    fewest = plan.parameters.get(THRESHOLD)
    if not isinstance(fewest, int) or fewest <= 1:
        return shown.table, shown.hidden
    people = shown.table.column("n_patients").fill_null(0).to_numpy()
    is_kept = people >= fewest
    hidden = {name: mask[is_kept] for name, mask in shown.hidden.items()}
    return shown.table.filter(pa.array(is_kept)), hidden


def _manifest(
    plan: Plan, shown: Suppressed, n_rows: int, kept: int, suppress_below: int
) -> dict[str, Any]:
    finding, load, horizon = plan.finding, plan.record.manifest, plan.horizon
    return {
        "finding": finding.id,
        "version": finding.version,
        "title": finding.title,
        "as_of": plan.as_of.isoformat(),
        "parameters": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in plan.parameters.items()
        },
        "data": {
            "snapshot": plan.record.load_id,
            "fingerprint": plan.record.fingerprint,
            "source": load.get("source"),
        },
        "among": shown.among,
        "n_rows": n_rows,
        "n_suppressed": shown.n_suppressed,
        "truncated": kept < n_rows,
        "columns": [_column(column) for column in finding.returns],
        "question": finding.question,
        "profile": plan.profile.name if plan.profile else None,
        "profile_title": plan.profile.title if plan.profile else None,
        "profile_changed": list(plan.changed),
        "among_title": finding.among.title if finding.among else None,
        "among_suppressed": shown.is_among_hidden,
        "suppress_below": suppress_below,
        "horizon": {
            "day": date.fromordinal(date(1970, 1, 1).toordinal() + horizon.day).isoformat(),
            "is_assumed": horizon.is_assumed,
            "levels": list(horizon.levels),
            "not_covered": list(horizon.not_covered),
        },
        "has_time": bool(load.get("has_time", True)),
        "acute": dict(load.get("acute") or {}).get("sentence"),
        "notes": _notes(plan, shown, suppress_below),
        "source": finding.source,
        "legal": finding.legal,
        "pathgraph": VERSION,
    }


def _column(column: Return) -> dict[str, str]:
    return {"name": column.name, "kind": str(column.kind)} | (
        {"unit": column.unit} if column.unit else {}
    )


def _notes(plan: Plan, shown: Suppressed, suppress_below: int) -> list[str]:
    """Return what a reader must know before trusting a number, one sentence each."""
    load, horizon = plan.record.manifest, plan.horizon
    notes = [str(note) for note in load.get("notes", ())]
    if not load.get("has_time", True):
        notes.append(
            sentence(
                "The source gives no clock times: lengths in hours are counted from whole days."
            )
        )
    if horizon.is_assumed:
        notes.append(
            sentence(
                "What the source covers was not given; its end is assumed to be the last date seen."
            )
        )
    if horizon.not_covered:
        notes.append(
            sentence("No coverage is known of: {levels}.", levels=", ".join(horizon.not_covered))
        )
    if plan.changed:
        notes.append(
            sentence("Set apart from the profile: {names}.", names=", ".join(plan.changed))
        )
    if shown.hidden or shown.is_among_hidden:
        notes.append(
            sentence(
                "<{n} stands for values about fewer than {n} people, and for others from "
                "which such a value could be worked out.",
                n=suppress_below,
            )
        )
    fewest = plan.parameters.get(THRESHOLD)
    if isinstance(fewest, int) and fewest > 1:
        notes.append(
            sentence(
                "Ties with fewer than {n} patients, and those with a number that is not shown, are "
                "left out.",
                n=fewest,
            )
        )
    last_day = load.get("last_day")
    if last_day is not None and plan.implicit["as_of_day"] > int(last_day):
        notes.append(
            sentence(
                "The day asked for is after the last contact that was loaded; what "
                "happened after it is not known."
            )
        )
    return notes
