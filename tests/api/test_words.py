"""Every code, column, parameter, profile and table has words in the three languages."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pathgraph.api.headings import HEADINGS, OWN_HEADINGS, OWN_LABELS
from pathgraph.api.language import LANGUAGES, language_of
from pathgraph.api.words import (
    code_words,
    column_heading,
    heading,
    label,
    level_words,
    messages,
    profile_words,
    table_words,
    unit_words,
)
from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.ingest.run import load
from pathgraph.model.tables import CANONICAL_TABLES, LEVELS
from pathgraph.model.types import ColumnType
from pathgraph.queries.catalogue import catalogue, networks
from pathgraph.queries.run import Answers, run
from pathgraph.queries.spec import Finding, Kind
from pathgraph.synth.generate import write_region

AS_OF = date(2025, 12, 31)
ENGLISH = language_of("en")

# Texts that are no codes: names, ids, numbers, sentences, dates.
NO_CODES = re.compile(
    r".*name(_se)?|.*_id|.*_code|.*_area|(next_)?community|about|part_of|place|source|covered_(from|to)|by_value|period"
    r"|age_group|turns_18|dates|child_units|clinics|coordinators|owners|plans|stays|units|gaps_h"
)
# Work lists say their reasons in words of their own.
ANSWERS = Answers()
SAID_IN_WORDS = {("new_since", "reason"), ("priority", "reasons"), ("patient_findings", "reason")}

KNOWN = {**catalogue(), **networks()}
FINDINGS = tuple(KNOWN.values())


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words") / "region"
    write_region(folder, patients=1000, seed=7)
    return folder


@pytest.fixture(scope="module")
def engine(region: Path) -> Iterator[Engine]:
    with contextlib.closing(open_engine(f"ladybug:{region.parent / 'graph'}")) as opened:
        load("tables", region, opened)
        yield opened


def _parameters(finding: Finding, engine: Engine) -> Iterator[Mapping[str, object]]:
    """Yield parameters with which the finding has much to say."""
    names = {p.name for p in finding.parameters}
    if "patient" in names:
        teams = {id_ for f in _WITH_PATIENTS for id_ in _table(engine, f, {})["patient_id"]}
        yield from ({"patient": patient} for patient in sorted(teams)[::5][:12])
    elif "since" in names:
        yield {"since": "2025-06-30"}
    elif "capacity_per_year" in names:
        yield {"capacity_per_year": "100", "consultations": "200"}
    else:
        yield {}


_WITH_PATIENTS = ("unowned_plans", "missing_coordinator", "missing_contact_physician", "bouncing")


def _table(engine: Engine, finding: str, parameters: Mapping[str, object]) -> dict[str, list[Any]]:
    result = run(engine, finding, parameters, as_of=AS_OF, answers=ANSWERS)
    return result.table.to_pydict()


def _codes(finding: Finding, engine: Engine) -> set[tuple[str, str]]:
    """Return column and value of all that the finding's columns of codes hold."""
    columns = [
        c.name
        for c in finding.returns
        if c.kind in (Kind.TEXT, Kind.LIST)
        and not NO_CODES.fullmatch(c.name)
        and (finding.id, c.name) not in SAID_IN_WORDS
    ]
    found = set()
    for parameters in _parameters(finding, engine):
        table = _table(engine, finding.id, parameters)
        for name in columns:
            for value in table[name]:
                parts = value if isinstance(value, list) else [value]
                found |= {(name, part) for part in parts if isinstance(part, str)}
    return found


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda f: f.id)
def test_each_code_that_a_finding_holds_has_words(finding: Finding, engine: Engine) -> None:
    without = {
        (column, code)
        for column, code in _codes(finding, engine)
        if code_words(ENGLISH, code, column) == code
    }
    assert without == set()


def test_each_code_of_the_generated_tables_has_words(region: Path) -> None:
    n = 0
    for table in CANONICAL_TABLES:
        place = region / table.name
        source = place / "**/*.parquet" if place.is_dir() else Path(f"{place}.parquet")
        if not (place.is_dir() or source.exists()):
            continue
        frame = pl.read_parquet(source)
        codes = [c.name for c in table.columns if c.type is ColumnType.CODE]
        for column in [c for c in codes if c in frame.columns and c != "system"]:
            for code in frame[column].drop_nulls().unique().to_list():
                n += 1
                assert code_words(ENGLISH, code, column) != code, (table.name, column, code)
    assert n > 90


def test_each_code_of_the_model_and_of_a_parameter_has_words() -> None:
    declared = {(c.name, code) for t in CANONICAL_TABLES for c in t.columns for code in c.codes}
    choices = {(p.name, code) for f in FINDINGS for p in f.parameters for code in p.one_of}
    assert {(n, c) for n, c in declared | choices if code_words(ENGLISH, c, n) == c} == set()
    assert all(level_words(ENGLISH, level) != level for level in LEVELS)


def test_each_column_has_a_short_heading_with_its_unit() -> None:
    for finding in FINDINGS:
        for column in finding.returns:
            said = heading(ENGLISH, finding.id, column.name)
            assert said != column.name, (finding.id, column.name)
            words = re.sub(r" \(.*\)", "", said).split()
            assert 1 <= len(words) <= 4, said
            if column.unit and column.unit != "%":
                assert said.endswith(f"({unit_words(ENGLISH, column.unit)})"), said


def test_no_two_columns_of_a_finding_have_one_heading() -> None:
    for finding in FINDINGS:
        for code in LANGUAGES:
            language = language_of(code)
            said = [heading(language, finding.id, column.name) for column in finding.returns]
            assert len(set(said)) == len(said), (finding.id, code, sorted(said))


def test_each_parameter_has_a_label_and_its_unit_words() -> None:
    for finding in FINDINGS:
        for parameter in finding.parameters:
            said = label(ENGLISH, finding.id, parameter.name)
            assert said != parameter.name, (finding.id, parameter.name)
            if parameter.unit:
                assert unit_words(ENGLISH, parameter.unit) != parameter.unit


def test_each_table_and_profile_has_words() -> None:
    assert [t.name for t in CANONICAL_TABLES if not table_words(ENGLISH, t.name)] == []
    assert table_words(ENGLISH, "plan_owners") == "owners of plans"
    profiles = [p for f in FINDINGS for p in f.profiles]
    assert all(profile_words(ENGLISH, p) == p.title for p in profiles if p.title)
    assert profiles


def test_own_words_are_for_what_there_is_and_differ_from_the_others() -> None:
    for finding, own in OWN_HEADINGS.items():
        columns = {c.name for c in KNOWN[finding].returns}
        assert set(own) <= columns, finding
        assert all(HEADINGS.get(name) != words for name, words in own.items()), finding
    for finding, own in OWN_LABELS.items():
        assert set(own) <= {p.name for p in KNOWN[finding].parameters}, finding


def test_a_code_means_what_it_means_in_its_column() -> None:
    nn = language_of("nn")
    assert code_words(ENGLISH, "1", "urgency") == "Acute"
    assert code_words(ENGLISH, "1", "kind") == "Practical help with daily life"
    assert code_words(ENGLISH, "1", "municipal_kinds") == "Practical help with daily life"
    assert code_words(ENGLISH, "1", "discharged_to") == "Home or workplace"
    assert code_words(ENGLISH, "1") == "1"
    assert code_words(ENGLISH, "gp", "role") == "GP"
    assert code_words(ENGLISH, "gp", "level") == "General practice"
    assert code_words(nn, "unowned_plans", "finding") == "Planar som ingen eig"
    assert code_words(nn, "unowned_plans", "reason") == "unowned_plans"


def test_what_has_no_words_comes_back_as_it_is() -> None:
    assert code_words(ENGLISH, "an own code", "kind") == "an own code"
    assert heading(ENGLISH, "unowned_plans", "n_of_something") == "n_of_something"
    assert column_heading(ENGLISH, "n_of_something") == "n_of_something"
    assert label(ENGLISH, "unowned_plans", "p") == "p"
    assert table_words(ENGLISH, "somethings") == "somethings"
    assert level_words(ENGLISH, "draft") == "draft"
    assert unit_words(ENGLISH, "s since 1970 UTC") == "s since 1970 UTC"
    assert unit_words(ENGLISH, None) == ""


def test_every_word_is_a_message_for_the_catalogues() -> None:
    every = set(messages())
    assert ("code", "Never had an owner") in every
    assert ("heading", "Acute stays") in every
    assert ("label", "Longest gap") in every
    assert ("table", "owners of plans") in every
    assert ("unit", "days") in every
    assert {context for context, _ in every} == {"code", "heading", "label", "table", "unit"}
