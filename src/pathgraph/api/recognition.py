"""Which template a text was made of, where the text alone was kept.

Manifests of loads and kept answers hold their notes as plain texts. A text that a template of the
catalogue gives with some values is that template with these values again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from string import Formatter

from pathgraph.sentence import Sentence

__all__ = ["recogniser"]

# A template with fewer letters of its own would fit anything.
_FEWEST_LETTERS = 10

# What may stand before the sentence itself: the name of a file.
_OF_A_FILE = re.compile(r"(?P<file>[^\s:]+): (?P<note>.+)", re.DOTALL)


def recogniser(messages: Collection[str]) -> Callable[[str], str]:
    """Return a function that gives a text as the :class:`Sentence` it was made as, or as it is.

    Parameters
    ----------
    messages
        The messages of a catalogue; those with ``{name}`` in them are templates.

    Examples
    --------
    >>> recognised = recogniser({"No coverage is known of: {levels}."})
    >>> recognised("No coverage is known of: gp.").values
    {'levels': 'gp'}
    """
    known = frozenset(messages)
    templates = [
        (re.compile(_pattern(message), re.DOTALL), message)
        for message in sorted(known, key=lambda m: (-len(_own_text(m)), m))
        if "{" in message and len(_own_text(message)) >= _FEWEST_LETTERS
    ]

    @lru_cache(maxsize=4096)
    def recognised(text: str) -> str:
        if text in known:
            return Sentence(text, {}) if "{" not in text else text
        for pattern, message in templates:
            found = pattern.fullmatch(text)
            if found:
                values = {name: _as_value(value) for name, value in found.groupdict().items()}
                return Sentence(message, values)
        of_a_file = _OF_A_FILE.fullmatch(text)
        if of_a_file and isinstance(note := recognised(of_a_file["note"]), Sentence):
            return Sentence("{file}: {note}", {"file": of_a_file["file"], "note": note})
        return text

    def _as_value(value: str) -> str:
        # One word is a name or a code, also where a message reads the same.
        return recognised(value) if " " in value else value

    return recognised


def _own_text(message: str) -> str:
    return "".join(text for text, *_ in Formatter().parse(message))


def _pattern(message: str) -> str:
    r"""Return the pattern of the texts that a template gives.

    Examples
    --------
    >>> _pattern("{a} of {b}, {a}")
    '(?P<a>.+?)\\ of\\ (?P<b>.+?),\\ (?P=a)'
    """
    seen: set[str] = set()
    parts = []
    for text, name, _, _ in Formatter().parse(message):
        parts.append(re.escape(text))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
    return "".join(parts)
