"""Several things wrong at once: each is said in the reader's language, to programs and people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pathgraph.api.app import create_app
from pathgraph.api.language import language_of
from pathgraph.api.serve import serving_for
from pathgraph.engine import open_engine
from pathgraph.settings import Settings
from tests.findings.drawn import load_tables, overnight, table, with_patients

_CONTACTS = overnight("""
    contact_id  patient_id  started_at           ended_at
    c1          p1          2025-01-01T08:00:00  2025-01-05T08:00:00
""")
_UNITS = table("""
    unit_id  kind    level     parent_unit_id
    clinic   clinic  hospital  -
    ward     ward    hospital  clinic
    pact     team    hospital  -
    med      ward    hospital  -
""")
_REFERRALS = table("""
    referral_id  patient_id  from_unit_id  to_unit_id  sent_at     referrer_type
    r1           p1          ward          pact        2025-01-02  hospital
""")
_PLAN = table("""
    unit_id  measure             period  expected  basis
    clinic   referrals_to_teams  2024    -2        absolute
    ward     referrals_to_teams  2024    1.5       share
""")
_TEMPLATES = (
    "The plan expects less than nothing of: {units}.",
    "The plan has a share above 1 for: {units}.",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a graph whose plan cannot be counted with."""
    folder: Path = tmp_path_factory.mktemp("plan")
    with closing(open_engine(f"ladybug:{folder / 'graph'}")) as engine:
        tables = {
            "patients": with_patients(_CONTACTS), "units": _UNITS, "contacts": _CONTACTS,
            "referrals": _REFERRALS, "expectations": _PLAN,
        }  # fmt: skip
        load_tables(engine, folder / "tables", tables)
        serving = serving_for(Settings(), engine, cache=folder / "answers")
        with TestClient(create_app(serving), base_url="http://127.0.0.1") as client:
            yield client


def _expected(language: str) -> list[str]:
    translated = [language_of(language).gettext(text) for text in _TEMPLATES]
    return [text.format(units=u) for text, u in zip(translated, ("clinic", "ward"), strict=True)]


@pytest.mark.parametrize("language", ["en", "nb", "nn"])
def test_each_of_several_problems_is_said_in_the_readers_language(
    client: TestClient, language: str
) -> None:
    answer = client.get("/findings/referral_gaps_plan.json", params={"lang": language})
    assert answer.status_code == 422
    said = [problem["detail"] for problem in answer.json()["problems"]]
    assert "detail" not in answer.json()
    assert len(said) == 4
    assert said[:2] == _expected(language)
    html = client.get(
        "/findings/referral_gaps_plan", params={"lang": language}, headers={"accept": "text/html"}
    ).text
    assert all(text in unescape(html) for text in said)


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_none_of_them_stays_english(client: TestClient, language: str) -> None:
    address = "/findings/referral_gaps_plan.json"
    english, said = (
        [p["detail"] for p in client.get(address, params={"lang": code}).json()["problems"]]
        for code in ("en", language)
    )
    assert not set(english) & set(said)
