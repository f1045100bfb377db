"""Ids of every kind come through an address as they were."""

from __future__ import annotations

from urllib.parse import unquote, urljoin

from hypothesis import example, given
from hypothesis import strategies as st
from starlette.convertors import CONVERTOR_TYPES

from pathgraph.api.keys import key_in_address


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
@example("a/b")
@example("..")
@example(".")
@example("%2F")
@example("~2F")
@example("a~b")
@example("x.json")
@example("../../patients")
@example("a%b/c.csv")
def test_an_id_comes_through(key: str) -> None:
    address = urljoin("http://127.0.0.1/patients/", f"/patients/{key_in_address(key)}")
    # A browser takes the address apart, a server reads it once.
    part = unquote(address.removeprefix("http://127.0.0.1/patients/"))
    assert "/" not in part
    assert not part.endswith((".json", ".csv", ".xlsx"))
    assert CONVERTOR_TYPES["key"].convert(part) == key
