"""The region comes near the published figures, and the report counts what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pathgraph.synth.calibration import calibrate
from pathgraph.synth.generate import write_region

# What the generator is tuned to (docs/region.md), with what chance leaves open at this size.
EXPECTED = {
    "Contacts per patient in 3 years": (20, 22),
    "Patients with 3 or more acute stays in a calendar year, of those with one": (0.045, 0.08),
    "Their acute stays, of all acute stays": (0.18, 0.30),
    "Readmitted within 30 days, 67 and older, all diagnoses": (0.14, 0.18),
    "Readmitted within 30 days, 67 and older, COPD": (0.22, 0.36),
    "Days ready for discharge in a year, 67 and older with an acute stay, mean": (0.5, 3.6),
    "Of them without such a day (the median is 0 where more than half are)": (0.5, 1),
    "Referrals to the teams in the last year, for 194,580 inhabitants": (700, 1050),
    "Of these from the trust's own clinics, of those with a known referrer": (0.55, 0.75),
    "From GPs": (0.06, 0.17),
    "Without a referrer": (0.02, 0.09),
}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_region_comes_near_the_published_figures(tmp_path: Path, seed: int) -> None:
    report = write_region(tmp_path / "out", patients=40_000, seed=seed)
    generated = {line.measure: line.generated for line in report.calibration}
    far = {
        measure: generated[measure]
        for measure, (least, most) in EXPECTED.items()
        if not least <= (generated[measure] or 0) <= most
    }
    assert not far


def test_measures_divide_what_they_say() -> None:
    counts = {
        "contacts": 42, "acute patients": 20, "door patients": 1, "acute stays": 40,
        "door stays": 10, "old index": 100, "old back": 16, "copd index": 10, "copd back": 3,
        "old hours": 4800, "waiters": 10, "wait hours": 480, "without wait": 6,
        "team referrals": 10, "inside": 19_458, "from trust": 6, "from gps": 1, "from nobody": 1,
    }  # fmt: skip
    lines = [line.generated for line in calibrate(counts, 2, 3)]
    assert lines == [21, 0.05, 0.25, 6666.6667, 0.16, 0.3, 2, 2, 0.6, 100, 0.6667, 0.1111, 0.1]


def test_what_cannot_be_counted_is_empty() -> None:
    lines = {line.measure: line.generated for line in calibrate({"contacts": 5}, 5, 2)}
    assert lines.pop("Contacts per patient in 2 years") == 1
    assert lines.pop("Acute stays per 1,000 persons and year") == 0
    assert set(lines.values()) == {None}
