"""The report's totals and case forms, worked out anew: ``python -m examples.psht``.

The numbers are those of the report on the patient-centred teams (source 004 of
``docs/example-psht.md``); days, patients and units are made up to carry them. Nothing else is known
of these referrals, so nothing else can be asked of this graph.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import pathgraph
from pathgraph.analysis.proportions import wilson
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load

__all__ = ["case_forms", "possible_counts", "referral_answers", "write_tables"]

REFERRALS = {2019: 428, 2022: 870}
"""Referrals to the teams (004, 'Økt kapasitet'); the same report has 871 in 'Bedre kost/nytte'."""

WITHOUT_REFERRER = 870 - 822
"""822 had a known referrer in 2022 (004, footnote 5, figure 7)."""

SENDERS = {"own": 548, "gp": 90, "others": 184}
"""Of 822 in 2022: about 2/3 from the trust, 11 % from GPs (004, figure 7); the rest are others."""

CAPACITY_PER_YEAR, CONSULTATIONS = 1500, 1920
"""Lower target of the plan of 2021, and consultations with refund in 2022 (004)."""

SITES = ("Tromsø", "Harstad", "Narvik")
FORMS: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = (
    ("relatives involved", ((31, 65), (55, 75), (41, 68))),
    ("relatives not wanted", ((31, 6), (55, 2), (41, 0))),
    ("gain: positive", ((32, 75), (53, 89), (37, 89))),
    ("gain: negative", ((32, 19), (53, 11), (37, 11))),
    ("gain: uncertain", ((32, 6), (53, 0), (37, 0))),
    ("digital aids", ((29, 24), (54, 31), (36, 50))),
    ("length of stay: shorter", ((26, 15), (51, 29), (32, 63))),
    ("length of stay: longer", ((26, 15), (51, 12), (32, 6))),
    ("length of stay: unchanged", ((26, 69), (51, 59), (32, 31))),
    ("acute admissions: fewer", ((30, 23), (53, 38), (28, 71))),
    ("acute admissions: unchanged", ((30, 77), (53, 62), (28, 29))),
    ("course longer than expected", ((22, 33), (22, 21), (22, 45))),
)
"""For each question and site: how many answered, and the printed percentage (004, 'Pasientskjema').

138 forms of November 2022 to February 2023: 33 from Tromsø, 64 from Harstad, 41 from Narvik.
"""

_UNITS = (
    ("trust", "The trust", "health_trust", "hospital", ""),
    ("own", "Clinics of the trust, together", "clinic", "hospital", "trust"),
    ("psht", "Patient-centred teams", "team", "hospital", "trust"),
    ("gp", "General practitioners, together", "gp_practice", "gp", ""),
    ("others", "Other referrers, together", "municipal_service", "municipal", ""),
)


def possible_counts(percent: int, n: int) -> tuple[int, ...]:
    """Return the counts of ``n`` that are printed as a whole percentage, halves rounded up.

    Examples
    --------
    >>> possible_counts(65, 31), possible_counts(33, 22), possible_counts(21, 22)
    ((20,), (), ())
    """
    return tuple(k for k in range(n + 1) if (200 * k + n) // (2 * n) == percent)


def case_forms() -> pd.DataFrame:
    """Return one row a question and site, and one for all sites where all counts are known.

    Returns
    -------
    ``item``, ``site``, ``n_answered``, ``printed`` [%], ``count`` (null where no count gives the
    printed percentage), ``percent``, and ``low`` and ``high``, Wilson's 95 % interval [%].
    """
    frame = pd.DataFrame(_form_rows())
    n = frame["n_answered"].to_numpy(dtype=float)
    hits = frame["count"].to_numpy(dtype=float, na_value=np.nan)
    low, high = wilson(np.nan_to_num(hits), n)
    is_known = ~np.isnan(hits)
    shares = {"percent": 100 * hits / n, "low": 100 * low, "high": 100 * high}
    return frame.assign(**{name: np.where(is_known, x, np.nan) for name, x in shares.items()})


def _form_rows() -> Iterator[dict[str, Any]]:
    for item, cells in FORMS:
        counts = []
        for site, (n, printed) in zip(SITES, cells, strict=True):
            possible = possible_counts(printed, n)
            assert len(possible) <= 1, "with fewer than 100 answers a percentage is of one count"
            counts.append(possible[0] if possible else None)
            yield _form_row(item, site, n, printed, counts[-1])
        known = [k for k in counts if k is not None]
        if len(known) == len(cells):
            yield _form_row(item, "all", sum(n for n, _ in cells), None, sum(known))


def _form_row(item: str, site: str, n: int, printed: int | None, k: int | None) -> dict[str, Any]:
    return {
        "item": item,
        "site": site,
        "n_answered": n,
        "printed": pd.NA if printed is None else printed,
        "count": pd.NA if k is None else k,
    }


@dataclass(frozen=True, slots=True)
class ReferralAnswers:
    """What the findings answer for 2019 and 2022.

    Attributes
    ----------
    by_sender
        Referrals of a year by sort of sender; None where the sender is not recorded.
    n_without_referrer
        In 2022.
    capacity
        The row of ``referral_capacity`` for 2022.
    """

    by_sender: dict[int, dict[str | None, int]]
    n_without_referrer: int
    capacity: dict[str, Any]

    @property
    def n_referrals(self) -> dict[int, int]:
        """All referrals of a year."""
        return {year: sum(counts.values()) for year, counts in self.by_sender.items()}


def write_tables(folder: Path) -> None:
    """Write canonical tables that hold the report's numbers of referrals."""
    senders = [*(name for name, n in SENDERS.items() for _ in range(n)), *[""] * WITHOUT_REFERRER]
    # Of 2019 the report gives the total alone.
    senders = [*[""] * REFERRALS[2019], *senders]
    days = [day for year, n in REFERRALS.items() for day in _days(year, n)]
    referrals = [
        (f"r{i}", f"p{i}", sender, "psht", "gp" if sender == "gp" else "", f"{day}T12:00:00")
        for i, (sender, day) in enumerate(zip(senders, days, strict=True))
    ]
    # Somebody is seen on the last day of each year, by which the days that are covered are known.
    seen = [
        (f"c{year}", "p0", "own", "outpatient", f"{year}-{day}T08:00:00", f"{year}-{day}T09:00:00")
        for year, day in ((2019, "01-01"), (2019, "12-31"), (2022, "12-31"))
    ]
    seen = [(f"{row[0]}-{i}", *row[1:]) for i, row in enumerate(seen)]
    _write(folder, "units", ("unit_id", "name", "kind", "level", "parent_unit_id"), _UNITS)
    _write(folder, "patients", ("patient_id",), [(row[1],) for row in referrals])
    _write(
        folder,
        "referrals",
        ("referral_id", "patient_id", "from_unit_id", "to_unit_id", "referrer_type", "sent_at"),
        referrals,
    )
    _write(
        folder,
        "contacts",
        ("contact_id", "patient_id", "unit_id", "care_level", "started_at", "ended_at"),
        seen,
    )
    text = "timezone: Europe/Oslo\npseudonymous: true\n"
    (folder / "dataset.yaml").write_text(text, encoding="utf-8")


def _days(year: int, n: int) -> list[date]:
    """Return n days, evenly over a year."""
    return [date(year, 1, 1) + timedelta(days=i * 365 // n) for i in range(n)]


def _write(folder: Path, name: str, head: tuple[str, ...], rows: Any) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def referral_answers(url: str) -> ReferralAnswers:
    """Ask the findings about the referrals, as the numbers are, without hiding small ones."""
    graph = pathgraph.open(url)
    by_sender = {}
    for year in REFERRALS:
        ties = graph.find(
            "referral_network", as_of=f"{year}-12-31", depth="clinic", suppress_below=0
        )
        rows = ties.table.to_pylist()
        by_sender[year] = {row["from_id"]: row["n_referrals"] for row in rows}
    unsent = graph.find("referrals_without_referrer", as_of="2022-12-31")
    capacity = graph.find(
        "referral_capacity",
        as_of="2022-12-31",
        capacity_per_year=CAPACITY_PER_YEAR,
        consultations=CONSULTATIONS,
        suppress_below=0,
    )
    return ReferralAnswers(by_sender, unsent.table.num_rows, capacity.table.to_pylist()[0])


def main() -> None:
    """Load the referrals into a folder that is removed again, ask, and print."""
    with tempfile.TemporaryDirectory(prefix="pathgraph-") as name:
        folder, url = Path(name) / "tables", f"ladybug:{Path(name) / 'graph'}"
        folder.mkdir()
        write_tables(folder)
        with closing(open_engine(url)) as engine:
            load("tables", folder, engine)
        answers = referral_answers(url)
    print(f"Referrals by year: {answers.n_referrals}")
    print(f"By sender, 2022: {answers.by_sender[2022]}")
    print(f"Without a referrer, 2022: {answers.n_without_referrer}")
    print(f"Capacity, 2022: {answers.capacity}")
    forms = case_forms()
    print(forms.round(1).to_string(index=False))
    for row in forms[forms["count"].isna()].to_dict("records"):
        print(f"{row['item']}, {row['site']}: no count of {row['n_answered']} gives "
              f"{row['printed']} %")  # fmt: skip


if __name__ == "__main__":
    main()
