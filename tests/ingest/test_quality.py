"""The quality report counts what it says, month by month."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pathgraph.ingest.quality import QUALITY_COUNTS, quality_frame, quality_rows
from tests.ingest.tables_folder import Checked, check_folder, contacts, totals, write_folder


def _rows(checked: Checked) -> list[dict[str, Any]]:
    return quality_rows(checked.connection, checked.report.tables, source="tables")


def _of(rows: list[dict[str, Any]], table: str) -> dict[str | None, dict[str, Any]]:
    return {row["month"]: row for row in rows if row["table"] == table}


def _checked(tmp_path: Path) -> Checked:
    return check_folder(
        write_folder(
            tmp_path / "d",
            patients="patient_id,birth_year,sex,died_on\np1,1940,9,2025-02-01\np2,1950,,\nx,1,,\n",
            units="unit_id,level,municipality_code,kind\nward,hospital,9999,ward\n"
            "home,municipal,5501,moon\n",
            municipalities="code,name\n5501,Tromsø\n",
            contacts=contacts(
                "a,p1,ward,,overnight,2025-01-01,2025-01-20,1",
                "b,p1,ward,,overnight,2025-01-19,2025-01-21,7",
                "c,p1,ward,,overnight,2025-01-21,2025-01-22,",
                "lives,p1,home,,overnight,2025-01-01,2025-01-30,",
                "d,p1,ward,,overnight,2025-02-02,2025-02-03,1",
                "e,p1,ward,,overnight,2025-02-03T00:00,,1",
                "f,nobody,ward,,overnight,2025-02-04,2025-02-05,1",
                "g,p2,ward,,overnight,2025-02-30,,1",
                "a,p1,ward,,overnight,2025-01-01,2025-01-20,1",
            ),
        )
    )


def test_counts_by_month(tmp_path: Path) -> None:
    contacts_of = _of(_rows(_checked(tmp_path)), "contacts")
    assert list(contacts_of) == [None, "2025-01", "2025-02"]
    january, february, undated = (contacts_of[m] for m in ("2025-01", "2025-02", None))
    assert (january["read"], january["accepted"]) == (5, 4)
    assert january["refused"] == {"exact_duplicate": 1}
    # The resident's home is no hospital stay; a start at the very end of another is no overlap.
    assert january["overlapping"] == 1
    assert january["missing"]["urgency"] == 2
    assert "ended_at" not in january["missing"]
    assert "open_ended" not in january
    assert (february["read"], february["accepted"]) == (3, 2)
    assert february["refused"] == {"dangling_reference": 1}
    assert february["open_ended"] == 1
    # A day of grace after the death on 1 February: the contact of the 3rd is counted.
    assert february["after_death"] == 1
    assert undated == {
        "source": "tables",
        "table": "contacts",
        "month": None,
        "read": 1,
        "accepted": 0,
        "refused": {"not_a_time": 1},
    }


def test_codes_orphans_and_tables_without_a_date(tmp_path: Path) -> None:
    rows = _rows(_checked(tmp_path))
    (units,) = _of(rows, "units").values()
    assert units["orphaned"] == {"municipality_code": 1}
    assert units["unknown_codes"] == {"kind": 1}
    (patients,) = _of(rows, "patients").values()
    assert (patients["month"], patients["read"], patients["accepted"]) == (None, 3, 2)
    assert patients["refused"] == {"out_of_bounds": 1}
    assert patients["unknown_codes"] == {"sex": 1}
    assert patients["missing"] == {"sex": 1, "died_on": 1}


def test_sums_equal_the_check_s_report(tmp_path: Path) -> None:
    checked = _checked(tmp_path)
    rows = _rows(checked)
    for table, (read, accepted, refused) in totals(checked.report).items():
        own = list(_of(rows, table).values())
        assert sum(row["read"] for row in own) == read
        assert sum(row["accepted"] for row in own) == accepted
        assert sum(sum(row.get("refused", {}).values()) for row in own) == refused
    assert {row["table"] for row in rows} == set(checked.report.tables)


def test_rows_can_be_written_as_json_and_hold_no_value(tmp_path: Path) -> None:
    text = json.dumps(_rows(_checked(tmp_path)))
    assert json.loads(text) == _rows(_checked(tmp_path))
    for value in ("p1", "nobody", "9999", "moon", "Tromsø"):
        assert f'"{value}"' not in text


def test_frame_is_long(tmp_path: Path) -> None:
    rows = _rows(_checked(tmp_path))
    frame = quality_frame(rows)
    assert list(frame.columns) == ["source", "table", "month", "count", "detail", "n"]
    assert set(frame["count"]) <= set(QUALITY_COUNTS)
    january = frame[(frame.table == "contacts") & (frame.month == "2025-01")]
    refused = january[january["count"] == "refused"]
    assert refused[["detail", "n"]].to_numpy().tolist() == [["exact_duplicate", 1]]
    assert quality_frame([]).empty
