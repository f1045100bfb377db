"""The rows of the tables of plans."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.holders import Holders
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.plans import PLAN_KINDS, STATUS_FATES, Owners, Plans

__all__ = ["plan_ids", "plan_tables"]


def plan_ids(plans: Plans) -> pa.Array:
    """Return the ids of the plans."""
    texts = pc.utf8_lpad(pa.array(plans.number).cast(pa.string()), 9, "0")
    return pc.binary_join_element_wise(pa.scalar("plan-"), texts, pa.scalar(""))


def plan_tables(
    plans: Plans, owners: Owners, lives: Lives, holders: Holders
) -> dict[str, pa.Table]:
    """Return the rows of ``plans``, ``plan_statuses``, ``plan_revisions`` and ``plan_owners``."""
    ids = plan_ids(plans)
    return {
        "plans": canonical_rows(
            "plans",
            len(plans),
            {
                "plan_id": ids,
                "patient_id": lives.patient_ids(plans.patient),
                "kind": pa.array(PLAN_KINDS).take(pa.array(plans.kind)),
                "valid_from": np.where(plans.is_dated, plans.valid_from, NEVER),
                "valid_to": plans.valid_to,
            },
        ),
        "plan_statuses": _statuses(plans, ids),
        "plan_revisions": _revisions(plans, ids),
        "plan_owners": canonical_rows(
            "plan_owners",
            len(owners.plan),
            {
                "plan_id": ids.take(pa.array(owners.plan)),
                **holders.columns(owners.holder),
                "valid_from": owners.valid_from,
                "valid_to": owners.valid_to,
            },
        ),
    }


def _statuses(plans: Plans, ids: pa.Array) -> pa.Table:
    """Draft, where the plan began as one; active; and what followed."""
    name = np.array(STATUS_FATES, dtype=object)[plans.status]
    is_draft, is_none = name == "draft", name == "none"
    later = name == "active_and_completed_later"
    has_final = np.isin(name.astype(str), ("on_hold", "completed", "revoked"))
    drafted = ~is_none & ((plans.status_from > plans.valid_from) | is_draft)
    activated = ~is_none & ~is_draft & ~(has_final & (plans.final_from <= plans.status_from))
    parts = (
        (drafted, "draft", plans.valid_from),
        (activated, "active", plans.status_from),
        (has_final & (name == "on_hold"), "on_hold", plans.final_from),
        (has_final & (name == "completed"), "completed", plans.final_from),
        (has_final & (name == "revoked"), "revoked", plans.final_from),
        (later, "completed", plans.final_from + 1000),
    )
    which = np.concatenate([np.flatnonzero(part[0]) for part in parts])
    status = np.concatenate([np.full(part[0].sum(), part[1], dtype=object) for part in parts])
    day = np.concatenate([part[2][part[0]] for part in parts])
    order = np.lexsort((day, which))
    return canonical_rows(
        "plan_statuses",
        len(which),
        {
            "plan_id": ids.take(pa.array(which[order])),
            "status": pa.array(status[order].tolist(), pa.string()),
            "valid_from": day[order],
        },
    )


def _revisions(plans: Plans, ids: pa.Array) -> pa.Table:
    """Return the latest revision, one before it, and one that lies after the last day."""
    is_revised = plans.revised_on != NEVER
    earlier = plans.valid_from + (plans.revised_on - plans.valid_from) // 2
    has_earlier = is_revised & (earlier > plans.valid_from) & (earlier < plans.revised_on)
    parts = (
        (has_earlier, earlier, earlier + 182),
        (is_revised, plans.revised_on, plans.revise_by),
        (plans.later_revision != NEVER, plans.later_revision, plans.later_revision + 365),
    )
    which = np.concatenate([np.flatnonzero(part[0]) for part in parts])
    day = np.concatenate([part[1][part[0]] for part in parts])
    by = np.concatenate([part[2][part[0]] for part in parts])
    order = np.lexsort((day, which))
    return canonical_rows(
        "plan_revisions",
        len(which),
        {
            "plan_id": ids.take(pa.array(which[order])),
            "revised_on": day[order],
            "revise_by": by[order],
        },
    )
