"""From the header of a Cypher file to the finding that it describes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pathgraph.cypherfile import CypherFile, Entry
from pathgraph.model.tables import CANONICAL_TABLES, LEVELS
from pathgraph.queries.spec import (
    IMPLICIT_PARAMETERS,
    LANGUAGES,
    Among,
    Finding,
    Kind,
    Parameter,
    ParameterType,
    Profile,
    Return,
    Sum,
    Value,
)

__all__ = ["among_of", "check_of", "finding_of", "variant_problems"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WORD = re.compile(r"[^\s,:|]+")
_PERSONAL_ID = re.compile(
    r"(.*_)?(contact|stay|level_run|plan|plan_status|plan_revision|need|referral|ready_period|notice)_id"
)
_TABLES = tuple(table.name for table in CANONICAL_TABLES)
_FINDING_WORDS = {
    "title", "question", "param", "returns", "among", "needs", "key", "levels", "profile",
    "legal", "parts", "source", "version", "margins", "within", "least", "repeated", "sum",
}  # fmt: skip
_NETWORK_WORDS = _FINDING_WORDS | {"directed"}
_ENDS = ("from", "to")
_END_COLUMNS = ("id", "name", "kind", "level")
_NAMED = {"param", "returns", "profile"}
_TRANSLATED = {"title", "question"}


@dataclass
class _Header:
    """The entries of one file, and what was found wrong with them."""

    file: CypherFile
    problems: list[str] = field(default_factory=list)

    def problem(self, line: int | None, sentence: str) -> None:
        where = f"{self.file.path}:{line}" if line else f"{self.file.path}"
        self.problems.append(f"{where}: {sentence}")

    def all(self, word: str) -> list[Entry]:
        return [entry for entry in self.file.entries if entry.word == word]

    def one(self, word: str, *, required: str = "") -> Entry | None:
        """Return the single entry of ``word``; ``required`` says what to write where it lacks."""
        entries = self.all(word)
        for entry in entries[1:]:
            self.problem(entry.line, f"'{word}' stands twice. Keep one.")
        if not entries and required:
            self.problem(None, f"the header lacks '// {word}: {required}'. Add it.")
        return entries[0] if entries else None

    def check_form(self, words: Iterable[str], *, languages: tuple[str, ...] = LANGUAGES) -> None:
        """Complain of entries that no header of this sort has."""
        known = set(words)
        for entry in self.file.entries:
            if entry.word not in known:
                listed = ", ".join(sorted(known))
                self.problem(entry.line, f"'{entry.word}' is no header word. Use one of {listed}.")
                continue
            if bool(entry.language) != (entry.word in _TRANSLATED) or (
                entry.language and entry.language not in languages
            ):
                form = f"{entry.word}.{languages[0]}" if entry.word in _TRANSLATED else entry.word
                self.problem(
                    entry.line,
                    f"write '// {form}: ...'. Languages ({', '.join(languages)}) belong to "
                    "title and question alone.",
                )
            if bool(entry.name) != (entry.word in _NAMED):
                form = f"{entry.word} name" if entry.word in _NAMED else entry.word
                self.problem(entry.line, f"write '// {form}: ...'.")
            if entry.title and entry.word != "profile":
                self.problem(entry.line, "only a profile has a title in quotation marks.")
            if not entry.text and entry.word != "profile":
                self.problem(entry.line, f"nothing stands after '{entry.word}:'. Write it there.")

    def named(self, word: str) -> list[Entry]:
        """Return the entries of ``word``, each name once."""
        seen: set[str] = set()
        entries = []
        for entry in self.all(word):
            if not _NAME.fullmatch(entry.name):
                self.problem(
                    entry.line, "a name is lower case letters, digits and _, and begins with one "
                    "of the letters.",
                )  # fmt: skip
            elif entry.name in seen:
                self.problem(entry.line, f"'{word} {entry.name}' stands twice. Keep one.")
            else:
                seen.add(entry.name)
                entries.append(entry)
        return entries

    def listed(self, entry: Entry | None, known: Iterable[str], what: str) -> tuple[str, ...]:
        """Return the comma-separated names of an entry, each of which must be ``known``."""
        if entry is None:
            return ()
        return self.names(entry.line, entry.text.split(","), known, what)

    def names(
        self, line: int, given: Iterable[str], known: Iterable[str], what: str
    ) -> tuple[str, ...]:
        names = [name.strip() for name in given]
        allowed = tuple(known)
        for name in names:
            if name not in allowed:
                self.problem(
                    line, f"'{name}' is no {what}. Use one of {', '.join(allowed) or '(none)'}."
                )
        if len(set(names)) != len(names):
            self.problem(line, f"a {what} stands twice. Keep one.")
        return tuple(name for name in names if name in allowed)

    def translated(self, word: str) -> Mapping[str, str]:
        texts: dict[str, str] = {}
        for entry in self.all(word):
            if entry.language in texts:
                self.problem(entry.line, f"'{word}.{entry.language}' stands twice. Keep one.")
            texts.setdefault(entry.language, entry.text)
        for language in LANGUAGES:
            if language not in texts:
                self.problem(None, f"the header lacks '// {word}.{language}: ...'. Add it.")
        return texts

    def version(self) -> int:
        entry = self.one("version", required="1")
        if entry is None:
            return 1
        if not re.fullmatch(r"[1-9][0-9]*", entry.text):
            self.problem(entry.line, "the version is a whole number from 1. Write '// version: 1'.")
            return 1
        return int(entry.text)


def finding_of(
    file: CypherFile,
    *,
    amongs: Mapping[str, Among],
    shared: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    has_fold: bool = False,
    is_network: bool = False,
) -> tuple[Finding, list[str]]:
    """Return the finding that a file describes, and all that is wrong with its header.

    Parameters
    ----------
    is_network
        The file is one of ``cypher/networks``.
    amongs
        The denominators that there are, by id.
    shared
        The texts of ``cypher/parts``: part to texts by engine name.

    Returns
    -------
    The finding (as far as it could be read) and the problems, one sentence each with file and line.
    A finding with problems is not to be run.
    """
    header = _Header(file, list(file.problems))
    header.check_form(_NETWORK_WORDS if is_network else _FINDING_WORDS)
    parameters = _parameters(header)
    returns = _returns(header)
    names = [column.name for column in returns]
    among = header.one("among")
    if among is not None and among.text not in amongs:
        listed = ", ".join(sorted(amongs)) or "(none)"
        header.problem(
            among.line, f"'{among.text}' is no file of cypher/among. There are: {listed}."
        )
    key = header.one("key", required="the columns that tell the rows apart")
    source = header.one("source", required="where the definition is explained")
    legal = header.one("legal")
    parts = header.listed(header.one("parts"), tuple(shared), "file of cypher/parts")
    finding = Finding(
        id=file.path.name.split(".")[0],
        version=header.version(),
        titles=header.translated("title"),
        questions=header.translated("question"),
        parameters=parameters,
        returns=returns,
        key=header.listed(key, names, "column of the finding"),
        needs=header.listed(header.one("needs"), _TABLES, "canonical table"),
        among=amongs.get(among.text) if among else None,
        source=source.text if source else "",
        cypher={"": file.text},
        profiles=_profiles(header, parameters),
        levels=header.listed(header.one("levels"), LEVELS, "level of care"),
        legal=legal.text if legal else None,
        parts={part: shared[part] for part in parts},
        shared=parts,
        has_fold=has_fold,
        is_directed=_directed(header) if is_network else None,
        margins=header.listed(header.one("margins"), names, "column of the finding"),
        within=_within(header, names),
        least=_least(header, returns),
        repeated=header.listed(header.one("repeated"), names, "column of the finding"),
        sums=_sums(header, returns),
    )
    _check_finding(header, finding)
    if is_network:
        _check_network(header, finding)
    return finding, header.problems


def among_of(file: CypherFile) -> tuple[Among, list[str]]:
    """Return the denominator that a file of ``cypher/among`` describes, and its problems."""
    header = _Header(file, list(file.problems))
    header.check_form(("title", "returns", "needs", "version"), languages=LANGUAGES[:1])
    title = header.one("title")
    if title is None:
        header.problem(None, "the header lacks '// title.en: what is counted'. Add it.")
    returns = _returns(header)
    if [c.name for c in returns] != ["n"] or returns[0].kind not in (Kind.PERSONS, Kind.COUNT):
        header.problem(
            None, "a denominator returns one column: '// returns n: persons: ...' or "
            "'// returns n: count: ...'.",
        )  # fmt: skip
        returns = (Return("n", Kind.PERSONS, ""),)
    among = Among(
        id=file.path.name.split(".")[0],
        title=title.text if title else "",
        returns=returns[0],
        cypher={"": file.text},
        needs=header.listed(header.one("needs"), _TABLES, "canonical table"),
        version=header.version(),
    )
    return among, header.problems


def check_of(file: CypherFile) -> list[str]:
    """Return what is wrong with the header of a file of ``cypher/checks``."""
    header = _Header(file, list(file.problems))
    header.check_form(("title", "needs", "version"), languages=LANGUAGES[:1])
    if header.one("title") is None:
        header.problem(None, "the header lacks '// title.en: what must not be'. Add it.")
    header.listed(header.one("needs"), _TABLES, "canonical table")
    header.version()
    return header.problems


def variant_problems(file: CypherFile) -> list[str]:
    """Return what is wrong with the header of a text for one engine, or of a part."""
    header = _Header(file, list(file.problems))
    header.check_form(("why",))
    header.one("why", required="why this text exists beside the other")
    return header.problems


def _parameters(header: _Header) -> tuple[Parameter, ...]:
    parameters = []
    for entry in header.named("param"):
        if entry.name in IMPLICIT_PARAMETERS:
            header.problem(
                entry.line, f"every finding has '{entry.name}' already. Remove the line."
            )
            continue
        parameter = _parameter(header, entry)
        if parameter is not None:
            parameters.append(parameter)
    return tuple(parameters)


def _parameter(header: _Header, entry: Entry) -> Parameter | None:
    declared, sentence = _declaration(header, entry, "param NAME: TYPE, default VALUE: sentence")
    type_word, *rest = declared
    if type_word not in tuple(ParameterType):
        header.problem(
            entry.line, f"'{type_word}' is no type. Use one of {', '.join(ParameterType)}."
        )
        return None
    parameter = Parameter(entry.name, ParameterType(type_word), sentence)
    default: str | None = None
    for item in rest:
        read = _OPTIONS.get(item.split(" ")[0])
        word, _, value = item.partition(" ")
        if word == "default" and value:
            default = value.strip()
        elif read is not None and (changed := read(parameter, value)) is not None:
            parameter = changed
        elif _WORD.fullmatch(item) and parameter.unit is None and item not in _RESERVED:
            parameter = replace(parameter, unit=item)
        else:
            header.problem(
                entry.line,
                f"'{item}' is not understood. After the type may stand a unit of one word, "
                "'default V', 'at least A', 'at most B' and 'one of x|y'.",
            )
    return _with_default(header, entry, parameter, default)


def _with_default(
    header: _Header, entry: Entry, parameter: Parameter, default: str | None
) -> Parameter:
    if default is None:
        return parameter
    try:
        return replace(parameter, default=parameter.accept(default))
    except ValueError as error:
        header.problem(entry.line, f"the default does not fit: {error}.")
        return parameter


def _bound(parameter: Parameter, text: str) -> Parameter | None:
    side, _, number = text.partition(" ")
    if parameter.type not in (ParameterType.INT, ParameterType.NUMBER):
        return None
    try:
        value = float(number)
    except ValueError:
        return None
    if side == "least":
        return replace(parameter, at_least=value)
    return replace(parameter, at_most=value) if side == "most" else None


def _one_of(parameter: Parameter, text: str) -> Parameter | None:
    word, _, values = text.partition(" ")
    options = tuple(value.strip() for value in values.split("|"))
    if word != "of" or not all(options) or len(set(options)) != len(options):
        return None
    if parameter.type not in (ParameterType.TEXT, ParameterType.LIST):
        return None
    return replace(parameter, one_of=options)


_OPTIONS: Mapping[str, Callable[[Parameter, str], Parameter | None]] = {
    "at": _bound,
    "one": _one_of,
}


_RESERVED = {"default", *_OPTIONS}


def _declaration(header: _Header, entry: Entry, form: str) -> tuple[list[str], str]:
    """Take ``TYPE, option, option: sentence`` apart."""
    declared, colon, sentence = entry.text.partition(":")
    if not colon or not sentence.strip():
        header.problem(entry.line, f"a sentence is missing. Write '// {form}'.")
    return [item.strip() for item in declared.split(",")], sentence.strip()


def _returns(header: _Header) -> tuple[Return, ...]:
    columns = []
    for entry in header.named("returns"):
        declared, sentence = _declaration(header, entry, "returns NAME: KIND: sentence")
        kind, *rest = declared
        if kind not in tuple(Kind):
            header.problem(entry.line, f"'{kind}' is no kind. Use one of {', '.join(Kind)}.")
            continue
        column = Return(entry.name, Kind(kind), sentence)
        for item in rest:
            if item.startswith("of ") and not column.of:
                of = tuple(name.strip() for name in item.removeprefix("of ").split("|"))
                column = replace(column, of=of)
            elif _WORD.fullmatch(item) and column.unit is None:
                column = replace(column, unit=item)
            else:
                header.problem(
                    entry.line,
                    f"'{item}' is not understood. After the kind may stand a unit of one word "
                    "and 'of COLUMN'.",
                )
        columns.append(column)
    if not columns:
        header.problem(
            None, "the header lacks '// returns NAME: KIND: sentence'. Add one a column."
        )
    return tuple(columns)


def _within(header: _Header, names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    chains = header.all("within")
    return tuple(header.listed(chain, names, "column of the finding") for chain in chains)


def _least(header: _Header, returns: tuple[Return, ...]) -> str:
    counts = [column.name for column in returns if column.kind is Kind.COUNT]
    return ",".join(header.listed(header.one("least"), counts, "column of kind count")[:1])


def _sums(header: _Header, returns: tuple[Return, ...]) -> tuple[Sum, ...]:
    persons = [column.name for column in returns if column.kind is Kind.PERSONS]
    sums = []
    for entry in header.all("sum"):
        whole, _, text = entry.text.partition("=")
        parts = header.names(entry.line, [whole, *text.split("+")], persons, "column of persons")
        if len(parts) < 3:
            header.problem(entry.line, "write '// sum: whole = part + part'.")
        else:
            sums.append(Sum(parts[0], parts[1:]))
    return tuple(sums)


def _profiles(header: _Header, parameters: tuple[Parameter, ...]) -> tuple[Profile, ...]:
    known = {parameter.name: parameter for parameter in parameters}
    profiles = []
    for entry in header.named("profile"):
        settings, _, tables = entry.text.partition("needs:")
        values: dict[str, Value] = {}
        for item in filter(None, (item.strip() for item in settings.split(","))):
            name, _, text = item.partition(" ")
            if name not in known or name in values:
                header.problem(
                    entry.line,
                    f"'{name}' is no parameter of the finding, or stands twice. A profile reads "
                    "'// profile NAME: parameter value, parameter value, needs: table'.",
                )
                continue
            try:
                values[name] = known[name].accept(text.strip())
            except ValueError as error:
                header.problem(entry.line, f"the value of '{name}' does not fit: {error}.")
        needs: tuple[str, ...] = ()
        if tables.strip():
            needs = header.names(entry.line, tables.split(","), _TABLES, "canonical table")
        profiles.append(Profile(entry.name, values, entry.title or None, needs))
    return tuple(profiles)


def _directed(header: _Header) -> bool:
    entry = header.one("directed", required="true")
    if entry is not None and entry.text not in ("true", "false"):
        header.problem(entry.line, "write '// directed: true' or '// directed: false'.")
    return entry is not None and entry.text == "true"


def _check_network(header: _Header, finding: Finding) -> None:
    """Check that the rows are edges: two ends, told apart by them, with a number of people."""
    names = {column.name for column in finding.returns}
    for name in (f"{end}_{column}" for end in _ENDS for column in _END_COLUMNS):
        if name not in names:
            header.problem(None, f"a network returns {name}. Add '// returns {name}: ...'.")
    if finding.key != ("from_id", "to_id"):
        header.problem(None, "the edges of a network are told apart by '// key: from_id, to_id'.")
    if finding.is_patient_level:
        header.problem(None, "a network is about many patients. Leave patient_id out.")
    if "n_patients" not in {c.name for c in finding.returns if c.kind is Kind.PERSONS}:
        header.problem(None, "an edge has people: '// returns n_patients: persons: ...'.")


def _check_finding(header: _Header, finding: Finding) -> None:
    """Check what the entries say of each other."""
    lines = {entry.name: entry.line for entry in header.all("returns")}
    kinds = {column.name: column.kind for column in finding.returns}
    for column in finding.returns:
        for name in column.of:
            if kinds.get(name) is not Kind.PERSONS or name == column.name:
                header.problem(
                    lines[column.name],
                    f"'of {name}' does not name another column of kind persons.",
                )
    for name in finding.key:
        if kinds[name] is Kind.LIST:
            header.problem(None, f"the key column {name} is a list; rows cannot be sorted by it.")
    if finding.is_patient_level:
        return
    for name in filter(_PERSONAL_ID.fullmatch, kinds):
        header.problem(
            lines[name],
            f"{name} is about one patient, so the rows are patient-level: return patient_id too.",
        )
    measured = [c for c in finding.returns if c.kind.is_measure and c.name not in finding.key]
    if measured and Kind.PERSONS not in kinds.values():
        header.problem(
            lines[measured[0].name],
            f"{measured[0].name} is a measure, so small numbers must be suppressed: return the "
            "number of people too, as a column of kind persons.",
        )
