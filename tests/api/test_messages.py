"""The catalogues hold all that is said, translated, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pathgraph.docgen import messages as tool
from pathgraph.docgen.messages import LOCALES, catalogue_text, messages, problems, same_text

FOUND = messages()


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the Norwegian catalogue that a test may break."""
    for code in LOCALES:
        copy = tmp_path / code / "LC_MESSAGES" / "pathgraph.po"
        copy.parent.mkdir(parents=True)
        copy.write_bytes(tool._place(code).read_bytes())
    monkeypatch.setattr(tool, "_LOCALE", tmp_path)
    return tmp_path / "nb" / "LC_MESSAGES" / "pathgraph.po"


def replace(catalogue: Path, old: str, new: str) -> list[str]:
    text = catalogue.read_text("utf-8")
    assert old in text
    catalogue.write_text(text.replace(old, new, 1), "utf-8")
    return problems("nb", FOUND)


@pytest.mark.parametrize("code", LOCALES)
def test_nothing_is_missing_or_unlike_its_source(code: str) -> None:
    assert problems(code, FOUND) == []


def test_every_place_where_something_is_said_is_looked_at() -> None:
    said = set(FOUND)
    assert ("", "There is nothing at this address.") in said, "marked in the api"
    assert ("", "Skip to the content") in said, "a template"
    assert ("", "No coverage is known of: {levels}.") in said, "a sentence below the api"
    assert ("", "a whole number of at least {least}") in said, "a template of sentences"
    assert ("", "acute stays that begin inside the window") in said, "a parameter's header"
    assert ("", "Patients with an acute stay") in said, "a denominator's title"
    assert ("", "One row is a person.") in said, "the model"
    assert ("code", "Never had an owner") in said, "a code"
    assert FOUND["", "{n} row on {day}."] == "{n} rows on {day}."


def test_a_message_without_translation_is_named(catalogue: Path) -> None:
    wrong = replace(catalogue, 'msgstr "Hopp til innholdet"', 'msgstr ""')
    assert wrong == ["nb: 'Skip to the content' has no translation. Write one."]


def test_a_fuzzy_message_is_named(catalogue: Path) -> None:
    wrong = replace(
        catalogue, 'msgid "Skip to the content"', '#, fuzzy\nmsgid "Skip to the content"'
    )
    assert "nb: 'Skip to the content' has no translation. Write one." in wrong


def test_other_placeholders_are_named(catalogue: Path) -> None:
    wrong = replace(catalogue, "Lukk", "Lukk {noe}")
    assert wrong == ["nb: 'Close' has other placeholders or tags in its translation."]


def test_english_in_a_translation_is_named(catalogue: Path) -> None:
    wrong = replace(catalogue, 'msgstr "Hopp til innholdet"', 'msgstr "Skip to the content"')
    assert wrong == ["nb: 'Skip to the content' is English in the translation. Translate it."]
    assert same_text("", "{file}: {note}")
    assert same_text("code", "Video")
    assert not same_text("", "Video")


def test_what_nobody_says_any_more_goes_and_what_is_new_comes(catalogue: Path) -> None:
    wrong = replace(
        catalogue,
        'msgid "Skip to the content"',
        'msgid "Nobody says this"\nmsgstr "Ingen"\n\nmsgid "Skip to the content"',
    )
    assert wrong == ["nb: the catalogue does not hold what is said now. Run `make messages`."]
    more = {**FOUND, ("", "Something new."): None}
    text = catalogue_text("nb", more).decode()
    assert "Nobody says this" not in text
    assert 'msgid "Something new."\nmsgstr ""' in text
    assert "nb: 'Something new.' has no translation. Write one." in problems("nb", more)


def test_writing_again_gives_the_same_bytes(catalogue: Path) -> None:
    before = catalogue.read_bytes()
    assert tool.main([]) == 0
    assert catalogue.read_bytes() == before
    assert tool.main(["--check"]) == 0


@pytest.mark.parametrize("code", LOCALES)
def test_a_catalogue_holds_no_places_dates_or_leftovers(code: str) -> None:
    path = tool._place(code)
    text = path.read_text("utf-8")
    assert not re.search(r"^#", text, re.MULTILINE)
    assert "Date" not in text.split("\n\n")[0]
    with path.open("rb") as source:
        assert read_po(source, locale=code).obsolete == {}


# Words of the one language that are none of the other's.
BOKMAAL = re.compile(
    r"\b(ikke|noen|hvem|hva|hvor|hvilke[nt]?|fra|uten|enheten?|enhetene|pasienter|tjenester|uke"
    r"|sykehus|henvisning(en|er)?|utskrivning|navn|opphold(et)?|forbindelse(r)?|kommuner)\b",
    re.IGNORECASE,
)
NYNORSK = re.compile(
    r"\b(ikkje|nokon|kven|kva|kvar|frå|utan|eining(a|ar)?|pasientar|tenester|sjukehus"
    r"|tilvising(a|ar)?|utskriving|namn|opphald(et)?|samband|kommunar|vart|ein|eit)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("code", "other"), [("nb", NYNORSK), ("nn", BOKMAAL)])
def test_no_word_of_the_other_norwegian_stands_in_a_translation(
    code: str, other: re.Pattern[str]
) -> None:
    with tool._place(code).open("rb") as source:
        texts = [t for m in read_po(source, locale=code) if m.id for t in tool._texts(m.string)]
    assert [text for text in texts if other.search(text)] == []
