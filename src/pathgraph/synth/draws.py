"""Keyed draws: a random number is a function of seed, stream, id and place, and of nothing else.

Whole numbers are hashed (splitmix64, Steele, Lea and Flood 2014), so that neither the size of a
block nor the order of rows, the number of threads, the processor or the version of a library can
change a result. Skewed amounts come from tables of quantiles in whole numbers, not from functions
whose last digit may differ between machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

__all__ = ["choice", "choice_by_group", "expand_quantiles", "integers", "skewed", "uniform"]

_GOLDEN = 0x9E3779B97F4A7C15
_PLACE = 0xD1B54A32D192ED03
_MASK = (1 << 64) - 1
_CELLS = 256


def _hashed(seed: int, stream: str, ids: np.ndarray, k: int | np.ndarray) -> np.ndarray:
    digest = blake2b(f"{seed}|{stream}".encode(), digest_size=8).digest()
    base = np.uint64(int.from_bytes(digest, "little"))
    with np.errstate(over="ignore"):
        places = np.asarray(k, dtype=np.int64).astype(np.uint64)
        x = np.asarray(ids, dtype=np.int64).astype(np.uint64)
        x = _mixed(x * np.uint64(_GOLDEN) + base)
        return _mixed(x + (places + np.uint64(1)) * np.uint64(_PLACE))


def _mixed(x: np.ndarray) -> np.ndarray:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def uniform(seed: int, stream: str, ids: np.ndarray, k: int | np.ndarray = 0) -> np.ndarray:
    """Return float64 numbers in [0, 1), one for each id.

    Parameters
    ----------
    stream
        What the numbers are for; two streams have nothing to do with each other.
    ids
        Whole numbers, for example the patients' numbers within the region.
    k
        Place within the stream, one for all or one for each id.

    Examples
    --------
    >>> uniform(1, "age", np.array([7, 8])).round(6).tolist()
    [0.735449, 0.531561]
    """
    return (_hashed(seed, stream, ids, k) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def integers(
    seed: int,
    stream: str,
    ids: np.ndarray,
    low: int,
    high: int | np.ndarray,
    k: int | np.ndarray = 0,
) -> np.ndarray:
    """Return whole numbers from ``low`` up to, not including, ``high`` (less than 2**31 apart).

    Where ``high`` is not above ``low`` the answer is ``low``.
    """
    width = np.maximum(np.asarray(high, dtype=np.int64) - low, 1).astype(np.uint64)
    drawn = (_hashed(seed, stream, ids, k) >> np.uint64(32)) * width >> np.uint64(32)
    return drawn.astype(np.int64) + low


def choice(
    seed: int, stream: str, ids: np.ndarray, cumulative: np.ndarray, k: int | np.ndarray = 0
) -> np.ndarray:
    """Return places in a list whose cumulative whole weights are ``cumulative``.

    Examples
    --------
    >>> set(choice(1, "sex", np.arange(50), np.array([0, 3, 3])).tolist())
    {1}
    """
    drawn = integers(seed, stream, ids, 0, int(cumulative[-1]), k)
    return np.searchsorted(cumulative, drawn, side="right")


def choice_by_group(
    seed: int,
    stream: str,
    ids: np.ndarray,
    cumulative: np.ndarray,
    group: np.ndarray,
    k: int | np.ndarray = 0,
) -> np.ndarray:
    """Return places as :func:`choice` does, with the row of ``cumulative`` that ``group`` names."""
    rows = cumulative[group]
    drawn = integers(seed, stream, ids, 0, rows[:, -1], k)
    return np.asarray((rows <= drawn[:, None]).sum(axis=1), dtype=np.int64)


def expand_quantiles(knots: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return 257 whole numbers: the amounts at every 1/256, straight between the knots.

    Parameters
    ----------
    knots
        Pairs of per mille and amount, from 0 to 1000, rising.

    Examples
    --------
    >>> expand_quantiles([(0, 0), (500, 10), (1000, 1000)])[[0, 128, 256]].tolist()
    [0, 10, 1000]
    """
    shares, amounts = [share for share, _ in knots], [amount for _, amount in knots]
    if shares[0] != 0 or shares[-1] != 1000 or sorted(shares) != shares:
        raise ValueError("Knots go from 0 to 1000 per mille, in order.")
    table = []
    for cell in range(_CELLS + 1):
        place = cell * 1000
        j = max(i for i, share in enumerate(shares) if share * _CELLS <= place)
        if j == len(shares) - 1:
            table.append(amounts[j])
            continue
        width = (shares[j + 1] - shares[j]) * _CELLS
        rise = amounts[j + 1] - amounts[j]
        table.append(amounts[j] + rise * (place - shares[j] * _CELLS) // width)
    return np.array(table, dtype=np.int64)


def skewed(
    seed: int, stream: str, ids: np.ndarray, table: np.ndarray, k: int | np.ndarray = 0
) -> np.ndarray:
    """Return whole amounts whose quantiles are ``table`` (see :func:`expand_quantiles`)."""
    drawn = _hashed(seed, stream, ids, k)
    cell = (drawn >> np.uint64(56)).astype(np.int64)
    part = (drawn >> np.uint64(25)).astype(np.int64) & 0x7FFFFFFF
    return np.asarray(table[cell] + ((table[cell + 1] - table[cell]) * part >> 31))
