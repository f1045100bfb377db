"""Whether planted referral gaps are found, and how many others: see ``docs/referral_seeds.md``.

``python -m benchmarks.referral_seeds --out FOLDER`` generates a region a seed, loads it into
LadybugDB and asks ``referral_gaps`` by clinic, against the trust's own mean and standardised. Rows
are written seed by seed, so that a run that broke off goes on where it was.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import typer

from benchmarks.referral_seeds_table import as_markdown
from pathgraph.analysis.observed_expected import benjamini_hochberg
from pathgraph.analysis.referral_gaps import STRATA, with_strata
from pathgraph.analysis.standardised import against_others
from pathgraph.engine import Engine, open_engine
from pathgraph.ingest.run import load
from pathgraph.queries.run import Answers, run
from pathgraph.synth.generate import write_region
from pathgraph.synth.teams import UNDER_REFERRING

__all__ = ["BASES", "app", "ask_seed"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

BASES = ("trust_mean", "standardised")
TRUE_RATIO = 0.4
"""The power is printed for this; rules of counting: planted O/E at most 0.4 over three years."""

_TABLES = (
    "patients", "residences", "municipalities", "units", "unit_serves", "contacts", "referrals",
    "coverage",
)  # fmt: skip
_LEVELS = pa.array(["hospital", "psychiatry"])
_SHOWN = (
    "n_eligible", "n_referred", "n_by_clinic", "expected", "observed_to_expected", "ratio_low",
    "ratio_high", "p_value", "adjusted_p_value", "shrunk_ratio", "position", "power", "n_coarser",
)  # fmt: skip


@app.command()
def main(
    out: Annotated[Path, typer.Option(help="Folder for the rows; a run there is gone on with.")],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds 1 to this one.")] = 50,
    patients: Annotated[int, typer.Option(min=1000, help="Patients of each region.")] = 120_000,
    years: Annotated[int, typer.Option(min=2, help="Years of each region.")] = 3,
    shuffles: Annotated[
        int, typer.Option(min=0, help="Times that each seed's referrals are dealt out anew.")
    ] = 20,
) -> None:
    """Ask the referral gaps of many generated regions, and count hits and false alarms."""
    out.mkdir(parents=True, exist_ok=True)
    for seed in range(1, seeds + 1):
        file = out / f"seed-{seed:03d}.csv"
        if file.exists():
            continue
        started = time.perf_counter()
        rows = ask_seed(seed, patients, years, shuffles)
        rows.to_csv(file, index=False)
        typer.echo(f"seed {seed}: {time.perf_counter() - started:.0f} s", err=True)
    files = sorted(out.glob("seed-*.csv"))
    typer.echo(as_markdown(pd.concat(map(pd.read_csv, files), ignore_index=True)))


def ask_seed(seed: int, patients: int, years: int, shuffles: int) -> pd.DataFrame:
    """Return a row a clinic and basis of one generated region, and of its shuffles."""
    with tempfile.TemporaryDirectory(prefix="pathgraph-") as name:
        region, tables = Path(name) / "region", Path(name) / "tables"
        write_region(region, patients=patients, seed=seed, years=years)
        _keep_what_is_read(region, tables)
        shutil.rmtree(region)
        with closing(open_engine(f"ladybug:{Path(name) / 'graph'}")) as engine:
            load("tables", tables, engine)
            rows = pd.concat(_ask(engine, seed, years, shuffles), ignore_index=True)
    return rows.assign(seed=seed, patients=patients, years=years)


def _keep_what_is_read(region: Path, tables: Path) -> None:
    """Write the tables and the contacts that ``referral_gaps`` reads; the answer is the same."""
    tables.mkdir()
    for name in _TABLES:
        whole = region / f"{name}.parquet"
        rows = ds.dataset(whole if whole.exists() else region / name).to_table()
        if name == "contacts":
            units = pq.read_table(region / "units.parquet")
            own = units.filter(pc.is_in(units.column("level"), value_set=_LEVELS))
            rows = rows.filter(
                pc.is_in(rows.column("unit_id"), value_set=own.column("unit_id").combine_chunks())
            )
        pq.write_table(rows, tables / f"{name}.parquet")
    shutil.copy(region / "dataset.yaml", tables)


def _ask(engine: Engine, seed: int, years: int, shuffles: int) -> Iterator[pd.DataFrame]:
    answers = Answers()
    period = {"period_days": 365 * years}
    for basis in BASES:
        asked = {"basis": basis, "true_ratio": TRUE_RATIO, **period}
        found = run(engine, "referral_gaps", asked, suppress_below=0, answers=answers)
        rows = found.table.to_pandas()
        clinic = rows["by_value"].rename("clinic")
        is_planted = clinic.isin(UNDER_REFERRING).rename("is_planted")
        yield pd.concat([clinic, is_planted, rows[list(_SHOWN)]], axis=1).assign(
            basis=basis, shuffle=0
        )
    found = run(engine, "eligible_patients", period, suppress_below=0, answers=answers)
    patients = found.table.to_pandas()
    yield from _shuffled(patients[patients["status"] == "counted"], _inhabitants(engine), seed,
                         shuffles)  # fmt: skip


def _inhabitants(engine: Engine) -> dict[str, float]:
    rows = engine.query(
        "MATCH (m:Municipality) RETURN m.municipality_code AS code, m.population AS population", {}
    ).to_pylist()
    return {row["code"]: row["population"] for row in rows if row["population"]}


def _shuffled(
    patients: pd.DataFrame, inhabitants: dict[str, float], seed: int, shuffles: int
) -> Iterator[pd.DataFrame]:
    """Yield the tests where chance alone decides: who was referred is dealt out within strata."""
    asked = with_strata(patients, inhabitants).reset_index(drop=True)
    is_referred = asked["referral_id"].notna()
    draws = np.random.default_rng(seed)
    for basis, strata in zip(BASES, ([], list(STRATA)), strict=True):
        groups = asked.groupby(strata, dropna=False).ngroup() if strata else is_referred * 0
        order = np.argsort(groups.to_numpy(), kind="stable")
        for number in range(1, shuffles + 1):
            dealt = np.lexsort((draws.random(len(asked)), groups.to_numpy()))
            hits = np.empty(len(asked), dtype=bool)
            hits[order] = is_referred.to_numpy()[dealt]
            tested = against_others(asked.assign(hit=hits), unit="clinic", hit="hit", strata=strata)
            yield pd.DataFrame(
                {
                    "clinic": tested["clinic"],
                    "is_planted": False,
                    "p_value": tested["p_value"],
                    "adjusted_p_value": benjamini_hochberg(tested["p_value"]),
                    "basis": basis,
                    "shuffle": number,
                }
            )


if __name__ == "__main__":
    app()
