"""Who holds a role for whom, as arrays: rows to be of the canonical table ``roles``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.holders import Holders
from pathgraph.synth.lives import Lives

__all__ = ["Roles", "role_table"]


@dataclass(frozen=True, slots=True)
class Roles:
    """Roles of one block: patient's place, holder, kind, first day and first day no longer."""

    patient: np.ndarray
    holder: np.ndarray
    kind: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray

    def __len__(self) -> int:
        """Return the number of roles."""
        return len(self.patient)

    def where(self, which: np.ndarray) -> Roles:
        """Return the roles that ``which`` (places, or yes and no) names."""
        return Roles(*(getattr(self, field.name)[which] for field in fields(self)))

    @staticmethod
    def together(parts: Sequence[Roles]) -> Roles:
        """Return all roles in order of patient."""
        columns = [np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Roles)]
        order = np.argsort(columns[0], kind="stable")
        return Roles(*(column[order] for column in columns))


def role_table(roles: Roles, lives: Lives, holders: Holders) -> pa.Table:
    """Return the rows of the canonical table ``roles``."""
    return canonical_rows(
        "roles",
        len(roles),
        {
            "patient_id": lives.patient_ids(roles.patient),
            **holders.columns(roles.holder),
            "role": pa.array(roles.kind.tolist(), pa.string()),
            "valid_from": roles.valid_from,
            "valid_to": roles.valid_to,
        },
    )
