"""Thousands of calls made up from the OpenAPI document: no fault, and nothing but what it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pathgraph.api.serve import serving_beside
from pathgraph.api.serving import Limits
from pathgraph.settings import Settings

pytestmark = pytest.mark.xdist_group("schema calls")

LEAST_CALLS = 5_000
EXAMPLES = {GenerationMode.POSITIVE: 5, GenerationMode.NEGATIVE: 7}
PATIENCE_S = 60
"""A first answer takes its time on a machine with other things to do; how long is no fault here."""
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_no_call_that_the_document_allows_or_forbids_makes_a_fault(
    region_graph: str, tmp_path: Path
) -> None:
    calls: Counter[int] = Counter()
    broken: list[str] = []
    settings_ = Settings(cache=tmp_path / "answers")
    limits = Limits(per_minute=10**9)
    with serving_beside(settings_, region_graph, limits=limits) as address:
        schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
        for found in schema.get_all_operations():
            operation = found.ok()
            for mode, examples in EXAMPLES.items():

                @settings(
                    max_examples=examples,
                    deadline=None,
                    database=None,
                    derandomize=True,
                    phases=[Phase.explicit, Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
                @given(case=operation.as_strategy(generation_mode=mode))
                def call(case: Case) -> None:
                    response = case.call(timeout=PATIENCE_S)
                    calls[response.status_code] += 1
                    case.validate_response(response, checks=CHECKS)

                try:
                    call()
                except Unsatisfiable:
                    # Without parameters there is nothing that could not fit.
                    assert not operation.definition.raw.get("parameters")
                except (FailureGroup, ExceptionGroup) as failures:
                    broken += [f"{operation.label}: {e}" for e in failures.exceptions]
                except Exception as error:
                    broken.append(f"{operation.label}: {type(error).__name__}: {error}")
    print(f"{sum(calls.values())} calls: {dict(sorted(calls.items()))}")
    assert broken == [], "\n".join(broken)
    assert sum(calls.values()) >= LEAST_CALLS
    assert calls[200] > LEAST_CALLS // 5
