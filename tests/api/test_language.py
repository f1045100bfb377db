"""Texts, numbers, dates and the alphabet in the three languages."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pathgraph.api.language import LANGUAGE_NAMES, LANGUAGES, N_, language_of, negotiated
from pathgraph.sentence import sentence

NARROW = "\u202f"


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "expected"),
    [
        (None, None, None, "nb"),
        ("", "", "", "nb"),
        ("nn", "en", "nb", "nn"),
        ("de", "en", "nb", "en"),
        (None, "xx", "nn-NO,nn;q=0.9,no;q=0.8", "nn"),
        (None, None, "no", "nb"),
        (None, None, "no-NO, en;q=0.5", "nb"),
        (None, None, "NN", "nn"),
        (None, None, "en-GB,en;q=0.9,nb;q=0.8", "en"),
        (None, None, "nb;q=0.2, en;q=0.7", "en"),
        (None, None, "de, fr;q=0.9", "nb"),
        (None, None, "en;q=0, nn;q=0.1", "nn"),
        (None, None, "en;q=abc, nn;q=0.1", "nn"),
        (None, None, "en;q=nan", "nb"),
        (None, None, "*", "nb"),
        (None, None, ";;,,=;q", "nb"),
        ("NN", None, None, "nb"),
    ],
)
def test_language_is_that_of_the_address_then_the_cookie_then_the_browser(
    asked: str | None, remembered: str | None, accepted: str | None, expected: str
) -> None:
    assert negotiated(asked, remembered, accepted) == expected


def test_first_of_two_equally_wanted_languages_wins() -> None:
    assert negotiated(None, None, "nn, en") == "nn"
    assert negotiated(None, None, "en, nn") == "en"


def test_every_language_has_a_name_and_another_has_none() -> None:
    assert {language_of(code).name for code in LANGUAGES} == set(LANGUAGE_NAMES.values())
    with pytest.raises(KeyError):
        language_of("de")


def test_a_text_comes_from_the_catalogue_and_an_unknown_one_as_it_is() -> None:
    assert [language_of(code).gettext("Language") for code in LANGUAGES] == [
        "Språk",
        "Språk",
        "Language",
    ]
    for code in LANGUAGES:
        assert language_of(code).gettext("No catalogue knows this.") == "No catalogue knows this."
        assert language_of(code).gettext("") == ""
    assert N_("Language") == "Language"


def test_a_sentence_of_another_layer_is_said_again() -> None:
    said = sentence("No catalogue knows {what}.", what=sentence("Language"))
    assert language_of("nn").said(said) == "No catalogue knows Språk."
    assert language_of("en").said(said) == "No catalogue knows Language."
    assert language_of("nb").said("Language") == "Språk"


def test_a_date_in_a_sentence_is_read_as_dates_are() -> None:
    said = sentence("No catalogue knows {what} and {other}.", what="2025-12-01", other="2025-02-31")
    assert language_of("nb").said(said) == "No catalogue knows 01.12.2025 and 2025-02-31."


def test_what_a_sentence_lists_is_said_in_words() -> None:
    said = sentence("No coverage is known of: {levels}.", levels="gp, hospital")
    assert language_of("nn").said(said) == "Inga dekning er kjend for: Fastlegetenesta, Sjukehus."
    said = sentence(
        "{finding} needs the table {tables}, which was not loaded. Add what is "
        "missing to the source and load again.",
        finding="x",
        tables="plan_owners",
    )
    assert "eigarar av planar (plan_owners)" in language_of("nn").said(said)
    assert language_of("en").said(said) == said


def test_a_text_that_was_kept_without_its_template_is_said_again() -> None:
    nb = language_of("nb")
    note = "Not loaded, so nothing is said of what they hold: plans, needs."
    assert nb.said(note) == (
        "Ikke lastet, så ingenting sies om det de inneholder: planer (plans), "
        "vurderte behov (needs)."
    )
    two = f"{note}\nThe value of x (in d) does not fit: it must be a whole number of at least 2."
    assert nb.said(two).split("\n")[1] == (
        "Verdien av x (i dager) passer ikke: den må være et helt tall på minst 2."
    )
    of_a_file = "contacts.csv: has a header and no rows."
    assert nb.said(of_a_file) == "contacts.csv: har en overskrift og ingen rader."
    for unknown in ("Own words of a source.", "own.csv: own words", "", "Plan B: no plan"):
        assert nb.said(unknown) == unknown


def test_every_language_counts_one_and_many() -> None:
    for code in LANGUAGES:
        language = language_of(code)
        forms = [language.ngettext("{n} unknown row", "{n} unknown rows", n) for n in (0, 1, 2)]
        assert forms == ["{n} unknown rows", "{n} unknown row", "{n} unknown rows"]
        assert language.npgettext("of a table", "row", "rows", 2) == "rows"
        assert language.pgettext("of a table", "Unknown heading") == "Unknown heading"


@pytest.mark.parametrize("code", ["nb", "nn"])
def test_norwegian_numbers(code: str) -> None:
    language = language_of(code)
    assert language.number(1204) == f"1{NARROW}204"
    assert language.number(1234567.5) == f"1{NARROW}234{NARROW}567,5"
    assert language.number(1234567.5, 2) == f"1{NARROW}234{NARROW}567,50"
    assert language.number(0) == "0"
    assert language.number(-3) == "−3"
    assert language.percent(0.1234) == f"12,3{NARROW}%"
    assert language.percent(1, 0) == f"100{NARROW}%"


def test_english_numbers() -> None:
    language = language_of("en")
    assert language.number(1204) == "1,204"
    assert language.number(1234567.567) == "1,234,567.57"
    assert language.number(1234.5, 0) == "1,234"
    assert language.percent(0.1234) == "12.3%"
    assert language.percent(12.5) == "1,250.0%"
    assert language.number(-0.5) == "−0.5"


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_no_number_and_no_date_is_not_written_as_one(code: str) -> None:
    language = language_of(code)
    for nothing in (None, float("nan"), float("inf")):
        assert language.number(nothing) == ""
        assert language.percent(nothing) == ""
    assert language.day(None) == language.moment(None) == language.month(None) == ""


def test_dates() -> None:
    nb, nn, en = map(language_of, LANGUAGES)
    for language, expected in ((nb, "31.01.2026"), (nn, "31.01.2026"), (en, "31 January 2026")):
        assert language.day(date(2026, 1, 31)) == expected
        assert language.day("2026-01-31") == expected
        assert language.day("2026-01-31T23:59:00") == expected
        assert language.day(datetime(2026, 1, 31, 23, 59)) == expected
    assert en.day("2026-02-01") == "1 February 2026"
    assert nb.moment("2026-01-31T09:05:30") == "31.01.2026 kl. 09:05"
    assert en.moment(datetime(2026, 1, 31, 9, 5)) == "31 January 2026, 09:05"
    assert [language.month("2025-12") for language in (nb, nn, en)] == [
        "desember 2025",
        "desember 2025",
        "December 2025",
    ]


def test_norwegian_alphabet_ends_in_ae_oe_aa() -> None:
    for code in ("nb", "nn"):
        key = language_of(code).sort_key
        letters = ["Asker", "Zeta", "Ærfugl", "Ørsta", "Ålesund"]
        assert sorted(sorted(letters), key=key) == letters
        assert sorted(["Aasen", "Ås", "Åre", "Østre", "östersund"], key=key) == [
            "östersund",
            "Østre",
            "Åre",
            "Ås",
            "Aasen",
        ]
        assert sorted(["moss", "Asker", "Čáhcesuolu", "bergen"], key=key) == [
            "Asker",
            "bergen",
            "Čáhcesuolu",
            "moss",
        ]
        assert len({key(text) for text in ("Aasen", "Åsen", "åsen", "Asen")}) == 4


def test_english_takes_the_norwegian_letters_for_accented_ones() -> None:
    key = language_of("en").sort_key
    assert sorted(["Zeta", "Østre", "Oslo", "Ås", "Asker", "Ærfugl", "moss"], key=key) == [
        "Ærfugl",
        "Ås",
        "Asker",
        "moss",
        "Oslo",
        "Østre",
        "Zeta",
    ]
    assert sorted([None, "a", ""], key=key)[-1] == "a"
