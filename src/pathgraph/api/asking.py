"""Questions put off the event loop: a few at a time, and ended when nobody waits any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from starlette.requests import Request

from pathgraph.api.auth import caller_of
from pathgraph.api.serving import Serving, serving_of
from pathgraph.engine.base import Engine
from pathgraph.engine.cancellation import Cancellable, Cancellation
from pathgraph.queries.caller import Caller
from pathgraph.queries.compare import compare
from pathgraph.queries.result import Result
from pathgraph.queries.run import Answers, run

__all__ = ["Asker", "answer", "ask", "comparison"]

_LOOK_EVERY_S = 0.2

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Asker:
    """What a function needs that puts several questions for one request.

    Attributes
    ----------
    engine
        Its queries end when the client leaves.
    answers
        Shared between the questions.
    """

    engine: Engine
    caller: Caller
    answers: Answers
    suppress_below: int
    timeout_s: float

    def run(
        self,
        finding_id: str,
        parameters: Mapping[str, object] | None = None,
        *,
        as_of: date | str | None = None,
        profile: str | None = None,
        limit: int | None = None,
    ) -> Result:
        """Answer a finding; see :func:`pathgraph.queries.run.run`."""
        return run(
            self.engine,
            finding_id,
            parameters,
            as_of=as_of,
            profile=profile,
            limit=limit,
            suppress_below=self.suppress_below,
            timeout_s=self.timeout_s,
            answers=self.answers,
            caller=self.caller,
        )

    def compare(
        self,
        finding_id: str,
        parameters: Mapping[str, object] | None = None,
        *,
        from_day: date | str,
        to_day: date | str | None = None,
        profile: str | None = None,
    ) -> Result:
        """Answer a finding on two days; see :func:`pathgraph.queries.compare.compare`."""
        return compare(
            self.engine,
            finding_id,
            parameters,
            from_day=from_day,
            to_day=to_day,
            profile=profile,
            suppress_below=self.suppress_below,
            timeout_s=self.timeout_s,
            answers=self.answers,
            caller=self.caller,
        )


async def ask(request: Request, function: Callable[[Asker], Answer]) -> Answer:
    """Return what ``function`` returns, which runs in a thread of its own.

    Raises
    ------
    QueryCancelledError
        When the client left before the answer was there.
    Exception
        Whatever ``function`` raises.
    """
    serving = serving_of(request)
    stop = Cancellation()
    asker = Asker(
        engine=Cancellable(serving.engine, stop),
        caller=caller_of(request),
        answers=serving.answers(),
        suppress_below=serving.suppress_below,
        timeout_s=serving.limits.timeout_s,
    )
    async with _turns(serving):
        working = asyncio.ensure_future(asyncio.to_thread(function, asker))
        try:
            while not working.done():
                await asyncio.wait({working}, timeout=_LOOK_EVERY_S)
                if not working.done() and await request.is_disconnected():
                    # Again and again: a query that is just beginning does not hear the first call.
                    await asyncio.to_thread(stop.cancel)
        finally:
            if not working.done():
                stop.cancel()
        return working.result()


async def answer(
    request: Request,
    finding_id: str,
    parameters: Mapping[str, object] | None = None,
    *,
    as_of: date | str | None = None,
    profile: str | None = None,
    limit: int | None = None,
) -> Result:
    """Answer one finding for whoever asks."""
    return await ask(
        request,
        lambda asker: asker.run(finding_id, parameters, as_of=as_of, profile=profile, limit=limit),
    )


async def comparison(
    request: Request,
    finding_id: str,
    parameters: Mapping[str, object] | None = None,
    *,
    from_day: date | str,
    to_day: date | str | None = None,
    profile: str | None = None,
) -> Result:
    """Answer one finding on two days for whoever asks."""
    return await ask(
        request,
        lambda asker: asker.compare(
            finding_id, parameters, from_day=from_day, to_day=to_day, profile=profile
        ),
    )


def _turns(serving: Serving) -> asyncio.Semaphore:
    if serving.turns is None:
        serving.turns = asyncio.Semaphore(serving.limits.queries)
    return serving.turns
