"""LadybugDB can lose a condition on a relationship's property in the middle of a pattern.

Seen in 0.22.0: where a node is filtered, a relationship from it is filtered by its property, and
the pattern goes on with a further relationship, rows come back that the condition refuses (or are
missing). The same condition after a ``WITH`` holds. So no text of ``cypher/`` puts a condition on a
relationship's property into the WHERE of a MATCH with several relationships.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import ladybug
import pytest

from pathgraph.cypherfile import cypher_folder, read_cypher_file
from pathgraph.queries.syntax import Clause, branches, clauses, parse_patterns
from pathgraph.queries.tokens import tokenise

FILES = sorted(cypher_folder().glob("*/*.cypher"))

PATTERN = "MATCH (u:U)<-[:AT]-(c:C)-[m:PART]->(s:S)"


@pytest.fixture(scope="module")
def connection() -> ladybug.Connection:
    """Three stays of four contacts each, numbered 0 to 3 within the stay."""
    connection = ladybug.Connection(ladybug.Database(":memory:"))
    for statement in (
        "CREATE NODE TABLE S(id INT64, PRIMARY KEY(id))",
        "CREATE NODE TABLE C(id INT64, PRIMARY KEY(id))",
        "CREATE NODE TABLE U(id INT64, PRIMARY KEY(id))",
        "CREATE REL TABLE PART(FROM C TO S, place INT64)",
        "CREATE REL TABLE AT(FROM C TO U)",
        "CREATE (:U {id: 0}), (:U {id: 1})",
        "UNWIND range(0, 2) AS i CREATE (:S {id: i})",
        "UNWIND range(0, 11) AS i CREATE (:C {id: i})",
    ):
        connection.execute(statement)
    for number in range(12):
        connection.execute(
            f"MATCH (c:C), (s:S), (u:U) WHERE c.id = {number} AND s.id = {number // 4} "
            f"AND u.id = {number % 2} CREATE (c)-[:PART {{place: {number % 4}}}]->(s), "
            "(c)-[:AT]->(u)"
        )
    return connection


def places(connection: ladybug.Connection, text: str) -> list[int]:
    rows = connection.execute(text).get_all()
    return sorted(row[0] for row in rows)


def test_the_condition_is_lost_in_the_middle_of_a_pattern(connection: ladybug.Connection) -> None:
    # When this fails because the answer is right, LadybugDB is mended and the rule may go.
    found = places(connection, f"{PATTERN} WHERE s.id >= 1 AND m.place < 2 RETURN m.place")
    assert found != [0, 0, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        f"{PATTERN} WHERE s.id >= 1 WITH m.place AS place WHERE place < 2 RETURN place",
        "MATCH (c:C)-[m:PART]->(s:S) WHERE s.id >= 1 AND m.place < 2 RETURN m.place",
    ],
)
def test_after_with_and_alone_it_holds(connection: ladybug.Connection, text: str) -> None:
    assert places(connection, text) == [0, 0, 1, 1]


def in_the_middle(text: str) -> list[int]:
    """Return the lines of WHERE that name a relationship of a MATCH with several of them."""
    lines = []
    for branch in branches(clauses(tokenise(text))):
        for match, where in itertools.pairwise(branch):
            if match.word == "MATCH" and where.word == "WHERE":
                lines += _named(match, where)
    return lines


def _named(match: Clause, where: Clause) -> list[int]:
    _, relationships = parse_patterns(match.tokens)
    if len(relationships) < 2:
        return []
    variables = {r.variable for r in relationships if r.variable}
    return [
        token.line
        for token, after in itertools.pairwise(where.tokens)
        if token.text in variables and after.symbol == "."
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_no_text_relies_on_it(file: Path) -> None:
    assert in_the_middle(read_cypher_file(file).text) == []


def test_the_rule_finds_what_it_looks_for() -> None:
    assert in_the_middle(f"{PATTERN}\nWHERE s.id >= 1 AND m.place < 2\nRETURN m.place") == [2]
    assert in_the_middle(f"{PATTERN} WHERE s.id = 1 RETURN m.place") == []
    alone = "MATCH (c:C)-[m:PART]->(s:S) WHERE m.place < 2 RETURN m.place"
    assert in_the_middle(alone) == []
