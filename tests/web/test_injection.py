"""Texts that would be markup or script end up as text: from the data, and from the address."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode
from zlib import crc32

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser

from pathgraph.api.serve import serving_beside
from pathgraph.api.walk import walk
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.model.types import Column, ColumnType, Table
from pathgraph.queries.catalogue import catalogue
from pathgraph.settings import Settings
from pathgraph.synth.generate import write_region
from tests.web.watched import watching

SCRIPT = "<script>alert('INJECTED')</script>"
ENDINGS = (
    f"{SCRIPT}",
    f"\"'></script>{SCRIPT}<img src=x onerror=alert('INJECTED')>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "javascript:alert('INJECTED')",
    '=HYPERLINK("http://x")',
    "😀 Å\u202eDESREVER",
)


def test_the_strings_would_run_if_they_were_markup(browser: Browser) -> None:
    page = browser.new_page()
    said: list[str] = []

    def heard(dialog: object) -> None:
        said.append("heard")
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", heard)
    page.set_content(f"<p>{ENDINGS[1]}</p>")
    page.wait_for_timeout(300)
    page.close()
    assert said


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a server whose data holds such strings in every name and every id."""
    folder = tmp_path_factory.mktemp("hostile")
    write_region(folder / "tables", patients=1_000, seed=2)
    for table in CANONICAL_TABLES:
        _make_hostile(folder / "tables", table)
    url = f"ladybug:{folder / 'graph'}"
    with closing(open_engine(url)) as engine:
        load("tables", folder / "tables", engine)
    with serving_beside(Settings(cache=folder / "answers"), url) as address:
        yield address


def _make_hostile(folder: Path, table: Table) -> None:
    """Put an ending behind every id and name, and every third code that is not declared."""
    place = folder / table.name
    files = sorted(place.glob("*.parquet")) or [place.with_suffix(".parquet")]
    for file in files:
        if not file.exists():
            continue
        rows = pq.read_table(file)
        for column in table.columns:
            if column.name not in rows.column_names or not _is_free(column):
                continue
            values = rows.column(column.name).to_pylist()
            hostile = [_with_ending(column, value, i) for i, value in enumerate(values)]
            index = rows.schema.get_field_index(column.name)
            rows = rows.set_column(index, column.name, pa.array(hostile, pa.string()))
        pq.write_table(rows, file)


def _is_free(column: Column) -> bool:
    free = column.type in (ColumnType.ID, ColumnType.TEXT, ColumnType.CODE) and not column.codes
    # A plan of which every third number is about something else is refused, and no page is shown.
    return free and column.name not in ("period", "measure")


def _with_ending(column: Column, value: str | None, number: int) -> str | None:
    if value is None or (column.type is ColumnType.CODE and number % 3):
        return value
    # The same value has the same ending wherever it stands.
    return value + ENDINGS[crc32(value.encode()) % len(ENDINGS)]


def fetched(address: str) -> str:
    request = urllib.request.Request(address, headers={"accept": "text/html"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            text: str = answer.read().decode()
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        if error.code not in (403, 404, 409, 414, 422):
            pytest.fail(f"{address}: {error.code}")
    return text


def test_texts_of_the_data_are_texts(hostile_server: str, browser: Browser) -> None:
    n_with_the_text = 0
    for visited in walk(hostile_server):
        assert visited.is_well, visited.path
        source = fetched(hostile_server + visited.path)
        assert SCRIPT not in source, visited.path
        assert "<img src=x" not in source, visited.path
        n_with_the_text += "INJECTED" in source
        if "/findings/" in visited.path and "comparison" in visited.path:
            continue
        with watching(browser, hostile_server) as watched:
            watched.page.on(
                "dialog", lambda dialog: (watched.faults.append("ran"), dialog.dismiss())
            )
            watched.open(visited.path)
            assert watched.faults == [], visited.path
            assert "DESREVER" not in watched.page.title()
    assert n_with_the_text > 20


@pytest.mark.parametrize("ending", ENDINGS[:3])
@pytest.mark.parametrize("finding_id", ["revolving_door", "unowned_plans", "new_since"])
def test_texts_of_the_address_are_texts(server: str, finding_id: str, ending: str) -> None:
    finding = catalogue()[finding_id]
    names = [
        *(p.name for p in finding.parameters),
        "as_of", "profile", "sort", "page", "per_page", "where.kind", "where.municipality",
        "lang", "nothing", "from", "to", "limit", ending,
    ]  # fmt: skip
    for path in (f"/findings/{finding_id}", f"/findings/{finding_id}/comparison"):
        for name in names:
            query = urlencode({name: ending})
            source = fetched(f"{server}{path}?{query}")
            assert SCRIPT not in source, (path, name)
            assert "<img src=x" not in source, (path, name)


@pytest.mark.parametrize("ending", ENDINGS)
def test_texts_of_the_path_are_texts(server: str, ending: str) -> None:
    for place in ("patients", "municipalities", "units", "findings", "networks", "static"):
        source = fetched(f"{server}/{place}/{quote(ending, safe='')}")
        assert SCRIPT not in source
        assert "<img src=x" not in source


@pytest.mark.parametrize("ending", ENDINGS[:3])
def test_texts_of_headers_are_texts(server: str, ending: str) -> None:
    headers = {
        "accept": "text/html",
        "accept-language": ending,
        "cookie": f"lang={quote(ending)}; theme={quote(ending)}",
        "if-none-match": ending,
        "referer": ending,
    }
    request = urllib.request.Request(server + "/findings", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert SCRIPT not in answer.read().decode()
