"""How a generated region compares with published figures; what has none says so.

Counted on what was drawn, not by asking the findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region

__all__ = ["NO_FIGURE", "Measure", "calibrate", "tally"]

NO_FIGURE = "no published figure"

_REPORT = "the report that pathgraph follows"
_MONTH_S = 30 * 86_400
_HOURS_8_S = 8 * 3600
_POPULATION = 194_580
_DOOR = 3
_OLD = 67


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the calibration.

    Attributes
    ----------
    published
        As its source prints it; :data:`NO_FIGURE` where there is none.
    generated
        The same in the region; ``None`` where it holds nothing to count.
    """

    measure: str
    unit: str
    published: str
    generated: float | None
    source: str


def tally(
    region: Region, lives: Lives, tables: Mapping[str, pa.Table], period: Period
) -> Counter[str]:
    """Return the counts of one block that :func:`calibrate` divides; they add up over blocks."""
    counts: Counter[str] = Counter()
    counts["contacts"] = tables["contacts"].num_rows
    counts["inside"] = int((lives.municipality < region.municipalities.n_trust).sum())
    _count_doors(counts, lives, period)
    _count_readmissions(counts, lives, tables, period)
    _count_waits(counts, lives, tables, period)
    _count_referrals(counts, region, lives, tables, period)
    return counts


def _count_doors(counts: Counter[str], lives: Lives, period: Period) -> None:
    """Count, for each calendar year, patients with acute stays, and those with three or more."""
    stays = lives.stays
    year = period.years_of(stays.start_day)
    for one in np.unique(year[stays.is_acute]):
        n = np.bincount(stays.patient[stays.is_acute & (year == one)])
        counts["acute patients"] += int((n > 0).sum())
        counts["acute stays"] += int(n.sum())
        counts["door patients"] += int((n >= _DOOR).sum())
        counts["door stays"] += int(n[n >= _DOOR].sum())


def _count_readmissions(
    counts: Counter[str], lives: Lives, tables: Mapping[str, pa.Table], period: Period
) -> None:
    stays = lives.stays
    n = len(stays.patient)
    gap = np.full(n, _MONTH_S + 1)
    same = np.flatnonzero(stays.patient[1:] == stays.patient[:-1])
    gap[same] = stays.start_s[same + 1] - stays.end_s[same]
    back = np.zeros(n, dtype=bool)
    back[:-1] = stays.is_acute[1:] & (gap[:-1] >= _HOURS_8_S) & (gap[:-1] <= _MONTH_S)
    index = (stays.end_s != NEVER) & ~stays.ended_dead & (stays.end_s <= period.end_s - _MONTH_S)
    age = period.years_of(stays.start_day) - lives.birth_year[stays.patient]
    index &= (age >= _OLD) & ~lives.is_drawn[stays.patient]
    copd = index & _with_code(lives, tables["diagnoses"], "J44")
    for name, which in (("old", index), ("copd", copd)):
        counts[f"{name} index"] += int(which.sum())
        counts[f"{name} back"] += int((which & back).sum())
    length = stays.end_s[index] - stays.start_s[index]
    counts["old hours"] += int(length.sum()) // 3600


def _with_code(lives: Lives, diagnoses: pa.Table, prefix: str) -> np.ndarray:
    """Say which stays' first contact has a main diagnosis that begins like that."""
    main = diagnoses.filter(
        pc.and_(pc.equal(diagnoses["rank"], 1), pc.starts_with(diagnoses["code"], prefix))
    )
    ids = lives.contact_ids(lives.stays.first_contact)
    found = pc.is_in(ids, value_set=main["contact_id"].combine_chunks()).to_numpy(
        zero_copy_only=False
    )
    return np.asarray(found)


def _count_waits(
    counts: Counter[str], lives: Lives, tables: Mapping[str, pa.Table], period: Period
) -> None:
    """Days ready for discharge within the last year, of those of 67 and older in hospital in it."""
    stays = lives.stays
    since_s = period.end_s - 365 * 86_400
    age = period.years_of(stays.start_day) - lives.birth_year[stays.patient]
    recent = stays.is_acute & (stays.start_s >= since_s) & (age >= _OLD)
    who = np.unique(stays.patient[recent])
    waits = tables["ready_periods"]
    started = pc.fill_null(waits["ready_at"].cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    ended = pc.fill_null(waits["ended_at"].cast(pa.int64()), period.end_s)
    contact = pc.index_in(
        waits["contact_id"], value_set=tables["contacts"]["contact_id"].combine_chunks()
    )
    patients = pc.index_in(
        tables["contacts"]["patient_id"].take(contact),
        value_set=lives.patient_ids(np.arange(len(lives))),
    ).to_numpy(zero_copy_only=False)
    inside = started >= since_s
    seconds = np.zeros(len(lives), dtype=np.int64)
    np.add.at(
        seconds,
        patients[inside].astype(np.int64),
        (ended.to_numpy(zero_copy_only=False) - started)[inside],
    )
    counts["waiters"] += len(who)
    counts["wait hours"] += int(seconds[who].sum()) // 3600
    counts["without wait"] += int((seconds[who] == 0).sum())


def _count_referrals(
    counts: Counter[str],
    region: Region,
    lives: Lives,
    tables: Mapping[str, pa.Table],
    period: Period,
) -> None:
    """Count referrals to teams in the last year, except those of the lives written by hand."""
    by_hand = lives.patient_ids(np.flatnonzero(lives.is_drawn))
    teams = region.unit_ids(region.units_of(kind="team"))
    referrals = tables["referrals"]
    sent = referrals["sent_at"].cast(pa.int64())
    year_ago = period.end_s - 365 * 86_400
    fits = pc.and_(
        pc.is_in(referrals["to_unit_id"], value_set=teams), pc.greater_equal(sent, year_ago)
    )
    fits = pc.and_(fits, pc.invert(pc.is_in(referrals["patient_id"], value_set=by_hand)))
    referrals = referrals.filter(fits)
    counts["team referrals"] += referrals.num_rows
    senders = referrals["from_unit_id"].combine_chunks()
    trust = region.unit("trust")
    own = region.unit_ids(np.flatnonzero(region.trust_of == trust))
    gps = region.unit_ids(region.units_of(kind="gp_practice"))
    own_sent = pc.is_in(senders, value_set=own)
    missing = pc.and_(pc.is_null(senders), pc.is_null(referrals["referrer_type"].combine_chunks()))
    counts["from trust"] += pc.sum(own_sent).as_py() or 0
    counts["from gps"] += pc.sum(pc.is_in(senders, value_set=gps)).as_py() or 0
    counts["from nobody"] += pc.sum(missing).as_py() or 0


def calibrate(counts: Mapping[str, int], patients: int, years: int) -> tuple[Measure, ...]:
    """Return the lines of the calibration, from the counts of all blocks.

    Examples
    --------
    >>> calibrate({"contacts": 42}, 2, 3)[0].generated
    21.0
    """
    known = Counter(counts)
    known["known referrers"] = known["team referrals"] - known["from nobody"]
    known["patients"], known["person-years"] = patients, patients * years
    return (*_on_stays(known, years), *_on_waits_and_referrals(known))


def _share(counts: Mapping[str, int], part: str, whole: str, factor: float = 1.0) -> float | None:
    total = counts.get(whole, 0)
    return round(factor * counts.get(part, 0) / total, 4) if total else None


def _on_stays(counts: Mapping[str, int], years: int) -> tuple[Measure, ...]:
    fhi = "FHI, 2019: more than 13,000 of 81,416 stays in 11 groups of diagnoses"
    door = "doi 10.1097/NMD.0000000000000540, psychiatric patients"
    return (
        Measure(f"Contacts per patient in {years} years", "contacts", NO_FIGURE,
                _share(counts, "contacts", "patients"), ""),
        Measure("Patients with 3 or more acute stays in a calendar year, of those with one",
                "share", "0.057", _share(counts, "door patients", "acute patients"), door),
        Measure("Their acute stays, of all acute stays", "share", "0.25",
                _share(counts, "door stays", "acute stays"), door),
        Measure("Acute stays per 1,000 persons and year", "stays", NO_FIGURE,
                _share(counts, "acute stays", "person-years", 1000), ""),
        Measure("Readmitted within 30 days, 67 and older, all diagnoses", "share", "0.16",
                _share(counts, "old back", "old index"), fhi),
        Measure("Readmitted within 30 days, 67 and older, COPD", "share", "0.294",
                _share(counts, "copd back", "copd index"), "FHI, 2019: asthma and COPD"),
        Measure("Length of stay, 67 and older", "days", NO_FIGURE,
                _share(counts, "old hours", "old index", 1 / 24), ""),
    )  # fmt: skip


def _on_waits_and_referrals(counts: Mapping[str, int]) -> tuple[Measure, ...]:
    psht = f"{_REPORT}, 2022"
    thoresen = f"{_REPORT}, annex 3: two groups aged 80 and 88 on average, year after a stay"
    return (
        Measure("Days ready for discharge in a year, 67 and older with an acute stay, mean",
                "days", "0.91 and 3.59", _share(counts, "wait hours", "waiters", 1 / 24), thoresen),
        Measure("Of them without such a day (the median is 0 where more than half are)", "share",
                "more than 0.5", _share(counts, "without wait", "waiters"), thoresen),
        Measure(f"Referrals to the teams in the last year, for {_POPULATION:,} inhabitants",
                "referrals", "870", _share(counts, "team referrals", "inside", _POPULATION), psht),
        Measure("Of these from the trust's own clinics, of those with a known referrer", "share",
                "about 2/3", _share(counts, "from trust", "known referrers"), psht),
        Measure("From GPs", "share", "0.11", _share(counts, "from gps", "known referrers"), psht),
        Measure("Without a referrer", "share", "0.055 (48 of 870)",
                _share(counts, "from nobody", "team referrals"), psht),
    )  # fmt: skip
