"""Where people live and how old they are on a day, and how many there are of each.

The definitions are those of ``docs/definitions.md#where-patients-belong``.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["AGE_GROUPS", "age_groups", "latest_residences", "people_of"]

AGE_GROUPS: tuple[tuple[str, int], ...] = (
    ("0-17", 0),
    ("18-49", 18),
    ("50-66", 50),
    ("67-79", 67),
    ("80+", 80),
)
"""Age groups with their youngest age; own choice, 18 and 67 being the bounds of other findings."""


def age_groups(birth_years: pa.ChunkedArray, year: int) -> pa.ChunkedArray:
    """Return the group of the age reached in the year; null where the year of birth is not known.

    Examples
    --------
    >>> age_groups(pa.chunked_array([[2008, 2007, None]]), 2025).to_pylist()
    ['0-17', '18-49', None]
    """
    ages = pc.subtract(pa.scalar(year), birth_years.cast(pa.int64()))
    groups = pa.scalar(None, pa.string())
    for name, youngest in AGE_GROUPS:
        groups = pc.if_else(
            pc.fill_null(pc.greater_equal(ages, youngest), False), pa.scalar(name), groups
        )
    return groups


def latest_residences(residences: pa.Table) -> pa.Table:
    """Return one residence a patient: of several the latest begun, ties by the higher number.

    Parameters
    ----------
    residences
        ``patient_id``, ``municipality_code``, ``valid_from_day`` (null where not recorded): those
        that hold on the day.
    """
    if pc.count_distinct(residences.column("patient_id")).as_py() == residences.num_rows:
        return residences
    frame = residences.to_pandas()
    frame = frame.sort_values(["valid_from_day", "municipality_code"], na_position="first")
    frame = frame.drop_duplicates("patient_id", keep="last")
    return pa.Table.from_pandas(frame, schema=residences.schema, preserve_index=False)


def people_of(births: pa.Table, residences: pa.Table | None, year: int) -> pa.Table:
    """Return where each patient lives and their age group.

    Parameters
    ----------
    births
        ``patient_id``, ``birth_year``; one row a patient.
    residences
        As :func:`latest_residences` takes them; ``None`` where they were not loaded.

    Returns
    -------
    ``patient_id``, ``municipality`` and ``age_group``, null where not recorded.
    """
    patients = births.column("patient_id").combine_chunks()
    if residences is None:
        municipality = pa.nulls(len(patients), pa.string())
    else:
        latest = latest_residences(residences)
        places = pc.index_in(patients, latest.column("patient_id").combine_chunks())
        municipality = latest.column("municipality_code").combine_chunks().take(places)
    return pa.table(
        {
            "patient_id": patients,
            "municipality": municipality.cast(pa.string()),
            "age_group": age_groups(births.column("birth_year"), year),
        }
    )
