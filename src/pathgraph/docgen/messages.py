"""The catalogues of messages: ``python -m pathgraph.docgen.messages [--check]``.

Messages stand in the code, in the templates, and in what is declared once elsewhere: headers of
findings, words of codes and columns, the model. Writing takes out of the catalogues what nobody
says any more and puts in what is new, still without a translation; the check says what is missing.
The same messages and translations give the same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2.ext
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

import pathgraph
from pathgraph.api import words
from pathgraph.ingest.quality import QUALITY_COUNTS
from pathgraph.model.check import REASONS
from pathgraph.model.schema import NODES, RELATIONSHIPS
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.model.types import Derived, Node, Relationship
from pathgraph.queries.catalogue import catalogue, networks
from pathgraph.queries.spec import Finding

__all__ = ["LOCALES", "catalogue_text", "messages", "problems", "same_text"]

LOCALES = ("nb", "nn")
"""Languages with a catalogue; English is the source."""

Message = tuple[str, str]
"""Context (empty for none) and text."""

_PACKAGE = Path(pathgraph.__file__).parent
_LOCALE = _PACKAGE / "api" / "locale"

# What is said on the command line alone is not translated.
_UNREAD = ("cli", "docgen", "synth")

_PLACES = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "sentence": None,
    "template": None,
}
"""Functions that a message is given to, and the places of context, singular and plural."""

_JINJA = {
    # As in pathgraph.api.page.
    "extensions": "jinja2.ext.i18n,jinja2.ext.do",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}

_HEADER = """\
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

_PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?\w+[^>]*>")

_SAME_IN_NORWEGIAN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "": frozenset(
            {
                "Cypher",
                "Data",
                "Id",
                "Node",
                "PageRank",
                "Program",
                "Pseudonym",
                "Pseudonym.",
                "Start.",
                "Type",
                "data %(fingerprint)s",
                "pathgraph %(version)s",
            }
        ),
        "code": frozenset({"Digital", "Open", "Plan", "Team", "Video"}),
        "heading": frozenset({"Plan", "Status"}),
        "unit": frozenset({"km"}),
    }
)
"""Messages, by context, that read in Norwegian as in English."""


def messages() -> dict[Message, str | None]:
    """Return every message with its plural, where it has one, in order of context and text."""
    found: dict[Message, str | None] = {}
    for context, singular, plural in (*_in_code(), *_in_templates(), *_declared()):
        key = (context, singular)
        found[key] = plural or found.get(key)
    return dict(sorted(found.items()))


def catalogue_text(code: str, found: Mapping[Message, str | None]) -> bytes:
    """Return the file of a catalogue with these messages, keeping the translations that it has."""
    kept = _read(code)
    new = Catalog(locale=code)
    for (context, singular), plural in found.items():
        id_: Any = (singular, plural) if plural else singular
        before = kept.get(singular, context or None)
        fits = before is not None and not before.fuzzy and bool(before.pluralizable) == bool(plural)
        added = new.add(id_, before.string if fits and before else "", context=context or None)
        # Else Babel would take a per cent sign before a letter for a placeholder.
        added.flags.clear()
    text = BytesIO()
    write_po(text, new, width=96, no_location=True, omit_header=True, sort_output=False)
    return _HEADER.format(code=code).encode() + text.getvalue().lstrip(b"\n")


def problems(code: str, found: Mapping[Message, str | None]) -> list[str]:
    """Return what is wrong with a catalogue: missing, fuzzy, other placeholders, English."""
    wrong = []
    if _place(code).read_bytes() != catalogue_text(code, found):
        wrong.append(f"{code}: the catalogue does not hold what is said now. Run `make messages`.")
    kept = _read(code)
    for (context, singular), plural in found.items():
        message = kept.get(singular, context or None)
        texts = _texts(message.string) if message else ()
        named = f"{code}: '{singular}'" + (f" ({context})" if context else "")
        if message is None or message.fuzzy or not texts or not all(texts):
            wrong.append(f"{named} has no translation. Write one.")
        elif any(_placeholders(t) not in _allowed_placeholders(singular, plural) for t in texts):
            wrong.append(f"{named} has other placeholders or tags in its translation.")
        elif texts[0] == singular and not same_text(context, singular):
            wrong.append(f"{named} is English in the translation. Translate it.")
    return wrong


def same_text(context: str, text: str) -> bool:
    """Whether a message may read in Norwegian as in English: it has no words, or is listed."""
    has_words = re.search(r"[^\W\d_]{2}", _PLACEHOLDERS.sub("", text))
    return not has_words or text in _SAME_IN_NORWEGIAN.get(context, frozenset())


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the catalogues, or with ``--check`` say what is wrong; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pathgraph.docgen.messages")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if not complete")
    given = parser.parse_args(arguments)
    found = messages()
    wrong: list[str] = []
    for code in LOCALES:
        if not given.check:
            _place(code).write_bytes(catalogue_text(code, found))
        wrong += problems(code, found)
    for line in wrong:
        print(line)
    print(f"{len(found)} messages, {len(wrong)} problems.", file=sys.stderr)
    return 1 if wrong else 0


def _in_code() -> Iterator[tuple[str, str, str | None]]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.relative_to(_PACKAGE).parts[0] not in _UNREAD:
            yield from _extracted(path, "python", {})


def _in_templates() -> Iterator[tuple[str, str, str | None]]:
    for path in sorted((_PACKAGE / "api" / "templates").rglob("*.*")):
        yield from _extracted(path, jinja2.ext.babel_extract, _JINJA)


def _extracted(
    path: Path, method: str | Callable[..., Any], options: Mapping[str, str]
) -> Iterator[tuple[str, str, str | None]]:
    with path.open("rb") as source:
        for _, message, _, context in extract(
            method, source, keywords=_PLACES, options=dict(options)
        ):
            singular, plural = message if isinstance(message, tuple) else (message, None)
            yield context or "", singular, plural


def _declared() -> Iterator[tuple[str, str, str | None]]:
    yield from ((context, text, None) for context, text in words.messages())
    texts = [*_of_findings(), *_of_model(), *QUALITY_COUNTS.values(), *REASONS.values()]
    yield from (("", text, None) for text in texts)


def _of_findings() -> Iterator[str]:
    findings: list[Finding] = [*catalogue().values(), *networks().values()]
    for finding in findings:
        yield from (parameter.sentence for parameter in finding.parameters)
        yield from (column.sentence for column in finding.returns)
        yield from (profile.title for profile in finding.profiles if profile.title)
        if finding.among:
            yield finding.among.title


def _of_model() -> Iterator[str]:
    for table in CANONICAL_TABLES:
        yield table.sentence
        yield from (column.sentence for column in table.columns)
    types: list[Node | Relationship] = [*NODES, *RELATIONSHIPS]
    for type_ in types:
        yield type_.sentence
        yield from (property_.sentence for property_ in type_.properties)
    origins = [node.origin for node in NODES] + [
        end.origin for type_ in RELATIONSHIPS for end in type_.ends
    ]
    yield from (origin.sentence for origin in origins if isinstance(origin, Derived))


def _place(code: str) -> Path:
    return _LOCALE / code / "LC_MESSAGES" / "pathgraph.po"


def _read(code: str) -> Catalog:
    with _place(code).open("rb") as source:
        return read_po(source, locale=code)


def _texts(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (string,) if string else ()


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDERS.findall(text))


def _allowed_placeholders(singular: str, plural: str | None) -> tuple[frozenset[str], ...]:
    return tuple(_placeholders(text) for text in (singular, plural) if text)


if __name__ == "__main__":
    sys.exit(main())
