"""A sentence that a person reads, which can be said again in another language.

What pathgraph tells people (errors, notes under an answer) is written in English where it arises.
A :class:`Sentence` is that text, and remembers what it was made of, so that a door that knows the
reader's language can look the template up in a catalogue and fill it in again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Sentence", "said_in", "sentence", "template"]


class Sentence(str):
    """English text that remembers its template and the values in it.

    Attributes
    ----------
    template
        With ``{name}`` where a value stands: the message id in the catalogues.
    values
        The values by name; a value may be a :class:`Sentence` itself.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Sentence:
        """Make the English text."""
        made = super().__new__(cls, template.format(**values))
        made.template = template
        made.values = dict(values)
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, Mapping[str, Any]]]:
        """Keep template and values in a copy."""
        return (Sentence, (self.template, self.values))


def sentence(template: str, /, **values: Any) -> Sentence:
    """Return the sentence that ``template`` makes with ``values``.

    Examples
    --------
    >>> said = sentence("There is no finding called '{name}'.", name="x")
    >>> said, said.template
    ("There is no finding called 'x'.", "There is no finding called '{name}'.")
    """
    return Sentence(template, values)


def template(text: str, /) -> str:
    """Return the text as it is, marked as one that a :func:`sentence` is made of elsewhere."""
    return text


def said_in(text: str, translate: Callable[[str], str]) -> str:
    """Return the text in the language of ``translate``; what no catalogue knows stays as it is.

    Examples
    --------
    >>> norwegian = {"No plan for {who}.": "Ingen plan for {who}."}
    >>> said_in(sentence("No plan for {who}.", who="A"), lambda m: norwegian.get(m, m))
    'Ingen plan for A.'
    """
    if not isinstance(text, Sentence):
        return translate(text) if text else text
    values = {
        name: said_in(value, translate) if isinstance(value, Sentence) else value
        for name, value in text.values.items()
    }
    return translate(text.template).format(**values)
