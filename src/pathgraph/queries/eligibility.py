"""What the findings on referrals to the team share: stays, contacts, scores, referrals, residences.

The definitions are those of ``docs/definitions.md#eligible-for-the-team``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.analysis.eligibility import Criteria
from pathgraph.analysis.organisation import clinics_of, departments_of
from pathgraph.analysis.residence import lived_in
from pathgraph.analysis.ties import shown_units
from pathgraph.queries.frame import frame_of, rows_of
from pathgraph.queries.parts import stays_as_known
from pathgraph.queries.run import Context
from pathgraph.queries.spec import Value
from pathgraph.sentence import sentence

__all__ = [
    "COLUMN_OF",
    "CRITERIA_PARAMETERS",
    "ELIGIBLE",
    "SPECIALIST",
    "Organisation",
    "Patients",
    "above_units",
    "asked_both_kinds",
    "asked_criteria",
    "asked_organisation",
    "asked_referrals",
    "asked_scores",
    "counted_patients",
    "covered_codes",
    "in_hospital",
    "local_times",
    "municipality_names",
    "named_values",
    "referred_patients",
    "residence_on",
    "residents_on",
    "with_places",
    "with_texts",
]

SPECIALIST = ("hospital", "psychiatry")

CRITERIA_PARAMETERS = ("older_age", "older_stays", "any_age_stays", "both_kinds", "within_days")
"""Parameters that say what makes a patient eligible."""

ELIGIBLE = (
    "period_days", *CRITERIA_PARAMETERS, "score_need", "refer_within_days", "refusal_days",
    "episode_days", "teams", "municipalities",
)  # fmt: skip
"""Parameters that say who may need the team, shared with the finding eligible_patients."""

COLUMN_OF = {
    "department": "department", "clinic": "clinic", "hospital": "hospital",
    "municipality": "municipality_code",
}  # fmt: skip
"""Column of the patients by what they may be divided by."""

_LEVELS = ("department", "clinic", "hospital")
_PERSON = ("patient_id", "birth_year", "sex", "died_day")
_REFERRAL_TIMES = ("sent_s", "assessed_s", "first_meeting_s", "closed_s")


@dataclass(frozen=True, slots=True)
class Organisation:
    """Names, departments, clinics and hospitals of units.

    Attributes
    ----------
    clinics, hospitals
        Of each unit the nearest one at or above it; the unit itself, or the topmost one, where
        there is none.
    departments
        Of each unit the one within its clinic; the unit itself where there is none.
    """

    names: dict[str, str]
    levels: dict[str, str]
    clinics: dict[str, str]
    hospitals: dict[str, str]
    departments: dict[str, str]

    def described(self, units: pd.Series[str]) -> dict[str, pd.Series[str]]:
        """Return columns with the units, the clinics that they are part of, and their names."""
        unit = units.astype("object")
        clinic = unit.map(self.clinics)
        return {
            "unit": unit,
            "unit_name": unit.map(self.names),
            "clinic": clinic,
            "clinic_name": clinic.map(self.names),
        }


def asked_organisation(context: Context) -> Organisation:
    """Return the organisation; the finding names the part ``named_units``."""
    units = frame_of(context.query("named_units")).drop_duplicates("unit_id", ignore_index=True)
    named = units[units["name"].notna()]
    return Organisation(
        names=dict(zip(named["unit_id"], named["name"], strict=True)),
        levels=dict(zip(units["unit_id"], units["level"], strict=True)),
        clinics=clinics_of(units),
        hospitals=shown_units(units, "hospital"),
        departments=departments_of(units),
    )


def named_values(
    units: pd.Series[str], municipalities: pd.DataFrame, organisation: Organisation
) -> dict[str, pd.Series[str]]:
    """Return the columns ``by_value`` and ``name`` of units or municipalities."""
    names = dict(zip(municipalities["municipality_code"], municipalities["name"], strict=True))
    names |= organisation.names
    value = units.astype("object")
    value = value.where(value.notna(), None)
    labels = [names.get(one) for one in value]
    labels = [one if isinstance(one, str) else None for one in labels]
    return {"by_value": value, "name": pd.Series(labels, units.index, dtype="object")}


def with_places(patients: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """Return the patients with their ``department`` and ``hospital``, that of their ``clinic``.

    So each department is part of one clinic, and each clinic of one hospital: a hospital below a
    clinic divides nothing.
    """
    return patients.assign(
        department=patients["unit"].map(organisation.departments),
        hospital=patients["clinic"].map(organisation.hospitals),
    )


def above_units(
    units: pd.Series[str], by: str, patients: pd.DataFrame, organisation: Organisation
) -> dict[str, pd.Series[str]]:
    """Return what the units are part of, and how many departments with patients they have.

    Parameters
    ----------
    by
        What the units are: ``department``, ``clinic`` or ``hospital``; of anything else nothing is
        returned but missing values.
    patients
        As :func:`with_places` returns them.
    """
    none = pd.Series(None, units.index, dtype="object")
    unit = units.astype("object")
    clinic = unit.map(organisation.clinics) if by == "department" else none
    hospital = {"department": clinic, "clinic": unit}.get(by, none).map(organisation.hospitals)
    counted = patients.groupby(by if by in _LEVELS else "department")["department"].nunique()
    columns = {
        "clinic": clinic,
        "clinic_name": clinic.map(organisation.names),
        "hospital": hospital,
        "hospital_name": hospital.map(organisation.names),
    }
    frame = with_texts(pd.DataFrame(columns), list(columns))
    return {**frame, "n_departments": unit.map(counted).astype("Int64")}


class Patients:
    """Numbers for patients' ids: numbers are compared and sorted quicker than texts."""

    def __init__(self, *tables: pa.Table) -> None:
        parts = [table.select(_PERSON) for table in tables]
        people = [
            frame_of(part, integers=("birth_year", "died_day")).drop_duplicates("patient_id")
            for part in parts
        ]
        self.people = pd.concat(people, ignore_index=True).drop_duplicates(
            "patient_id", ignore_index=True
        )
        self._ids = pd.Index(self.people["patient_id"])

    def numbers(self, ids: pd.Series[str]) -> np.ndarray:
        """Return the number of each id; -1 for one that is not known."""
        return np.asarray(self._ids.get_indexer(pd.Index(ids)), dtype=np.int64)


def asked_criteria(context: Context, names: Collection[str]) -> Criteria:
    """Return the criteria as the finding's parameters of the same names say."""
    # The header declares their types, which a mapping of values cannot carry.
    return Criteria(**{name: context.parameters[name] for name in names})  # type: ignore[arg-type]


def counted_patients(context: Context, parameters: Mapping[str, Value]) -> pd.DataFrame:
    """Return the rows of the finding ``eligible_patients`` that count; parameters are its own."""
    found = context.run("eligible_patients", parameters)
    return frame_of(found.filter(pc.equal(found.column("status"), "counted")))


def referred_patients(context: Context, parameters: Mapping[str, Value]) -> pd.DataFrame:
    """Return the patients of ``eligible_patients`` who were referred, whether their time is over.

    Those count who would count once the time for a referral is over: they have been referred.
    """
    found = frame_of(context.run("eligible_patients", parameters))
    is_referred = found["referral_id"].notna() & found["status"].isin(["counted", "not_over"])
    return found[is_referred.to_numpy(dtype=bool)]


def in_hospital(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return the stays that go on, with the unit where the patient is.

    The finding names the part ``stays_under_way``.

    Parameters
    ----------
    table
        Stays without an end before the end of the day: ``stay_id``, ``ended_s``, ``ended_dead`` and
        whatever else is to be known of them.
    """
    stays = stays_as_known(
        frame_of(table, integers=("ended_s",)).assign(unit_id=None, unit_name=None), context
    )
    return stays[stays["ended_s"].isna()].reset_index(drop=True)


def asked_both_kinds(context: Context, patients: Patients) -> pd.DataFrame:
    """Return from when on patients had been in both kinds of care, where that counts.

    The finding names the part ``both_kinds_in_stays``.

    Returns
    -------
    ``patient`` (number), ``at_s``, ``since_s`` [s].
    """
    table = context.query("both_kinds_in_stays")
    numbers = patients.numbers(table.column("patient_id").to_pandas())
    times = {name: table.column(name).cast(pa.int64()).to_numpy() for name in ("at_s", "since_s")}
    # Those without a stay that the finding knows cannot be eligible in one.
    is_asked = (numbers >= 0) & bool(context.parameters["both_kinds"])
    return pd.DataFrame({"patient": numbers, **times})[is_asked].reset_index(drop=True)


def asked_scores(context: Context, table: pa.Table | None, patients: Patients) -> pd.DataFrame:
    """Return since when a score says so: ``patient``, ``at_s`` [s, local midnight]."""
    if table is None or table.num_rows == 0:
        return pd.DataFrame({"patient": np.array([], np.int64), "at_s": np.array([], np.int64)})
    days = pd.to_datetime(table.column("assessed_day").to_pandas(), unit="D")
    local = days.dt.tz_localize(_zone(context), nonexistent="shift_forward", ambiguous=True)
    return pd.DataFrame(
        {
            "patient": patients.numbers(table.column("patient_id").to_pandas()),
            "at_s": local.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[s]")
            .astype(np.int64),
        }
    )  # fmt: skip


def asked_referrals(
    context: Context, patients: Patients, organisation: Organisation
) -> pd.DataFrame:
    """Return the referrals to the team; the finding names the part ``team_referrals``.

    Returns
    -------
    ``patient`` (number; -1 where the patient is not among them) and the columns of the part, with
    ``from_clinic`` where the sender is of the specialist level. What was not known on the day is
    null.
    """
    referrals = frame_of(context.query("team_referrals"), integers=_REFERRAL_TIMES)
    referrals["patient"] = patients.numbers(referrals["patient_id"])
    for name in ("assessed_s", "first_meeting_s", "closed_s"):
        is_known = referrals[name].lt(context.as_of_s).fillna(False).to_numpy(dtype=bool)
        referrals[name] = referrals[name].where(is_known).astype("Float64").astype("float64")
    referrals["sent_s"] = referrals["sent_s"].astype("int64")
    referrals["outcome"] = referrals["outcome"].where(referrals["assessed_s"].notna())
    is_specialist = referrals["from_level"].isin(SPECIALIST)
    referrals["from_clinic"] = (
        referrals["from_unit"].map(organisation.clinics).astype("object").where(is_specialist)
    )
    return referrals


def covered_codes(context: Context, chosen: Value) -> frozenset[str] | None:
    """Return whose residents count; ``None`` for everybody's.

    The finding names the part ``served_municipalities``.
    """
    codes = _texts(chosen)
    if codes != ("served",):
        return frozenset(codes)
    served = context.query("served_municipalities").column("municipality_code").to_pylist()
    if not served:
        context.notes.append(
            sentence(
                "No catchment of a hospital was loaded, so nobody is left out for living elsewhere."
            )
        )
        return None
    return frozenset(served)


def residence_on(context: Context, asked: pd.DataFrame) -> pd.Series[str] | None:
    """Return where patients lived on a day; ``None`` where residences were not loaded.

    The finding names the part ``residences_over_time``.
    """
    if "residences" not in context.load.get("tables", ()):
        context.notes.append(
            sentence("Residences were not loaded, so nobody is left out for living elsewhere.")
        )
        return None
    table = rows_of(
        context.query("residences_over_time"), "patient_id", asked["patient_id"].unique()
    )
    return lived_in(asked, frame_of(table, integers=("valid_from_day", "valid_to_day")))


def residents_on(
    context: Context, asked: pd.DataFrame, municipalities: Value
) -> tuple[pd.Series[str], np.ndarray]:
    """Return where patients lived on a day, and whether its residents count.

    Parameters
    ----------
    asked
        ``patient_id``, ``day`` [d].
    municipalities
        Numbers, or ``served``: see :func:`covered_codes`.
    """
    lives_in = residence_on(context, asked)
    covered = None if lives_in is None else covered_codes(context, municipalities)
    if lives_in is None:
        lives_in = pd.Series(None, asked.index, dtype="object")
    if covered is None:
        return lives_in, np.ones(len(asked), dtype=bool)
    return lives_in, lives_in.isin(covered).to_numpy(dtype=bool)


def municipality_names(context: Context) -> dict[str, str]:
    """Return the names by number; the finding names the part ``municipality_names``."""
    rows = context.query("municipality_names").to_pylist()
    return {row["municipality_code"]: row["name"] for row in rows if row["name"]}


def with_texts(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the frame with columns of texts that stay so where all of them are missing."""
    texts = {name: frame[name].astype("object") for name in names}
    return frame.assign(**{name: text.where(text.notna(), None) for name, text in texts.items()})


def local_times(context: Context, at_s: pd.Series[int]) -> pd.Series[pd.Timestamp]:
    """Return the local time of moments [s since 1970 UTC], without its zone."""
    return (
        pd.to_datetime(at_s, unit="s", utc=True).dt.tz_convert(_zone(context)).dt.tz_localize(None)
    )


def _zone(context: Context) -> str:
    return str(context.load.get("timezone") or "UTC")


def _texts(value: Value) -> tuple[str, ...]:
    return (
        tuple(str(item) for item in value)
        if isinstance(value, Collection) and not isinstance(value, str)
        else (str(value),)
    )
