"""The functions that the linter lets pass give the same on both engines, also for null and none."""

from __future__ import annotations

from collections.abc import Iterator

import ladybug
import neo4j
import pytest

from pathgraph.queries.functions import FUNCTIONS

EXPRESSIONS = {
    "abs": ["abs(-3)", "abs(-2.5)", "abs(null)"],
    "avg": ["avg(x)", "avg(1.0 * x)"],
    "ceil": ["ceil(1.2)", "ceil(-1.2)"],
    "coalesce": ["coalesce(null, 2)", "coalesce('a', 'b')"],
    "collect": ["size(collect(x))", "size(collect(DISTINCT x % 2))"],
    "count": ["count(*)", "count(x)", "count(DISTINCT x % 2)"],
    "floor": ["floor(1.8)", "floor(-1.2)"],
    "max": ["max(x)", "max('b')"],
    "min": ["min(x)", "min(1.5 * x)"],
    "percentilecont": ["percentileCont(x, 0.5)", "percentileCont(1.0 * x, 0.9)"],
    "percentiledisc": ["percentileDisc(x, 0.5)", "percentileDisc(x, 0.9)"],
    "range": ["range(1, 3)", "range(3, 1)", "range(2, 9, 3)"],
    "sign": ["sign(-3)", "sign(0)", "sign(2.5)"],
    "size": ["size([1, 2])", "size('åøŋ')", "size('')"],
    "sqrt": ["sqrt(2)", "sqrt(0)"],
    "sum": ["coalesce(sum(x), 0)", "coalesce(sum(0.5 * x), 0)"],
    "tolower": ["toLower('ÅØŊ')", "toLower(null)"],
    "toupper": ["toUpper('åøŋ')"],
    "trim": ["trim('  a b ')"],
}
WORDS = [
    "7 / 2", "-7 / 2", "7 % 3", "-7 % 3", "1.0 * 7 / 2", "2 ^ 3", "'a' + 'b'", "1 <> 2", "null = 1",
    "null IS NULL", "NOT (null AND false)", "null OR true", "1 IN [1, 2]", "null IN [1]",
    "1 IN []", "'abc' STARTS WITH 'a'", "'abc' ENDS WITH 'c'", "'abc' CONTAINS 'b'",
    "'Å' < 'a'", "'Z' < 'a'", "'å' < 'ŋ'", "CASE WHEN null THEN 1 ELSE 2 END",
    "CASE 3 WHEN 3 THEN 'x' END", "1 < 1.5", "9007199254740993 = 9007199254740992",
]  # fmt: skip


@pytest.fixture(scope="module")
def here() -> Iterator[ladybug.Connection]:
    database = ladybug.Database(":memory:", buffer_pool_size=64 * 2**20)
    yield ladybug.Connection(database)
    database.close()


@pytest.fixture(scope="module")
def there(neo4j_url: str) -> Iterator[neo4j.Session]:
    with neo4j.GraphDatabase.driver(neo4j_url) as driver, driver.session() as session:
        yield session


def test_every_function_is_tried() -> None:
    assert set(EXPRESSIONS) == FUNCTIONS


@pytest.mark.parametrize("numbers", ["[1, 2, 4, 8]", "[5]", "[3, 3]"])
@pytest.mark.parametrize("text", [*(e for es in EXPRESSIONS.values() for e in es), *WORDS])
def test_both_engines_say_the_same(
    here: ladybug.Connection, there: neo4j.Session, text: str, numbers: str
) -> None:
    # DISTINCT, so that an expression without aggregate comes once too.
    query = f"UNWIND {numbers} AS x RETURN DISTINCT {text} AS v"
    ours = here.execute(query).get_all()[0][0]  # type: ignore[union-attr]
    theirs = there.run(query).single(strict=True)["v"]  # type: ignore[arg-type]
    assert ours == theirs or ours == pytest.approx(theirs, rel=1e-12)
    # A sum comes as Decimal here; the engine's door makes it a 64-bit integer.
    assert isinstance(ours, bool) == isinstance(theirs, bool)
