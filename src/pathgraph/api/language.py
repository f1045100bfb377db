"""Which language a reader meets, and how texts, numbers and dates read in it.

The catalogues are the ``.po`` files beside this module. They are compiled in memory when a language
is first asked for, so that no compiled file can be older than its source.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from types import MappingProxyType

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from pathgraph.api.recognition import recogniser
from pathgraph.api.words import finding_words, level_words, table_words, unit_words
from pathgraph.sentence import Sentence, said_in

__all__ = ["LANGUAGES", "LANGUAGE_NAMES", "N_", "Language", "language_of", "negotiated"]

LANGUAGES = ("nb", "nn", "en")

#: What each language calls itself.
LANGUAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
)

#: Where a language's numbers and dates are looked up: English as in Europe, day before month.
_LOCALES = MappingProxyType({"nb": "nb", "nn": "nn", "en": "en_GB"})

#: The source of the messages, which needs no catalogue.
_SOURCE = "en"

_DAYS = MappingProxyType({"nb": "dd.MM.yyyy", "nn": "dd.MM.yyyy", "en": "d MMMM yyyy"})
_MOMENTS = MappingProxyType(
    {"nb": "dd.MM.yyyy 'kl.' HH:mm", "nn": "dd.MM.yyyy 'kl.' HH:mm", "en": "d MMMM yyyy, HH:mm"}
)

_NO_BREAK_SPACE = "\u00a0"
_NARROW_NO_BREAK_SPACE = "\u202f"

#: After z in the order of the code points, and none of them has an accent to lose.
_NORWEGIAN_LETTERS = str.maketrans(
    {"æ": "\ue000", "ä": "\ue000", "ø": "\ue001", "ö": "\ue001", "å": "\ue002"}
)
#: Letters that are no base letter with an accent, as English (and Norwegian, for Sami) sorts them.
_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "đ": "d", "ŋ": "n", "ŧ": "t", "ł": "l", "þ": "th"}
)


def N_(text: str) -> str:
    """Return the text as it is, marked to be translated where it is shown."""
    return text


def negotiated(asked: str | None, remembered: str | None, accepted: str | None) -> str:
    """Return the language to answer in: the first of these that names one of ours, else bokmål.

    Parameters
    ----------
    asked
        What the address asks for (``lang=``).
    remembered
        What the cookie says.
    accepted
        The header Accept-Language; ``no`` is read as bokmål.

    Examples
    --------
    >>> negotiated(None, None, "de, no;q=0.9, en;q=0.8"), negotiated("nn", "en", "en")
    ('nb', 'nn')
    """
    for code in (asked, remembered):
        if code in LANGUAGES:
            return code
    return next(filter(None, map(_one_of_ours, _in_order(accepted or ""))), LANGUAGES[0])


def _one_of_ours(tag: str) -> str | None:
    primary = tag.lower().partition("-")[0]
    code = {"no": "nb"}.get(primary, primary)
    return code if code in LANGUAGES else None


def _in_order(accepted: str) -> list[str]:
    """Return the language tags of an Accept-Language header, most wanted first."""
    weighted = []
    for entry in accepted.split(","):
        tag, *parameters = (part.strip() for part in entry.split(";"))
        weight = next((_weight(p[2:]) for p in parameters if p.lower().startswith("q=")), 1.0)
        if tag and weight > 0:
            weighted.append((weight, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if math.isfinite(weight) else 0.0


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the pages: its texts, its numbers and dates, its alphabet.

    Attributes
    ----------
    code
        One of :data:`LANGUAGES`; also the value of the attribute ``lang`` in HTML.
    translations
        Its catalogue.

    See Also
    --------
    language_of : the one of a code.
    """

    code: str
    translations: NullTranslations

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return LANGUAGE_NAMES[self.code]

    def gettext(self, message: str) -> str:
        """Return the message in this language, or as it is where the catalogue lacks it."""
        return self.translations.gettext(message) if message else message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the form that goes with ``n``."""
        return self.translations.ngettext(singular, plural, n)

    def pgettext(self, context: str, message: str) -> str:
        """Return what the message means in this context."""
        return self.translations.pgettext(context, message)

    def npgettext(self, context: str, singular: str, plural: str, n: int) -> str:
        """Return the form that goes with ``n`` in this context."""
        return self.translations.npgettext(context, singular, plural, n)

    def said(self, text: str) -> str:
        """Return what another layer said in English, in this language.

        A :class:`~pathgraph.sentence.Sentence` is said again; a text that was kept without its
        template (a note in a manifest) is found among the templates, each line by itself.
        """
        if self.code == _SOURCE or not text:
            return str(text)
        if isinstance(text, Sentence):
            return said_in(_in_words(text, self), self.gettext)
        lines = (_recogniser(self.code)(line) for line in text.split("\n"))
        return "\n".join(
            said_in(_in_words(line, self), self.gettext) if isinstance(line, Sentence) else line
            for line in lines
        )

    def number(self, x: float | None, digits: int | None = None) -> str:
        """Return a number; without ``digits`` with as many decimals as it needs, at most two.

        Nothing is returned for what is no number: it is for the page to say why there is none.

        Examples
        --------
        >>> english = language_of("en")
        >>> english.number(12040), english.number(0.5), english.number(3, 1)
        ('12,040', '0.5', '3.0')
        """
        if x is None or not math.isfinite(x):
            return ""
        decimals = ".##" if digits is None else f".{'0' * digits}" if digits else ""
        return self._typeset(format_decimal(x, f"#,##0{decimals}", locale=_LOCALES[self.code]))

    def percent(self, x: float | None, digits: int = 1) -> str:
        """Return a share (0 to 1) in per cent.

        Examples
        --------
        >>> language_of("en").percent(0.1234), language_of("en").percent(1, 0)
        ('12.3%', '100%')
        """
        if x is None or not math.isfinite(x):
            return ""
        decimals = f".{'0' * digits}" if digits else ""
        sign = "%" if self.code == "en" else f"{_NO_BREAK_SPACE}%"
        pattern = f"#,##0{decimals}{sign}"
        return self._typeset(format_percent(x, pattern, locale=_LOCALES[self.code]))

    def day(self, value: date | str | None) -> str:
        """Return a date, given as one or in ISO form (a time of day behind it is left out).

        Examples
        --------
        >>> language_of("nb").day("2026-01-31"), language_of("en").day("2026-01-31")
        ('31.01.2026', '31 January 2026')
        """
        if not value:
            return ""
        on = date.fromisoformat(value[:10]) if isinstance(value, str) else value
        return format_date(on, _DAYS[self.code], locale=_LOCALES[self.code])

    def moment(self, value: datetime | str | None) -> str:
        """Return a local date and time to the minute.

        Examples
        --------
        >>> language_of("nb").moment("2026-01-31T09:05:00")
        '31.01.2026 kl. 09:05'
        """
        if not value:
            return ""
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return format_datetime(at, _MOMENTS[self.code], locale=_LOCALES[self.code])

    def month(self, value: str | None) -> str:
        """Return a month given as ``2025-12``.

        Examples
        --------
        >>> language_of("en").month("2025-12")
        'December 2025'
        """
        if not value:
            return ""
        first = date.fromisoformat(f"{value[:7]}-01")
        return format_date(first, "LLLL yyyy", locale=_LOCALES[self.code])

    def sort_key(self, text: str | None) -> tuple[str, str]:
        """Return what sorts texts as a reader of this language expects them, whatever their case.

        Norwegian order ends in æ, ø, å; aa counts as å, ä as æ and ö as ø.

        Examples
        --------
        >>> sorted(["Østre", "Aasen", "Ærfugl", "Bø"], key=language_of("nb").sort_key)
        ['Bø', 'Ærfugl', 'Østre', 'Aasen']
        """
        written = text or ""
        folded = unicodedata.normalize("NFC", written.casefold())
        if self.code != "en":
            folded = folded.replace("aa", "å").translate(_NORWEGIAN_LETTERS)
        apart = unicodedata.normalize("NFD", folded.translate(_PLAIN_LETTERS))
        return "".join(c for c in apart if not unicodedata.combining(c)), written

    def _typeset(self, figures: str) -> str:
        """Return the figures with a minus sign and, in Norwegian, narrow spaces."""
        return figures.replace("-", "−").replace(_NO_BREAK_SPACE, _NARROW_NO_BREAK_SPACE)


@cache
def language_of(code: str) -> Language:
    """Return the language of a code of :data:`LANGUAGES`.

    Raises
    ------
    KeyError
        If it is none of them.
    """
    if code not in LANGUAGES:
        raise KeyError(code)
    return Language(code, NullTranslations() if code == _SOURCE else _compiled(code))


def _compiled(code: str) -> GNUTranslations:
    """Return the translations of a language, compiled from its ``.po`` file."""
    compiled = BytesIO()
    write_mo(compiled, _catalogue(code))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _catalogue(code: str) -> Catalog:
    place = resources.files("pathgraph.api") / "locale" / code / "LC_MESSAGES" / "pathgraph.po"
    with place.open("rb") as source:
        return read_po(source, locale=code)


@cache
def _recogniser(code: str) -> Callable[[str], str]:
    messages = (m.id for m in _catalogue(code) if m.id and not m.context)
    return recogniser([id_ for id_ in messages if isinstance(id_, str)])


def _in_words(sentence: Sentence, language: Language) -> Sentence:
    """Return the sentence with words for the names that it lists, and dates as they are read."""
    dates = {
        name: language.day(value)
        for name, value in sentence.values.items()
        if isinstance(value, str) and _is_date(value)
    }
    listed = dates | {
        name: ", ".join(words(language, part) for part in value.split(", "))
        for name, words in _LISTED.items()
        if isinstance(value := sentence.values.get(name), str)
    }
    return Sentence(sentence.template, {**sentence.values, **listed}) if listed else sentence


def _is_date(value: str) -> bool:
    if not _ISO_DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

#: What the values of sentences list, by the name that such a value has.
_LISTED: Mapping[str, Callable[[Language, str], str]] = MappingProxyType(
    {
        "findings": finding_words,
        "levels": level_words,
        "unit": unit_words,
        # Whoever loads the data needs the table's own name too.
        "tables": lambda language, name: f"{table_words(language, name)} ({name})",
    }
)
