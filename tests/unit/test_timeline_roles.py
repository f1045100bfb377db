"""One patient's holdings in plain Python stand where those of everybody stand in frames."""

from __future__ import annotations

import math
import random
from typing import Any

import pandas as pd
import pytest

from pathgraph.analysis.holders import place_holdings, places_of
from pathgraph.analysis.timeline_roles import placed_rows

Row = dict[str, Any]
DAYS = [None, 10, 20, 30, 40, 50]
SAID = (
    "holding", "subject", "kind", "holder_kind", "holder_id", "held_from", "held_to", "unit_id",
    "level", "employed_from", "employed_to", "unit_from", "unit_to",
)  # fmt: skip


def drawn_places(draw: random.Random) -> list[Row]:
    rows = []
    for number in range(5):
        unit = {
            "unit_id": f"u{number}",
            "unit_name": f"Unit {number}",
            "level": draw.choice(["hospital", "municipal", "gp", None]),
            "unit_from_day": draw.choice(DAYS),
            "unit_to_day": draw.choice(DAYS),
            "parent_id": None,
        }
        people = draw.sample(["a", "b", "c", "d"], draw.randint(0, 3)) or [None]
        rows += [
            {
                **unit,
                "professional_id": person,
                "employed_from_day": draw.choice(DAYS) if person else None,
                "employed_to_day": draw.choice(DAYS) if person else None,
            }
            for person in people
        ]
    return rows


def drawn_holdings(draw: random.Random) -> list[Row]:
    return [
        {
            "subject": f"s{number}",
            "kind": draw.choice(["coordinator", "plan_owner"]),
            "holder_kind": kind,
            "holder_id": draw.choice(["a", "b", "x"] if kind == "professional" else ["u1", "u9"]),
            "valid_from_day": draw.choice(DAYS),
            "valid_to_day": draw.choice(DAYS),
        }
        for number in range(draw.randint(1, 6))
        for kind in [draw.choice(["professional", "unit"])]
    ]


def comparable(row: Row) -> tuple[Any, ...]:
    values = [row[name] for name in SAID]
    return tuple(
        None if value is None or (isinstance(value, float) and math.isnan(value)) else value
        for value in values
    )


@pytest.mark.parametrize("seed", range(200))
def test_the_same_rows_as_in_frames(seed: int) -> None:
    draw = random.Random(seed)
    places, holdings, day = drawn_places(draw), drawn_holdings(draw), draw.randint(5, 55)
    in_rows = [comparable(row) for row in placed_rows(holdings, places, day)]
    days = dict.fromkeys(
        ("unit_from_day", "unit_to_day", "employed_from_day", "employed_to_day"), "Int64"
    )
    frame = place_holdings(
        pd.DataFrame(holdings).astype(dict.fromkeys(("valid_from_day", "valid_to_day"), "Int64")),
        places_of(pd.DataFrame(places).astype(days)),
        day,
    )
    in_frames = [comparable({str(k): v for k, v in row.items()})
                 for row in frame.to_dict("records")]  # fmt: skip
    assert sorted(in_rows, key=repr) == sorted(in_frames, key=repr)
