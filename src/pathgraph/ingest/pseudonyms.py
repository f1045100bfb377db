"""Pseudonyms: person ids become keyed hashes while they are read, before anything is written.

National identity numbers can be listed (dates times control digits), so a hash without a key is
undone in minutes. The hash is HMAC-SHA-256 (RFC 2104) over ``domain:id``, cut to 32 hexadecimal
characters; the key lies in a file outside the data and is named in the manifest by its key id only.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pathgraph.errors import InputError
from pathgraph.model.check import literal
from pathgraph.sentence import sentence

__all__ = [
    "DOMAINS",
    "MAX_SHARE_IDENTITY_NUMBERS",
    "PseudonymKey",
    "looks_like_identity_number",
    "person_columns",
    "pseudonym_expression",
    "read_key",
    "use_key",
]

DOMAINS = {"patient_id": "patient", "professional_id": "professional"}
"""Canonical columns that hold person ids, and the domain that keeps their hashes apart."""

MAX_SHARE_IDENTITY_NUMBERS = 0.2
"""Ids of which more than this share pass the control digits are taken for identity numbers.

Of random 11-digit numbers 3.3 % pass (skatteetaten's rule of 2032 for the first control digit).
"""

_MIN_KEY_BYTES = 32
_BLOCK_BYTES = 64
_HEX_CHARACTERS = 32
_WEIGHTS_1 = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_WEIGHTS_2 = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """A key; its secret is never shown, not even in a traceback's ``repr``."""

    secret: bytes = field(repr=False)
    key_id: str
    warnings: tuple[str, ...] = ()


def read_key(path: Path) -> PseudonymKey:
    """Read a key of at least 32 bytes from a file; line breaks at its end do not count.

    Raises
    ------
    InputError
        When the file cannot be read or is too short.
    """
    try:
        secret = path.read_bytes().rstrip(b"\r\n")
        mode = path.stat().st_mode
    except OSError as error:
        raise InputError(
            f"The key file {path.name} cannot be read ({error.strerror}). "
            "Give the path of a file with at least 32 random bytes."
        ) from None
    if len(secret) < _MIN_KEY_BYTES:
        raise InputError(
            f"The key in the file {path.name} is too short: it has {len(secret)} bytes and "
            "needs at least 32. Make one with: "
            'python -c "import secrets; print(secrets.token_hex(32))" '
            f"> {path.name}"
        )
    warnings: tuple[str, ...] = ()
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        warnings = (
            sentence(
                "The key file {name} can be read by other users. "
                "Take that right away with: chmod 600 {name}",
                name=path.name,
            ),
        )
    key_id = hmac.new(secret, b"pathgraph key id", hashlib.sha256).hexdigest()[:12]
    return PseudonymKey(secret, key_id, warnings)


def use_key(connection: duckdb.DuckDBPyConnection, key: PseudonymKey) -> None:
    """Hand the key to the connection, so that no statement's text ever holds it."""
    secret = hashlib.sha256(key.secret).digest() if len(key.secret) > _BLOCK_BYTES else key.secret
    padded = secret.ljust(_BLOCK_BYTES, b"\0")
    for name, byte in (("inner", 0x36), ("outer", 0x5C)):
        connection.execute(
            f"SET VARIABLE pathgraph_key_{name} = from_hex(?)",
            [bytes(b ^ byte for b in padded).hex()],
        )


def pseudonym_expression(value: str, domain: str) -> str:
    """Return SQL for the pseudonym of the SQL expression ``value``; needs :func:`use_key`.

    Blanks around an id and a blank, dot or hyphen inside an 11-digit identity number do not count,
    so that one person written in two ways stays one person. An empty id stays NULL.
    """
    text = f"trim(CAST({value} AS VARCHAR))"
    canonical = (
        f"CASE WHEN regexp_full_match({text}, '\\d{{6}}[ .-]\\d{{5}}') "
        f"THEN substr({text}, 1, 6) || substr({text}, 8) ELSE {text} END"
    )
    message = f"encode({literal(domain + ':')} || {canonical})"
    inner = f"sha256(getvariable('pathgraph_key_inner') || {message})"
    outer = f"sha256(getvariable('pathgraph_key_outer') || from_hex({inner}))"
    return f"CASE WHEN {text} <> '' THEN left({outer}, {_HEX_CHARACTERS}) END"


def looks_like_identity_number(value: str) -> str:
    """Return SQL that says whether a value has 11 digits with valid control digits.

    Both the rule of today and that of 2032 are met: the second control digit is the same in both,
    the first may then leave a remainder of 0 to 3.
    """
    digits = f"regexp_replace(CAST({value} AS VARCHAR), '[ .-]', '', 'g')"

    def weighted(weights: tuple[int, ...]) -> str:
        terms = (
            f"{weight} * TRY_CAST(substr({digits}, {place}, 1) AS INTEGER)"
            for place, weight in enumerate(weights, start=1)
        )
        return f"({' + '.join(terms)}) % 11"

    return (
        f"CASE WHEN regexp_full_match({digits}, '[0-9]{{11}}') THEN "
        f"{weighted(_WEIGHTS_1)} <= 3 AND {weighted(_WEIGHTS_2)} = 0 ELSE false END"
    )


def person_columns(columns: dict[str, str]) -> dict[str, str]:
    """Return the file's columns that hold person ids with their domain.

    Parameters
    ----------
    columns
        Canonical column to the file's.

    Examples
    --------
    >>> person_columns({"patient_id": "nprid", "sex": "kjonn"})
    {'nprid': 'patient'}
    """
    return {theirs: DOMAINS[ours] for ours, theirs in columns.items() if ours in DOMAINS}
