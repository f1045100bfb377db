"""What came of many generated regions: hits by power, false alarms, and their share.

Tables in, texts out. An alarm is a clinic with fewer referred than expected whose p-value, adjusted
for all clinics of the report, is below 0.05.
"""

from __future__ import annotations

import pandas as pd
from scipy import stats

__all__ = ["LEVEL", "as_markdown", "discoveries", "hits_by_power", "level_of_shuffles"]

LEVEL = 0.05
_POWERFUL = 0.9


def with_alarms(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with ``is_found``, significant, and ``is_alarm``, so with too few."""
    is_found = rows["adjusted_p_value"].lt(LEVEL)
    return rows.assign(
        is_found=is_found, is_alarm=is_found & rows["observed_to_expected"].lt(1).fillna(False)
    )


def hits_by_power(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row a basis and clinic: how often it was found, in all and with power above 0.9.

    Parameters
    ----------
    rows
        ``seed``, ``shuffle`` (0 for what was asked), ``basis``, ``clinic``, ``is_planted``,
        ``adjusted_p_value``, ``observed_to_expected``, ``expected``, ``power``.
    """
    asked = with_alarms(rows[rows["shuffle"] == 0])
    asked["has_power"] = asked["power"].gt(_POWERFUL)
    asked["is_powerful_hit"] = asked["has_power"] & asked["is_alarm"]
    found = asked.groupby(["basis", "clinic"], sort=True).agg(
        is_planted=("is_planted", "first"),
        seeds=("seed", "nunique"),
        expected=("expected", "mean"),
        ratio=("observed_to_expected", "median"),
        power=("power", "mean"),
        alarms=("is_alarm", "sum"),
        with_power=("has_power", "sum"),
        hits_with_power=("is_powerful_hit", "sum"),
    )
    above = asked[asked["is_found"] & ~asked["is_alarm"]]
    found["found_above"] = above.groupby(["basis", "clinic"]).size()
    return found.fillna({"found_above": 0}).reset_index()


def discoveries(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each basis the share of alarms that were not planted, with its 95 % interval.

    The share is that of all alarms of all seeds, with an exact interval; ``mean_share`` is the mean
    over seeds (0 where there was no alarm), which is what the nominal level is about. The p-value
    is that of the exact binomial test that the share is at most the nominal one.
    """
    asked = with_alarms(rows[rows["shuffle"] == 0])
    found = []
    for basis, of_basis in asked.groupby("basis", sort=True):
        alarms = of_basis[of_basis["is_alarm"]]
        n, n_false = len(alarms), int((~alarms["is_planted"].astype(bool)).sum())
        per_seed = (~alarms["is_planted"].astype(bool)).groupby(alarms["seed"]).mean()
        found.append(
            {
                "basis": basis,
                "alarms": n,
                "false": n_false,
                **_share(n_false, n),
                "mean_share": float(per_seed.sum() / of_basis["seed"].nunique()),
            }
        )
    return pd.DataFrame(found)


def level_of_shuffles(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each basis how many shuffles gave any finding at all, though none was there."""
    dealt = rows[rows["shuffle"] > 0]
    found = []
    for basis, of_basis in dealt.groupby("basis", sort=True):
        is_any = of_basis.groupby(["seed", "shuffle"])["adjusted_p_value"].min().lt(LEVEL)
        found.append({"basis": basis, "shuffles": len(is_any), **_share(is_any.sum(), len(is_any))})
    return pd.DataFrame(found)


def _share(k: int, n: int) -> dict[str, float]:
    if n == 0:
        return {"share": float("nan"), "low": 0.0, "high": 1.0, "p_above_nominal": 1.0}
    test = stats.binomtest(int(k), int(n), LEVEL, alternative="greater")
    interval = stats.binomtest(int(k), int(n)).proportion_ci(method="exact")
    return {
        "share": k / n,
        "low": float(interval.low),
        "high": float(interval.high),
        "p_above_nominal": float(test.pvalue),
    }


def as_markdown(rows: pd.DataFrame) -> str:
    """Return the three tables as Markdown."""
    tables = (hits_by_power(rows), discoveries(rows), level_of_shuffles(rows))
    return "\n\n".join(_markdown(table) for table in tables if not table.empty)


def _markdown(table: pd.DataFrame) -> str:
    def text(value: object) -> str:
        return f"{value:.3g}" if isinstance(value, float) else str(value)

    lines = [" | ".join(map(str, table.columns)), " | ".join("---" for _ in table.columns)]
    lines += [" | ".join(text(value) for value in row) for row in table.itertuples(index=False)]
    return "\n".join(f"| {line} |" for line in lines)
