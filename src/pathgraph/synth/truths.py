"""What is to be found, counted from the plan of the lives while they are drawn.

This is the answer key's side of the counting rules (``docs/definitions.md``): it knows nothing of
the findings' texts. What happens by chance is registered as what is planted.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pathgraph.model.tables import LEVELS
from pathgraph.synth.contacts import CARE_LEVELS, KINDS, Contacts
from pathgraph.synth.drawn_lives import NEAR_COLUMNS, DrawnLives
from pathgraph.synth.lives import NEVER, Lives, Stays
from pathgraph.synth.occupied import Occupied
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region

__all__ = ["register_near_misses", "register_truths"]

_DAY_S, _HOUR_S = 86_400, 3600
_MONTH_S = 30 * _DAY_S
_YEAR_S = 365 * _DAY_S
_WINDOW_S = 14 * _DAY_S
_DOOR_STAYS = 3
_EMERGENCY_VISITS = 3
_FOLLOWING_UP = ("consultation", "home_visit")


def register_truths(region: Region, lives: Lives, contacts: Contacts, period: Period) -> None:
    """Add to ``lives.truths`` what the contacts alone decide.

    Parameters
    ----------
    contacts
        All contacts of the block, in the order of their numbers.
    """
    level = np.array([LEVELS.index(name) for name in region.units.level])[contacts.unit]
    _add_readmissions(lives)
    _add_revolving_doors(lives, period)
    _add_bouncing(lives, contacts, level)
    _add_no_follow_up(region, lives, contacts, level, period)
    _add_emergency_returns(lives, contacts, level, period)


def _add(lives: Lives, finding: str, columns: dict[str, pa.Array]) -> None:
    table = pa.table(columns)
    if table.num_rows:
        lives.truths.found.setdefault(finding, []).append(table)


def _add_readmissions(lives: Lives) -> None:
    """Add each acute stay 8 hours to 30 days after the stay before it, which ended alive."""
    stays = lives.stays
    same = np.flatnonzero(stays.patient[1:] == stays.patient[:-1])
    index, back = same, same + 1
    gap = stays.start_s[back] - stays.end_s[index]
    found = stays.is_acute[back] & ~stays.ended_dead[index] & (stays.end_s[index] != NEVER)
    found &= (gap >= 8 * _HOUR_S) & (gap <= _MONTH_S)
    _add(
        lives,
        "readmissions",
        {
            "patient_id": lives.patient_ids(stays.patient[back[found]]),
            "index_stay_id": lives.contact_ids(stays.first_contact[index[found]]),
            "readmission_stay_id": lives.contact_ids(stays.first_contact[back[found]]),
        },
    )


def _add_revolving_doors(lives: Lives, period: Period) -> None:
    """Add who has three acute stays that begin within 365 x 24 hours, and their discharges."""
    acute = np.flatnonzero(lives.stays.is_acute)
    patient, start = lives.stays.patient[acute], lives.stays.start_s[acute]
    first, n = _windows(patient, start, _YEAR_S)
    qualifying = np.flatnonzero(n >= _DOOR_STAYS)
    _add(
        lives,
        "revolving_door",
        {"patient_id": lives.patient_ids(np.unique(patient[qualifying]))},
    )
    # The last row of a patient is the newest window, the first of the largest the fullest.
    newest = {int(patient[row]): int(start[row]) for row in qualifying}
    fullest: dict[int, int] = {}
    for row in qualifying:
        who = int(patient[row])
        if who not in fullest or n[row] > n[fullest[who]]:
            fullest[who] = int(row)
    alive = lives.died_day == NEVER
    current = [
        row for who, row in fullest.items() if alive[who] and period.end_s - newest[who] <= _YEAR_S
    ]
    between = np.array(
        [place for row in current for place in range(first[row], row)], dtype=np.int64
    )
    _add(
        lives,
        "before_the_return",
        {
            "patient_id": lives.patient_ids(patient[between]),
            "stay_id": lives.contact_ids(lives.stays.first_contact[acute[between]]),
        },
    )


def _windows(
    patient: np.ndarray, start_s: np.ndarray, length_s: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of the window that ends with each row, and how many rows it has."""
    keys = patient.astype(np.int64) * (1 << 34) + start_s
    first = np.searchsorted(keys, keys - length_s, side="left")
    # A window does not reach into the patient before.
    own = np.searchsorted(patient, patient, side="left")
    first = np.maximum(first, own)
    return first, np.arange(len(keys)) - first + 1


def _add_bouncing(lives: Lives, contacts: Contacts, level: np.ndarray) -> None:
    """Add returns overnight: at A, B and A again, at most 30 days between, the return acute."""
    overnight = contacts.care_level == CARE_LEVELS.index("overnight")
    at = np.flatnonzero(overnight & (contacts.parent == NEVER))
    patient, kind = contacts.patient[at], level[at]
    begins = np.ones(len(at), dtype=bool)
    begins[1:] = (patient[1:] != patient[:-1]) | (kind[1:] != kind[:-1])
    first = np.flatnonzero(begins)
    if not len(first):
        return
    far = np.iinfo(np.int64).max // 4
    ends = np.where(contacts.end_s[at] == NEVER, far, contacts.end_s[at])
    end = np.maximum.reduceat(ends, first)
    who, where, start = patient[first], kind[first], contacts.start_s[at][first]
    gap_fits = np.zeros(len(first), dtype=bool)
    gap_fits[1:] = (who[1:] == who[:-1]) & (start[1:] - end[:-1] <= _MONTH_S) & (end[:-1] != far)
    is_acute = np.isin(contacts.urgency[at][first], (1, 2, 3))
    found = np.zeros(len(first), dtype=bool)
    found[2:] = gap_fits[2:] & gap_fits[1:-1] & (where[2:] == where[:-2]) & is_acute[2:]
    _add(lives, "bouncing", {"level_run_id": lives.contact_ids(at[first[found]])})


def _add_no_follow_up(
    region: Region, lives: Lives, contacts: Contacts, level: np.ndarray, period: Period
) -> None:
    """Add stays after which, within 14 days, nobody came: GP, municipality, hospital or death."""
    stays = lives.stays
    end = stays.end_s
    covered = stays.to_home & (end != NEVER) & (end + _WINDOW_S <= period.end_s)
    covered &= stays.municipality < region.municipalities.n_trust
    at = np.flatnonzero(covered)
    patient, end = stays.patient[at], end[at]
    kinds = [KINDS.index(kind) for kind in _FOLLOWING_UP]
    follows = np.isin(contacts.kind, kinds) & (level == LEVELS.index("gp"))
    follows |= level == LEVELS.index("municipal")
    far = period.end_s * 2
    follow_up = _next_start(contacts.patient[follows], contacts.start_s[follows], patient, end, far)
    acute = _next_start(*_acute(stays), patient, end, far)
    seen = (follow_up <= end + _WINDOW_S) & (follow_up <= acute)
    returned = acute <= end + _WINDOW_S
    died = (lives.died_day[patient] != NEVER) & (lives.died_day[patient] <= stays.end_day[at] + 14)
    found = at[~seen & ~returned & ~died]
    _add(
        lives,
        "no_follow_up_after_discharge",
        {"stay_id": lives.contact_ids(stays.first_contact[found])},
    )


def _acute(stays: Stays) -> tuple[np.ndarray, np.ndarray]:
    return stays.patient[stays.is_acute], stays.start_s[stays.is_acute]


def _next_start(
    of: np.ndarray, start_s: np.ndarray, patient: np.ndarray, after_s: np.ndarray, otherwise: int
) -> np.ndarray:
    return Occupied(of, start_s, start_s).next_start(patient, after_s, otherwise)


def _add_emergency_returns(
    lives: Lives, contacts: Contacts, level: np.ndarray, period: Period
) -> None:
    """Add who made three emergency visits within 30 x 24 hours, none with an acute stay."""
    at = np.flatnonzero(level == LEVELS.index("emergency"))
    patient, start = contacts.patient[at], contacts.start_s[at]
    stay = _next_start(*_acute(lives.stays), patient, start, period.end_s * 4)
    alone = stay > start + _DAY_S
    patient, start = patient[alone], start[alone]
    _, n = _windows(patient, start, _MONTH_S)
    recent = (n >= _EMERGENCY_VISITS) & (start >= period.end_s - _YEAR_S)
    found = np.unique(patient[recent])
    found = found[lives.died_day[found] == NEVER]
    _add(lives, "emergency_returns", {"patient_id": lives.patient_ids(found)})


def register_near_misses(lives: Lives, drawn: DrawnLives, number: np.ndarray) -> None:
    """Add the near misses of the lives written by hand.

    Parameters
    ----------
    number
        Of the contact of each admission.
    """
    for finding, word, patient, places in drawn.near:
        ids = lives.contact_ids(number[np.array([place for _, place in places], dtype=np.int64)])
        values = [*lives.patient_ids(np.array([patient])).to_pylist(), *ids.to_pylist()]
        if "patient_id" not in NEAR_COLUMNS[finding]:
            values = values[1:]
        if finding == "missing_contact_physician":
            values.append("missing")
        columns = dict(zip(NEAR_COLUMNS[finding], values, strict=True))
        lives.truths.near.setdefault(finding, []).append(
            pa.table({name: [value] for name, value in {**columns, "near_miss": word}.items()})
        )
