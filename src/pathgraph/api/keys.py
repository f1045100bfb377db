"""Ids in addresses: a source's ids may hold what an address takes apart."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.convertors import Convertor, register_url_convertor

__all__ = ["key_in_address"]

_WRITTEN = {"~": "~7E", "/": "~2F", ".": "~2E"}
_TAKEN_APART = re.compile(r"[~/]|^\.(?=\.?$)|(?<=^\.)\.$|\.(?=[a-z]+$)")
"""Signs that end a part of an address, a path of dots alone, and what reads as a form of a file."""

_READ = {text: sign for sign, text in _WRITTEN.items()}


def key_in_address(key: str) -> str:
    """Return an id as it stands in an address.

    A slash or a form's ending is written with a sign that no server or browser reads.

    Examples
    --------
    >>> key_in_address("p-17"), key_in_address("a/b"), key_in_address("u.json"), key_in_address("Å")
    ('p-17', 'a~2Fb', 'u~2Ejson', '%C3%85')
    """
    return quote(_TAKEN_APART.sub(lambda match: _WRITTEN[match[0]], key), safe="")


class _KeyConvertor(Convertor[str]):
    """Reads an id from a part of an address: ``{patient_id:key}``."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return re.sub("~7E|~2F|~2E", lambda match: _READ[match[0]], value)

    def to_string(self, value: str) -> str:
        return key_in_address(value)


register_url_convertor("key", _KeyConvertor())
