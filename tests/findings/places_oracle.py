"""What the findings about ways and places must come to: plain Python, slow and obvious.

Made from the counting rules alone, on the same ground as ``levels_oracle``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from tests.findings.levels_oracle import SPECIALIST, Levels, unit_of
from tests.findings.oracle import DAY, HOUR, percentile

Row = dict[str, Any]


def bouncing(levels: Levels, max_gap_d: int) -> tuple[list[Row], int]:
    rows, n_people = [], 0
    for patient, contacts in levels.contacts.items():
        runs: list[list[Any]] = []
        for c in contacts:
            if c.parent or not c.is_overnight or c.level not in (*SPECIALIST, "municipal"):
                continue
            if runs and runs[-1][-1].level == c.level:
                runs[-1].append(c)
            else:
                runs.append([c])
        n_people += bool(runs)
        for a, b, c in zip(runs, runs[1:], runs[2:], strict=False):
            out, back = _gap(a, b), _gap(b, c)
            if a[0].level != c[0].level or not c[0].is_acute:
                continue
            if max(out, back) > max_gap_d * DAY:
                continue
            left = max(a, key=lambda x: (_end(x), x.start, x.id))
            rows.append(
                {
                    "patient_id": patient,
                    "level_run_id": c[0].id,
                    "from_level": c[0].level,
                    "via_level": b[0].level,
                    "left_at": left.ended_at if _end(left) < levels.as_of_s else None,
                    "returned_at": c[0].started_at,
                    "gap_out_days": out / DAY,
                    "gap_back_days": back / DAY,
                    "via_days": (min(max(map(_end, b)), c[0].start) - b[0].start) / DAY,
                }
            )
    return rows, n_people


def _end(contact: Any) -> float:
    return math.inf if contact.end is None else float(contact.end)


def _gap(one: list[Any], other: list[Any]) -> float:
    return max(float(other[0].start) - max(map(_end, one)), 0.0)


def late_notices(levels: Levels, notice: str, within_h: float) -> tuple[list[Row], int]:
    places: dict[Any, list[tuple[str, float]]] = defaultdict(list)
    known = {c.id: c for contacts in levels.contacts.values() for c in contacts}
    for row in levels.tables["notices"]:
        contact = known.get(row["contact_id"])
        sent = int(levels.world._instant(row["sent_at"]).timestamp())
        if contact is None or row["kind"] != notice or sent >= levels.as_of_s:
            continue
        since = contact.start if notice == "admitted" else contact.end
        if since is None or since >= levels.as_of_s:
            continue
        places[row.get("municipality_code"), contact.unit].append((contact.patient, sent - since))
    rows = []
    for (code, unit), own in places.items():
        late = [patient for patient, delay in own if delay > within_h * HOUR]
        rows.append(
            {
                "municipality_code": code,
                "municipality_name": levels.world.municipalities.get(code),
                "unit": unit,
                "unit_name": levels.world.name(unit),
                "n_notices": len(own),
                "n_patients": len({patient for patient, _ in own}),
                "n_late": len(late),
                "n_late_patients": len(set(late)),
                "share_late": len(late) / len(own),
                "median_delay_h": percentile(sorted(d for _, d in own), 0.5) / HOUR,
            }
        )
    return rows, sum(len(own) for own in places.values())


def ready_days(levels: Levels) -> list[Row]:
    periods: dict[str, list[Row]] = defaultdict(list)
    for row in levels.tables["ready_periods"]:
        periods[row["contact_id"]].append(row)
    places: dict[Any, list[tuple[str, bool, bool, float]]] = defaultdict(list)
    for stay in levels.stays():
        own = [
            (int(levels.world._instant(row["ready_at"]).timestamp()), row)
            for contact_id in {c.id for c in (*stay.members, *stay.places)}
            for row in periods[contact_id]
        ]
        own = [(start, row) for start, row in own if start < levels.as_of_s]
        days, waits, codes = 0.0, False, [("", "")]
        for start, row in own:
            ended = row.get("ended_at")
            until = levels.world._instant(ended).timestamp() if ended else math.inf
            days += max(min(until, stay.end or math.inf, levels.as_of_s) - start, 0) / DAY
            waits |= stay.end is None and until >= levels.as_of_s
            if row.get("municipality_code"):
                codes.append((f"{start:020d}", row["municipality_code"]))
        if waits or (stay.end is not None and not stay.ended_dead):
            place = max(codes)[1] or stay.municipality, unit_of(stay)
            places[place].append((stay.patient, bool(own), waits, days))
    rows = []
    for (code, unit), found in places.items():
        lengths = sorted(days for *_, days in found)
        rows.append(
            {
                "municipality_code": code,
                "municipality_name": levels.world.municipalities.get(code),
                "unit": unit,
                "unit_name": levels.world.name(unit),
                "n_stays": len(found),
                "n_patients": len({patient for patient, *_ in found}),
                "n_with_waiting": sum(has for _, has, _, _ in found),
                "n_patients_with_waiting": len({p for p, has, _, _ in found if has}),
                "n_waiting": len({p for p, _, waits, _ in found if waits}),
                "days_total": sum(lengths),
                "mean_days": sum(lengths) / len(lengths),
                "median_days": percentile(lengths, 0.5),
                "p90_days": percentile(lengths, 0.9),
            }
        )
    return rows
