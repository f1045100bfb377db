"""Keyed hashes equal to the standard library's, and identity numbers that must not pass."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathgraph.errors import InputError
from pathgraph.ingest.check import check_tables
from pathgraph.ingest.pseudonyms import (
    PseudonymKey,
    looks_like_identity_number,
    pseudonym_expression,
    read_key,
    use_key,
)
from pathgraph.ingest.reading import Reader
from pathgraph.ingest.sources import find_source
from tests.ingest.tables_folder import (
    check_folder,
    contacts,
    read_folder,
    write_folder,
)

SYNTHETIC = ("10915596784", "01819010001")
"""Numbers with month + 80, as only test people have."""

_CONNECTION = duckdb.connect()


def _expected(secret: bytes, domain: str, value: str) -> str:
    return hmac.new(secret, f"{domain}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


@settings(max_examples=100, deadline=None)
@given(
    st.binary(min_size=32, max_size=130),
    st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1),
        min_size=1,
        max_size=5,
    ),
)
def test_equal_to_the_standard_library(secret: bytes, values: list[str]) -> None:
    values = [value for value in values if value.strip() == value]
    connection = _CONNECTION
    use_key(connection, PseudonymKey(secret, "id"))
    for domain in ("patient", "professional"):
        for value in values:
            found = connection.execute(
                f"SELECT {pseudonym_expression('v', domain)} FROM (SELECT ? AS v)", [value]
            ).fetchone()
            assert found == (_expected(secret, domain, value),)


def test_domains_keys_and_spellings() -> None:
    connection = duckdb.connect()
    use_key(connection, PseudonymKey(b"k" * 32, "id"))

    def hashed(value: str, domain: str = "patient") -> object:
        row = connection.execute(
            f"SELECT {pseudonym_expression('v', domain)} FROM (SELECT ? AS v)", [value]
        ).fetchone()
        return row[0] if row else None

    number = SYNTHETIC[0]
    spelt = {hashed(v) for v in (number, f" {number} ", f"{number[:6]} {number[6:]}")}
    assert spelt == {_expected(b"k" * 32, "patient", number)}
    assert hashed(number) != hashed(number, "professional")
    assert hashed("") is None
    assert hashed("  ") is None
    assert hashed("0012") != hashed("12")
    use_key(connection, PseudonymKey(b"K" * 32, "id"))
    assert hashed(number) not in spelt


def test_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"x" * 31 + b"\n")
    with pytest.raises(InputError, match="has 31 bytes and needs at least 32"):
        read_key(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_key(tmp_path / "absent")
    path.write_bytes(b"x" * 32 + b"\r\n")
    path.chmod(0o600)
    key = read_key(path)
    assert (key.secret, key.warnings) == (b"x" * 32, ())
    assert "xxx" not in repr(key)
    assert key.key_id == read_key(path).key_id
    path.write_bytes(b"y" * 32)
    assert key.key_id != read_key(path).key_id


@pytest.mark.skipif(os.name != "posix", reason="File rights are POSIX")
def test_key_file_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"x" * 32)
    path.chmod(0o644)
    assert "chmod 600" in read_key(path).warnings[0]


def _control_digits_hold(number: str) -> bool:
    """Read the rule once more, digit by digit, apart from the SQL."""
    digits = [int(digit) for digit in number]
    first = sum(w * d for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), digits, strict=False)) % 11
    second = sum(w * d for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), digits, strict=True)) % 11
    return first in (0, 1, 2, 3) and second == 0


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**11 - 1))
def test_control_digits(number: int) -> None:
    text = f"{number:011d}"
    row = _CONNECTION.execute(
        f"SELECT {looks_like_identity_number('v')} FROM (SELECT ? AS v)", [text]
    )
    assert row.fetchone() == (_control_digits_hold(text),)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((number, True) for number in SYNTHETIC),
        ("109155 96784", True),
        ("10915596785", False),
        ("1091559678", False),
        ("109155967840", False),
        ("p1", False),
        ("NA", False),
    ],
)
def test_what_looks_like_an_identity_number(value: str, expected: bool) -> None:
    row = duckdb.connect().execute(
        f"SELECT {looks_like_identity_number('v')} FROM (SELECT ? AS v)", [value]
    )
    assert row.fetchone() == (expected,)


def _folder_with_numbers(folder: Path, *, declared: bool) -> Path:
    (folder).mkdir()
    (folder / "dataset.yaml").write_text(f"pseudonymous: {str(declared).lower()}\n")
    return write_folder(
        folder,
        patients="patient_id,birth_year\n" + "".join(f"{n},1950\n" for n in SYNTHETIC),
        contacts=contacts(f"c1,{SYNTHETIC[0]},ward,,overnight,2025-01-01,2025-01-02,1"),
        roles=f"patient_id,professional_id,role\n{SYNTHETIC[0]},{SYNTHETIC[0]},gp\n",
    )


def test_declared_pseudonyms_that_are_identity_numbers_stop_the_load(tmp_path: Path) -> None:
    folder = _folder_with_numbers(tmp_path / "d", declared=True)
    with pytest.raises(InputError) as error:
        check_folder(folder)
    message = str(error.value)
    assert "'patient_id'" in message
    assert "patients.csv" in message
    assert "contacts.csv" in message
    assert "'professional_id'" in message
    assert not any(number in message for number in SYNTHETIC)


def test_few_chance_hits_among_pseudonyms_are_fine(tmp_path: Path) -> None:
    ids = [SYNTHETIC[0], *(f"p{i}" for i in range(9))]
    folder = write_folder(
        tmp_path / "d",
        patients="patient_id\n" + "".join(f"{n}\n" for n in ids),
        contacts=contacts("c1,p1,ward,,overnight,2025-01-01,2025-01-02,1"),
    )
    assert check_folder(folder).report.tables["patients"].accepted == 10


def test_person_ids_become_keyed_hashes_everywhere(tmp_path: Path) -> None:
    folder = _folder_with_numbers(tmp_path / "d", declared=False)
    key = tmp_path / "key"
    key.write_bytes(os.urandom(40).replace(b"\n", b"x").replace(b"\r", b"x"))
    key.chmod(0o600)
    secret = key.read_bytes()
    checked = check_folder(folder, key_file=str(key))
    patient = _expected(secret, "patient", SYNTHETIC[0])
    professional = _expected(secret, "professional", SYNTHETIC[0])
    assert checked.accepted("contacts", "patient_id") == [(patient,)]
    assert checked.accepted("roles", "patient_id", "professional_id") == [(patient, professional)]
    assert checked.content.pseudonymous
    assert any(read_key(key).key_id in note for note in checked.content.notes)


def test_no_raw_id_reaches_the_working_file(tmp_path: Path) -> None:
    folder = _folder_with_numbers(tmp_path / "d", declared=False)
    key = tmp_path / "key"
    key.write_bytes(b"x" * 32)
    work = tmp_path / "work.duckdb"
    connection = duckdb.connect(str(work))
    reader = Reader(connection, folder=folder)
    content = find_source("tables").read(reader, folder, {"key_file": str(key)})
    check_tables(connection, content, timezone="UTC")
    connection.execute("CHECKPOINT")
    connection.close()
    written = b"".join(p.read_bytes() for p in tmp_path.glob("work.duckdb*"))
    assert _expected(b"x" * 32, "patient", SYNTHETIC[0]).encode() in written
    assert not any(number.encode() in written for number in SYNTHETIC)
    assert b"x" * 32 not in written


def test_neither_declared_nor_a_key(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d")
    (folder / "dataset.yaml").write_text("timezone: Europe/Oslo\n")
    with pytest.raises(InputError) as error:
        read_folder(folder)
    assert "pseudonymous: true" in str(error.value)
    assert "key_file" in str(error.value)
