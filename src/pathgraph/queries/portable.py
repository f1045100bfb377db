"""The portable subset: what a text may say so that both engines answer alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pathgraph.errors import UsageError
from pathgraph.queries.functions import (
    AGGREGATES,
    EXPRESSION_WORDS,
    FUNCTIONS,
    INSTEAD,
    WRITE_WORDS,
)
from pathgraph.queries.schema_check import Scope, is_acyclic
from pathgraph.queries.syntax import (
    Clause,
    NodePattern,
    PatternError,
    RelationshipPattern,
    branches,
    clauses,
    parse_patterns,
    split_top,
    top_level,
)
from pathgraph.queries.tokens import Token, TokenKind, closing, tokenise

__all__ = ["lint_text"]

Problem = tuple[int, str]
_COMPARISONS = {"<>", "<", ">"}


def lint_text(
    text: str, *, first_line: int = 1, columns: Sequence[str] | None = None
) -> list[Problem]:
    """Return what is outside the portable subset, as line and sentence, in order of line.

    Parameters
    ----------
    first_line
        Line of the file on which the text begins.
    columns
        What the text must return, in order; ``None`` where that is free.

    Examples
    --------
    >>> lint_text("MATCH (p:Patient) RETURN round(p.birth_year) AS year")
    [(1, 'round(...): return the value unrounded; what shows it rounds it.')]
    """
    tokens = tokenise(text)
    problems: list[Problem] = []
    try:
        for opening, token in enumerate(tokens):
            if token.symbol in ("(", "[", "{"):
                closing(tokens, opening)
    except UsageError as error:
        return [(first_line, f"{error}. Close it.")]
    problems += _word_problems(tokens)
    for branch in branches(clauses(tokens)):
        problems += _branch_problems(branch, Scope(), columns, is_outermost=True)
    shifted = {(line + first_line - 1, sentence) for line, sentence in problems}
    return sorted(shifted)


def _word_problems(tokens: Sequence[Token]) -> Iterator[Problem]:
    """Words and marks that a reading query of the subset never has, wherever they stand."""
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        is_name = before is not None and before.symbol in (".", ":")
        if token.word in WRITE_WORDS and not is_name:
            yield token.line, f"{token.word} writes or reaches outside. Files of cypher/ only read."
        elif token.word == "CALL" and not is_name:
            yield token.line, "CALL has no place in the portable subset. Write MATCH and WITH."
        elif token.symbol == ";":
            yield token.line, "one file holds one query. Remove the semicolon."
        elif token.symbol == "=~":
            yield token.line, "=~ differs between the engines. Write STARTS WITH, CONTAINS or =."
        elif token.symbol == "||":
            yield token.line, "|| is not known to both engines. Write +."


def _branch_problems(
    branch: Sequence[Clause],
    scope: Scope,
    columns: Sequence[str] | None,
    *,
    is_outermost: bool,
) -> list[Problem]:
    """Check one part of a ``UNION``, or the inside of a subquery."""
    problems: list[Problem] = []
    variables: set[str] = set()
    aliases: dict[str, int] = {}
    for index, clause in enumerate(branch):
        following = branch[index + 1] if index + 1 < len(branch) else None
        if clause.word == "MATCH":
            where = following.tokens if following and following.word == "WHERE" else ()
            problems += _match_problems(clause, where, scope, variables)
            continue
        if clause.word == "" and clause.tokens:
            problems.append((clause.line, f"'{clause.tokens[0].text}' begins no clause. Begin with "
                             "MATCH, WITH, UNWIND or RETURN."))  # fmt: skip
        problems += _order_problems(branch, index)
        problems += _expression_problems(clause.tokens, scope)
        if clause.word in ("WITH", "RETURN"):
            problems += _projection_problems(clause, scope, aliases)
    problems += [
        (line, f"the alias {name} is also a variable of a pattern. Give it another name.")
        for name, line in aliases.items()
        if name in variables
    ]
    if is_outermost:
        problems += _return_problems(branch, columns)
    return problems


def _match_problems(
    clause: Clause, where: Sequence[Token], scope: Scope, variables: set[str]
) -> list[Problem]:
    try:
        nodes, relationships = parse_patterns(clause.tokens)
    except PatternError as error:
        return [(error.line, f"{error}")]
    problems = scope.add_patterns(nodes, relationships)
    parts: list[NodePattern | RelationshipPattern] = [*nodes, *relationships]
    variables |= {part.variable for part in parts if part.variable}
    for part in parts:
        problems += _map_problems(part, scope)
    for relationship in relationships:
        if relationship.is_variable_length and not is_acyclic(relationship.types):
            problems.append(
                (relationship.line,
                 f"a variable length over {'|'.join(relationship.types)} may run in a circle, "
                 "which the engines walk differently. Only types that are marked acyclic have a "
                 "variable length.")
            )  # fmt: skip
    return problems + _repeat_problems(relationships, where)


def _map_problems(part: NodePattern | RelationshipPattern, scope: Scope) -> list[Problem]:
    """Check ``{property: value}`` of a pattern."""
    problems: list[Problem] = []
    if isinstance(part, NodePattern):
        candidates = scope.variables.get(part.variable, scope.labels_of(part.label))
    else:
        candidates = frozenset(part.types)
    own = Scope({"*": candidates})
    for item in filter(None, split_top(part.map, ",")):
        if len(item) < 3 or not item[0].is_name or item[1].symbol != ":":
            problems.append((part.line, "write the properties of a pattern as {name: value}."))
            continue
        wrong = own.problem_of_property("*", item[0].text)
        if wrong:
            problems.append((item[0].line, wrong))
        problems += _expression_problems(item[2:], scope)
    return problems


def _repeat_problems(
    relationships: Sequence[RelationshipPattern], where: Sequence[Token]
) -> list[Problem]:
    """Find a type that repeats, where one engine may use one relationship twice."""
    differing = _differing(where)
    problems = []
    for index, one in enumerate(relationships):
        for other in relationships[:index]:
            shared = set(one.types) & set(other.types)
            if shared and not _cannot_be_one(one, other, differing):
                problems.append(
                    (one.line,
                     f"{'|'.join(sorted(shared))} stands twice in one MATCH; one engine may use "
                     "the same relationship for both. Put it into a MATCH of its own, or add a "
                     "check to WHERE that the two ends differ (a.unit_id <> b.unit_id).")
                )  # fmt: skip
    return problems


def _cannot_be_one(
    one: RelationshipPattern, other: RelationshipPattern, differing: set[frozenset[str]]
) -> bool:
    if one.is_variable_length or other.is_variable_length:
        return False
    for mine, theirs in ((one.start, other.start), (one.end, other.end)):
        if mine.label and theirs.label and mine.label != theirs.label:
            return True
        if frozenset({mine.variable, theirs.variable}) in differing:
            return True
    # A chain over an acyclic type: one relationship twice would lead back to where it began.
    is_chain = one.start.variable == other.end.variable or other.start.variable == one.end.variable
    named = one.start.variable or one.end.variable
    return bool(is_chain and named and is_acyclic((*one.types, *other.types)))


def _differing(where: Sequence[Token]) -> set[frozenset[str]]:
    """Return the pairs of variables that ``WHERE`` says are not the same."""
    if any(token.word in ("OR", "XOR", "NOT") for _, token in top_level(where)):
        return set()
    pairs = set()
    for index, token in top_level(where):
        if token.symbol not in _COMPARISONS:
            continue
        left, right = _operand(where[:index], last=True), _operand(where[index + 1 :], last=False)
        if left and right and left[1:] == right[1:] and (len(left) > 1 or token.symbol == "<>"):
            pairs.add(frozenset({left[0], right[0]}))
    return pairs


def _operand(tokens: Sequence[Token], *, last: bool) -> tuple[str, ...]:
    """Return ``(variable,)`` or ``(variable, property)`` at an end of ``tokens``."""
    edge = tokens[-3:] if last else tokens[:3]
    if len(edge) == 3 and edge[1].symbol == "." and edge[0].is_name and edge[2].is_name:
        beside = tokens[-4:-3] if last else tokens[3:4]
        return (edge[0].text, edge[2].text) if _is_edge(beside) else ()
    name = tokens[-1:] if last else tokens[:1]
    beside = tokens[-2:-1] if last else tokens[1:2]
    return (name[0].text,) if name and name[0].is_name and _is_edge(beside) else ()


def _is_edge(beside: Sequence[Token]) -> bool:
    """Whether an operand ends here: nothing more, or the next condition."""
    return not beside or beside[0].word == "AND"


def _order_problems(branch: Sequence[Clause], index: int) -> Iterator[Problem]:
    """``WITH ... ORDER BY`` needs a LIMIT, and LIMIT needs an order."""
    clause = branch[index]
    after = [c.word for c in branch[index + 1 : index + 4]]
    if clause.word == "WITH" and after[:1] == ["ORDER"] and "LIMIT" not in after[1:3]:
        yield (
            clause.line,
            (
                "WITH ... ORDER BY without LIMIT: one engine refuses it, and no order outlasts the "
                "next step. Remove ORDER BY; run sorts the rows by the key."
            ),
        )
    if clause.word in ("LIMIT", "SKIP"):
        before = [c.word for c in branch[max(0, index - 2) : index]]
        if "ORDER" not in before:
            yield clause.line, f"{clause.word} without ORDER BY gives any rows. Add ORDER BY."


def _expression_problems(tokens: Sequence[Token], scope: Scope) -> list[Problem]:
    """Check everything that is no pattern: calls, lists, properties, subqueries."""
    problems: list[Problem] = []
    calls: list[tuple[str, str]] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        before = tokens[index - 1] if index else None
        if token.word in ("EXISTS", "COUNT", "COLLECT") and _is(following, "{"):
            end = closing(tokens, index + 1)
            problems += _subquery_problems(token, tokens[index + 2 : end], scope)
            index = end + 1
            continue
        if token.symbol in ("(", "[", "{"):
            calls.append((token.symbol, _called(tokens, index)))
            problems += _bracket_problems(tokens, index, [name for _, name in calls])
        elif token.symbol in (")", "]", "}") and calls:
            calls.pop()
        elif token.symbol == "|":
            problems.append((token.line, "comprehensions have no place in the portable subset. "
                             "Write UNWIND or MATCH, and collect."))  # fmt: skip
        elif token.symbol == ":" and before is not None and before.is_name:
            problems.append(
                (token.line, "a label in a condition is not known to both engines. Write it in "
                 "the pattern: (a:Label).")
            )  # fmt: skip
        elif token.kind is TokenKind.PARAMETER and following and following.word == "IS":
            problems.append((token.line, f"${token.text} is never null. Give it a value that "
                             "means 'all', and compare with that."))  # fmt: skip
        elif _is(following, ".") and token.is_name and not _is(before, "."):
            problems += _property_problems(tokens, index, scope)
        index += 1
    return problems


def _is(token: Token | None, symbol: str) -> bool:
    return token is not None and token.symbol == symbol


def _called(tokens: Sequence[Token], opening: int) -> str:
    """Return the name of the function whose arguments begin here, in lower case, or nothing."""
    if tokens[opening].symbol != "(" or opening == 0:
        return ""
    name = tokens[opening - 1]
    if not name.is_name or name.word in EXPRESSION_WORDS:
        return ""
    return name.text.lower()


def _bracket_problems(
    tokens: Sequence[Token], opening: int, calls: Sequence[str]
) -> Iterator[Problem]:
    token = tokens[opening]
    before = tokens[opening - 1] if opening else None
    if token.symbol == "(":
        yield from _call_problems(tokens, opening, calls)
        end = closing(tokens, opening)
        after = "".join(t.symbol or "x" for t in tokens[end + 1 : end + 4])
        if after.startswith(("-[", "<-[", "-->", "<--", "--(")):
            yield (
                token.line,
                (
                    "a pattern as a condition has no place in the portable subset. Write "
                    "EXISTS { MATCH ... }."
                ),
            )
    elif token.symbol == "[":
        is_place = before is not None and (
            before.symbol in (")", "]")
            or before.kind is TokenKind.PARAMETER
            or (before.is_name and before.word not in EXPRESSION_WORDS)
        )
        if is_place:
            yield (
                token.line,
                (
                    "a place or a slice of a list is counted from 0 on one engine and from 1 on "
                    "the other. Write min(...) or max(...), or leave it to the finding's fold."
                ),
            )
        elif [t.word for t in tokens[opening + 2 : opening + 3]] == ["IN"]:
            yield (
                token.line,
                ("comprehensions have no place in the portable subset. Write UNWIND and collect."),
            )
    else:
        yield (
            token.line,
            (
                "maps and map projections have no place in the portable subset. Return each "
                "property as a column."
            ),
        )


def _call_problems(
    tokens: Sequence[Token], opening: int, calls: Sequence[str]
) -> Iterator[Problem]:
    name = calls[-1]
    if not name:
        return
    line = tokens[opening].line
    if opening >= 2 and tokens[opening - 2].symbol == ".":
        yield (
            line,
            (
                f"{name} is a procedure or a function of an extension (APOC, GDS or the like), "
                "which one engine alone has. Write it in plain Cypher, or leave it to the "
                "finding's fold."
            ),
        )
        return
    if name not in FUNCTIONS:
        instead = INSTEAD.get(
            name, "it is not known to give the same on both engines; known are "
            + ", ".join(sorted(FUNCTIONS)),
        )  # fmt: skip
        yield line, f"{name}(...): {instead}."
        return
    if name in AGGREGATES and AGGREGATES & set(calls[:-1]):
        yield line, f"{name}(...) inside another aggregate. Take two steps, with WITH between."
    if name == "sum" and "coalesce" not in calls[:-1]:
        yield line, "the sum of no rows is null on one engine and 0 on the other. Write " \
            "coalesce(sum(...), 0)."  # fmt: skip


def _property_problems(tokens: Sequence[Token], index: int, scope: Scope) -> list[Problem]:
    name = tokens[index + 2] if index + 2 < len(tokens) else None
    if name is None or not name.is_name:
        return []
    if index + 3 < len(tokens) and _is(tokens[index + 3], "("):
        return []
    wrong = scope.problem_of_property(tokens[index].text, name.text)
    return [(name.line, wrong)] if wrong else []


def _subquery_problems(word: Token, inside: Sequence[Token], scope: Scope) -> list[Problem]:
    if word.word == "COLLECT":
        return [(word.line, "COLLECT { } is not known to both engines. Write collect(...).")]
    found = clauses(inside)
    n_matches = sum(clause.word == "MATCH" for clause in found)
    others = {clause.word for clause in found} - {"MATCH", "WHERE"}
    problems: list[Problem] = []
    if others - {""} or n_matches > 1:
        problems.append(
            (word.line, f"{word.word} {{ }} holds one MATCH and one WHERE in the portable subset. "
             "Join the patterns in one MATCH, or write two of them.")
        )  # fmt: skip
    if n_matches == 0:
        return [(word.line, f"write {word.word} {{ MATCH ... }}, never the short form.")]
    return problems + _branch_problems(found, scope.inner(), None, is_outermost=False)


def _projection_problems(
    clause: Clause, scope: Scope, aliases: dict[str, int]
) -> Iterator[Problem]:
    """Note the aliases of a ``WITH`` or ``RETURN``, and what variables they rename."""
    tokens = clause.tokens[1:] if _word_at(clause.tokens, 0) == "DISTINCT" else clause.tokens
    for item in split_top(tokens, ","):
        if len(item) >= 2 and item[-2].word == "AS" and item[-1].is_name:
            aliases.setdefault(item[-1].text, item[-1].line)
            if len(item) == 3 and item[0].text in scope.variables:
                scope.variables[item[-1].text] = scope.variables[item[0].text]
        elif [t.symbol for t in item] == ["*"]:
            yield clause.line, f"{clause.word} * hides what comes on. Name each column."
        elif clause.word == "RETURN" or len(item) != 1:
            yield clause.line, f"{clause.word} needs a name for each column. Write '... AS name'."


def _word_at(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].word if index < len(tokens) else ""


def _return_problems(branch: Sequence[Clause], columns: Sequence[str] | None) -> Iterator[Problem]:
    returns = [clause for clause in branch if clause.word == "RETURN"]
    if len(returns) != 1:
        line = branch[-1].line if branch else 1
        yield line, "a query ends with one RETURN (each part of a UNION with its own). Write it."
        return
    tokens = returns[0].tokens
    if _word_at(tokens, 0) == "DISTINCT":
        tokens = tokens[1:]
    names = [item[-1].text for item in split_top(tokens, ",") if len(item) >= 2]
    if len(set(names)) != len(names):
        yield returns[0].line, "a column is returned twice. Give each its own name."
    if columns is not None and names != list(columns):
        yield (
            returns[0].line,
            (
                f"RETURN gives {', '.join(names) or 'nothing'}, but the header declares "
                f"{', '.join(columns)}. Make them equal, in the same order."
            ),
        )
