"""The generated region: canonical tables that load without a refusal, the same every time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pathgraph.errors import StorageError, UsageError
from pathgraph.model.tables import canonical_table
from pathgraph.synth.small_region import write_small_region

TABLES = ("patients", "residences", "municipalities", "units", "contacts")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("region")
    write_small_region(folder, patients=500, seed=7)
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}


def test_the_same_seed_gives_the_same_rows(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    write_small_region(tmp_path / "again", patients=500, seed=7)
    write_small_region(tmp_path / "other", patients=500, seed=8)
    for name in TABLES:
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / "again" / f"{name}.parquet"), tables[name]
        )
    other = pd.read_parquet(tmp_path / "other" / "contacts.parquet")
    assert not other.equals(tables["contacts"])


def test_every_column_is_declared(tables: dict[str, pd.DataFrame]) -> None:
    for name, frame in tables.items():
        assert set(frame.columns) <= {column.name for column in canonical_table(name).columns}
        for column in canonical_table(name).columns:
            if column.required:
                assert frame[column.name].notna().all(), (name, column.name)


def test_keys_occur_once_and_references_hold(tables: dict[str, pd.DataFrame]) -> None:
    contacts = tables["contacts"]
    assert contacts["contact_id"].is_unique
    assert set(contacts["patient_id"]) <= set(tables["patients"]["patient_id"])
    assert set(contacts["unit_id"]) <= set(tables["units"]["unit_id"])
    assert set(contacts["parent_contact_id"].dropna()) <= set(contacts["contact_id"])
    units = tables["units"]
    assert set(units["parent_unit_id"].dropna()) <= set(units["unit_id"])
    assert set(units["municipality_code"].dropna()) <= set(
        tables["municipalities"]["municipality_code"]
    )


def test_nobody_is_admitted_while_in_hospital(tables: dict[str, pd.DataFrame]) -> None:
    contacts = tables["contacts"]
    stays = contacts[contacts["care_level"] == "overnight"].sort_values(
        ["patient_id", "started_at"]
    )
    before = stays.groupby("patient_id")["ended_at"].shift()
    assert (before.isna() | (before <= stays["started_at"])).all()
    # Only a patient's last stay may still be open.
    is_last = ~stays.duplicated("patient_id", keep="last")
    assert stays.loc[~is_last, "ended_at"].notna().all()


def test_times_lie_in_the_two_years(tables: dict[str, pd.DataFrame]) -> None:
    contacts = tables["contacts"]
    assert contacts["started_at"].between("2024-01-01", "2026-01-01").all()
    ended = contacts["ended_at"].dropna()
    assert (ended < "2026-01-01").all()
    assert (ended >= contacts.loc[ended.index, "started_at"]).all()


def test_there_is_something_to_find(tables: dict[str, pd.DataFrame]) -> None:
    contacts = tables["contacts"]
    assert contacts["parent_contact_id"].notna().any()
    assert set(tables["units"]["level"]) == {"hospital", "gp", "municipal"}
    per_patient = contacts[contacts["urgency"] == "1"].groupby("patient_id").size()
    assert (per_patient >= 3).sum() >= 10


def test_one_patient_is_enough_and_none_is_refused(tmp_path: Path) -> None:
    write_small_region(tmp_path, patients=1, seed=1)
    assert len(pd.read_parquet(tmp_path / "patients.parquet")) == 1
    with pytest.raises(UsageError, match="at least one patient"):
        write_small_region(tmp_path, patients=0, seed=1)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="could not be written"):
        write_small_region(tmp_path / "file" / "folder", patients=1, seed=1)
