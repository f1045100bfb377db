"""A small generated region: two years of contacts of people who do not exist.

It is for the demonstration where no open data lie beside the checkout. Its numbers are plausible
and nothing more; no share or rate in it says anything about a real service.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pathgraph.errors import StorageError, UsageError

__all__ = ["write_small_region"]

_FIRST_DAY = np.datetime64("2024-01-01T00:00:00")
_END = np.datetime64("2026-01-01T00:00:00")
_PERIOD_S = int((_END - _FIRST_DAY) / np.timedelta64(1, "s"))
_DAY_S = 86_400

_MUNICIPALITIES = (
    ("9901", "Nordvik", 21_000),
    ("9902", "Fjellnes", 9_500),
    ("9903", "Elvebukt", 4_800),
    ("9904", "Havøya", 2_100),
    ("9905", "Innset", 1_100),
)
_WARDS = ("ward-medicine", "ward-heart", "ward-lung", "ward-surgery", "ward-orthopaedics")
_UNITS = (
    ("trust", "Region trust", "trust", "hospital", None, None),
    ("hospital", "Nordvik hospital", "hospital", "hospital", "trust", "9901"),
    ("clinic-medicine", "Medical clinic", "clinic", "hospital", "hospital", "9901"),
    ("clinic-surgery", "Surgical clinic", "clinic", "hospital", "hospital", "9901"),
    ("ward-medicine", "General medicine", "ward", "hospital", "clinic-medicine", "9901"),
    ("ward-heart", "Heart ward", "ward", "hospital", "clinic-medicine", "9901"),
    ("ward-lung", "Lung ward", "ward", "hospital", "clinic-medicine", "9901"),
    ("ward-surgery", "General surgery", "ward", "hospital", "clinic-surgery", "9901"),
    ("ward-orthopaedics", "Orthopaedics", "ward", "hospital", "clinic-surgery", "9901"),
)


@dataclass(frozen=True, slots=True)
class _Admissions:
    """Admissions of all patients in order of patient and start; times in s since the first day."""

    patient: np.ndarray
    start: np.ndarray
    end: np.ndarray
    is_acute: np.ndarray


def write_small_region(folder: Path, *, patients: int, seed: int) -> None:
    """Write the canonical tables of a small region as Parquet files with a ``dataset.yaml``.

    The same ``patients`` and ``seed`` give the same rows.

    Parameters
    ----------
    folder
        Is made where it does not exist.
    patients
        Number of people, at least 1.

    Raises
    ------
    UsageError
        When ``patients`` is less than 1.
    StorageError
        When the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_small_region(Path(folder), patients=50, seed=1)
    ...     pq.read_table(Path(folder) / "patients.parquet").num_rows
    50
    """
    if patients < 1:
        raise UsageError("A region needs at least one patient. Give --patients 1 or more.")
    random = np.random.default_rng(seed)
    people = _people(random, patients)
    admissions = _admissions(random, people["frailty"].to_numpy())
    contacts = pd.concat(
        [
            _hospital_contacts(random, admissions),
            _practice_contacts(random, people),
            _home_care_contacts(random, people, admissions),
        ],
        ignore_index=True,
    )
    tables = {
        "patients": people[["patient_id", "birth_year", "sex"]],
        "residences": people[["patient_id", "municipality_code"]].assign(valid_from="2023-01-01"),
        "municipalities": pd.DataFrame(
            _MUNICIPALITIES, columns=["municipality_code", "name", "population"]
        ),
        "units": _units(),
        "contacts": contacts,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in tables.items():
            table = pa.Table.from_pandas(frame, preserve_index=False)
            pq.write_table(table, folder / f"{name}.parquet")
        (folder / "dataset.yaml").write_text(
            "timezone: Europe/Oslo\npseudonymous: true\n", encoding="utf-8"
        )
    except OSError as error:
        raise StorageError(
            f"The generated region could not be written to {folder}: {error.strerror}. "
            "Free space there, or choose another folder."
        ) from None


def _people(random: np.random.Generator, n: int) -> pd.DataFrame:
    population = np.array([row[2] for row in _MUNICIPALITIES], dtype=float)
    codes = np.array([row[0] for row in _MUNICIPALITIES])
    age = np.clip(random.gamma(9.0, 6.5, n), 0, 101).astype(int)
    return pd.DataFrame(
        {
            "patient_id": [f"p{number:07d}" for number in range(1, n + 1)],
            "birth_year": 2024 - age,
            "sex": random.choice(["female", "male"], n),
            "municipality_code": random.choice(codes, n, p=population / population.sum()),
            # Few people have most admissions: a long-tailed rate that rises with age.
            "frailty": random.gamma(0.35, 1.0, n) * (0.4 + age / 60),
        }
    )


def _admissions(random: np.random.Generator, frailty: np.ndarray) -> _Admissions:
    patient = np.repeat(np.arange(len(frailty)), random.poisson(1.6 * frailty))
    start = random.integers(0, _PERIOD_S, len(patient))
    # About one in five is followed by a return within weeks.
    returns = random.random(len(patient)) < 0.2
    away_days = 3 + random.exponential(18.0, int(returns.sum()))
    back = start[returns] + (_DAY_S * away_days).astype(int)
    patient = np.concatenate([patient, patient[returns]])
    start = np.concatenate([start, back])
    length = (_DAY_S * random.lognormal(0.9, 0.9, len(patient))).astype(int) + 4 * 3600
    order = np.lexsort((start, patient))
    frame = pd.DataFrame({"patient": patient, "start": start, "length": length}).iloc[order]
    frame["end"] = frame["start"] + frame["length"]
    # Nobody is admitted while in hospital: what begins before an earlier one ended is left out.
    reached = frame.groupby("patient")["end"].cummax().groupby(frame["patient"]).shift()
    frame = frame[(frame["start"] < _PERIOD_S) & ~(frame["start"] < reached + 3600)]
    return _Admissions(
        frame["patient"].to_numpy(),
        frame["start"].to_numpy(),
        frame["end"].to_numpy(),
        random.random(len(frame)) < 0.72,
    )


def _hospital_contacts(random: np.random.Generator, admissions: _Admissions) -> pd.DataFrame:
    n = len(admissions.patient)
    n_wards = 1 + random.binomial(2, 0.25, n)
    ids = np.array([f"a{number:08d}" for number in range(1, n + 1)], dtype=object)
    whole = pd.DataFrame(
        {
            "contact_id": ids,
            "patient": admissions.patient,
            "unit_id": "hospital",
            "kind": "admission",
            "care_level": "overnight",
            "start": admissions.start,
            "end": admissions.end,
            "urgency": np.where(admissions.is_acute, "1", "4"),
        }
    )
    of = np.repeat(np.arange(n), n_wards)
    place = np.concatenate([np.arange(count) for count in n_wards]) if n else np.array([], int)
    length = (admissions.end - admissions.start)[of]
    part = length // np.maximum(n_wards[of], 1)
    last = place == n_wards[of] - 1
    start = admissions.start[of] + place * part
    wards = pd.DataFrame(
        {
            "contact_id": [f"{ids[i]}-{j + 1}" for i, j in zip(of, place, strict=True)],
            "patient": admissions.patient[of],
            "unit_id": np.array(_WARDS, dtype=object)[
                (random.integers(0, len(_WARDS), n)[of] + place) % len(_WARDS)
            ],
            "parent_contact_id": ids[of],
            "kind": "ward stay",
            "start": start,
            "end": np.where(last, admissions.end[of], start + part),
        }
    )
    return _as_contacts(pd.concat([whole, wards], ignore_index=True))


def _practice_contacts(random: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    n_visits = random.poisson(4 + 3 * people["frailty"].to_numpy())
    patient = np.repeat(np.arange(len(people)), n_visits)
    start = random.integers(0, _PERIOD_S // _DAY_S, len(patient)) * _DAY_S + random.integers(
        8 * 3600, 15 * 3600, len(patient)
    )
    codes = people["municipality_code"].to_numpy()[patient]
    return _as_contacts(
        pd.DataFrame(
            {
                "contact_id": [f"g{number:08d}" for number in range(1, len(patient) + 1)],
                "patient": patient,
                "unit_id": [f"gp-{code}" for code in codes],
                "kind": "consultation",
                "care_level": "outpatient",
                "start": start,
                "end": start + 1200,
            }
        )
    )


def _home_care_contacts(
    random: np.random.Generator, people: pd.DataFrame, admissions: _Admissions
) -> pd.DataFrame:
    follows = random.random(len(admissions.patient)) < 0.3
    patient = admissions.patient[follows]
    start = admissions.end[follows] + random.integers(0, 10, len(patient)) * _DAY_S
    codes = people["municipality_code"].to_numpy()[patient]
    return _as_contacts(
        pd.DataFrame(
            {
                "contact_id": [f"h{number:08d}" for number in range(1, len(patient) + 1)],
                "patient": patient,
                "unit_id": [f"home-care-{code}" for code in codes],
                "kind": "home care",
                "care_level": "outpatient",
                "start": start,
                "end": start + random.integers(1, 60, len(patient)) * _DAY_S,
            }
        )
    )


def _as_contacts(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of the canonical table; what ends after the period is still open."""
    frame = frame[frame["start"] < _PERIOD_S]
    started = _FIRST_DAY + frame["start"].to_numpy().astype("timedelta64[s]")
    ended = _FIRST_DAY + frame["end"].to_numpy().astype("timedelta64[s]")
    texts = pd.Series(np.datetime_as_string(ended, unit="s"), index=frame.index, dtype=object)
    contacts = pd.DataFrame(
        {
            "contact_id": frame["contact_id"],
            "patient_id": [f"p{number + 1:07d}" for number in frame["patient"]],
            "started_at": np.datetime_as_string(started, unit="s"),
            "ended_at": texts.where(ended < _END, None),
        },
        index=frame.index,
    )
    for column in ("unit_id", "parent_contact_id", "kind", "care_level", "urgency"):
        given = frame[column] if column in frame else pd.Series(None, index=frame.index)
        contacts[column] = given.astype(object).where(given.notna(), None)
    return contacts


def _units() -> pd.DataFrame:
    rows = list(_UNITS)
    for code, name, _ in _MUNICIPALITIES:
        rows.append((f"gp-{code}", f"{name} GP practice", "gp_practice", "gp", None, code))
        rows.append(
            (f"home-care-{code}", f"{name} home care", "municipal_service", "municipal", None, code)
        )
    columns = ["unit_id", "name", "kind", "level", "parent_unit_id", "municipality_code"]
    return pd.DataFrame(rows, columns=columns)
