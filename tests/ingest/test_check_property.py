"""Whatever stands in the files: accepted + refused = read, and what is accepted holds together."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.tables_folder import Checked, check_folder, totals, write_folder, write_rows

_ID = st.sampled_from(["a", "b", "c", "d", "NA", "", " a"])
_TIME = st.sampled_from(
    [
        "",
        "2025-01-01",
        "2025-01-01T10:00",
        "2025-01-01 09:59:59",
        "2025-10-26T02:30:00",
        "2025-02-30",
        "tomorrow",
        "2180-01-01T00:00:00Z",
    ]
)
_LEVEL = st.sampled_from(["hospital", "psychiatry", "municipal", "", "moon"])
_CARE = st.sampled_from(["overnight", "outpatient", ""])

_HEADERS = {
    "patients": ("patient_id", "birth_year", "died_on"),
    "units": ("unit_id", "level", "parent_unit_id"),
    "contacts": (
        "contact_id",
        "patient_id",
        "unit_id",
        "parent_contact_id",
        "care_level",
        "started_at",
        "ended_at",
    ),
    "diagnoses": ("contact_id", "code", "system", "rank"),
    "roles": ("patient_id", "professional_id", "unit_id", "role", "valid_from", "valid_to"),
}
_ROWS = {
    "patients": st.tuples(_ID, st.sampled_from(["1950", "1950.5", "1700", ""]), _TIME),
    "units": st.tuples(_ID, _LEVEL, _ID),
    "contacts": st.tuples(_ID, _ID, _ID, _ID, _CARE, _TIME, _TIME),
    "diagnoses": st.tuples(_ID, _ID, st.just("ICD-10"), st.sampled_from(["1", "", "x"])),
    "roles": st.tuples(_ID, _ID, _ID, st.just("gp"), _TIME, _TIME),
}
# Longer or shorter than the header: malformed.
_ODD = st.lists(st.just("x"), min_size=9, max_size=9) | st.just(["x"])
_FILES = st.fixed_dictionaries(
    {
        name: st.lists(rows | _ODD if name == "contacts" else rows, max_size=14)
        for name, rows in _ROWS.items()
    }
)


def _count(checked: Checked, condition: str) -> int:
    row = checked.connection.execute(f"SELECT count(*) FROM {condition}").fetchone()
    assert row is not None
    return int(row[0])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_FILES)
def test_nothing_is_lost_and_nothing_dangles(files: dict[str, list[tuple[str, ...]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write_folder(Path(name))
        for table, rows in files.items():
            write_rows(folder / f"{table}.csv", _HEADERS[table], rows)
        checked = check_folder(folder)
    for table, (read, accepted, refused) in totals(checked.report).items():
        assert read == accepted + refused == len(files[table])
        places = [row[-1] for row in checked.refused(table)]
        places += [row[0] for row in checked.accepted(table, "source_row")]
        assert sorted(places) == list(range(2, read + 2))
    _check_what_was_accepted(checked)


def _check_what_was_accepted(checked: Checked) -> None:
    for table, column, target, key in (
        ("contacts", "patient_id", "patients", "patient_id"),
        ("contacts", "unit_id", "units", "unit_id"),
        ("contacts", "parent_contact_id", "contacts", "contact_id"),
        ("units", "parent_unit_id", "units", "unit_id"),
        ("diagnoses", "contact_id", "contacts", "contact_id"),
        ("roles", "patient_id", "patients", "patient_id"),
        ("roles", "unit_id", "units", "unit_id"),
        ("roles", "professional_id", "professionals", "professional_id"),
    ):
        assert not _count(
            checked,
            f"accepted_{table} WHERE {column} IS NOT NULL AND {column} NOT IN "
            f"(SELECT {key} FROM accepted_{target})",
        )
    for table, key in (
        ("patients", "patient_id"),
        ("contacts", "contact_id"),
        ("units", "unit_id"),
    ):
        assert not _count(
            checked, f"(SELECT 1 FROM accepted_{table} GROUP BY {key} HAVING count(*) > 1)"
        )
        assert not _count(checked, f"accepted_{table} WHERE {key} IS NULL")
    assert not _count(checked, "accepted_contacts WHERE ended_day < started_day")
    assert not _count(
        checked,
        "accepted_contacts WHERE started_has_time AND ended_has_time AND ended_s < started_s",
    )
    assert not _count(checked, "accepted_roles WHERE (professional_id IS NULL) = (unit_id IS NULL)")
    for table, key, parent in (
        ("contacts", "contact_id", "parent_contact_id"),
        ("units", "unit_id", "parent_unit_id"),
    ):
        parents = dict(checked.accepted(table, key, parent))
        for start in parents:
            seen, at = set(), start
            while at is not None:
                assert at not in seen
                seen.add(at)
                at = parents[at]
    assert not _count(
        checked,
        """accepted_contacts c JOIN accepted_units u ON u.unit_id = c.unit_id
           JOIN accepted_contacts d ON d.patient_id = c.patient_id
             AND d.parent_contact_id IS NOT DISTINCT FROM c.parent_contact_id
           JOIN accepted_units v ON v.unit_id = d.unit_id
           WHERE c.care_level = 'overnight' AND u.level IN ('hospital', 'psychiatry')
             AND d.care_level = 'overnight' AND v.level IN ('hospital', 'psychiatry')
             AND c.ended_at IS NULL
             AND (d.started_s, d.contact_id) > (c.started_s, c.contact_id)""",
    )
