"""Fifty people at the pages at once, and new data in the middle of it.

``python -m benchmarks.serving --patients 200000`` generates two regions, loads both, serves one,
lets users go through the pages for a minute, puts the other in service halfway, and prints what the
users saw: errors, time to answer by kind of page, and the server's memory over the minute.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from pathgraph.engine import open_engine
from pathgraph.engine.snapshots import current_id, go_back
from pathgraph.ingest.run import load
from pathgraph.synth.generate import write_region

_THINKS_S = 2.0
"""Mean seconds that a user looks at a page before opening the next (own choice)."""

_FINDINGS = (
    "revolving_door", "unowned_plans", "missing_coordinator", "missing_contact_physician",
    "readmission_rates", "follow_up_after_discharge", "ready_for_discharge_days", "transfers",
    "late_coordinator", "stale_plans", "priority", "bouncing",
)  # fmt: skip
_PAGES_OF = 4
"""Pages of a table that users turn to."""


@dataclass(slots=True)
class Seen:
    """What the users saw, by kind of page."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    memory_bytes: list[int] = field(default_factory=list)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=200_000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--folder", type=Path, help="keeps the graphs for the next time")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = asked.folder or Path(scratch)
        first, second = _two_snapshots(place, asked.patients)
        with _served(place / "graph") as (address, process):
            _wait_until_warm(address)
            seen = Seen()
            asyncio.run(_use(address, process, asked, seen, place / "graph", first, second))
    _print(seen, asked)
    sys.exit(1 if seen.errors else 0)


def _two_snapshots(place: Path, patients: int) -> tuple[str, str]:
    """Load two regions into one folder, and put the first in service."""
    graph = place / "graph"
    ids = []
    for seed in (1, 2):
        known = place / f"seed-{seed}"
        if not known.exists():
            with tempfile.TemporaryDirectory(dir=place) as folder:
                write_region(Path(folder) / "tables", patients=patients, seed=seed)
                with closing(open_engine(f"ladybug:{graph}")) as engine:
                    load("tables", Path(folder) / "tables", engine)
            known.write_text(str(current_id(graph)), encoding="utf-8")
        ids.append(known.read_text(encoding="utf-8"))
    if current_id(graph) != ids[0]:
        go_back(graph, ids[0])
    return ids[0], ids[1]


@contextmanager
def _served(graph: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "pathgraph", "serve", "--graph", f"ladybug:{graph}"]
    process = subprocess.Popen([*command, "--port", "8799"], stderr=subprocess.DEVNULL)
    address = "http://127.0.0.1:8799"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{address}/ready", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address, process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_until_warm(address: str) -> None:
    """Wait until what the home page needs was worked out, as it is minutes after a load."""
    begun = time.monotonic()
    while "pathgraph_trend_done 1" not in httpx.get(f"{address}/metrics", timeout=60).text:
        time.sleep(2)
    print(f"what the home page needs: {time.monotonic() - begun:.0f} s after the start")


async def _use(
    address: str,
    process: subprocess.Popen[bytes],
    asked: argparse.Namespace,
    seen: Seen,
    graph: Path,
    first: str,
    second: str,
) -> None:
    limits = httpx.Limits(max_connections=asked.users * 2)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        listed = await client.get("/findings/priority.json?limit=500")
        patients = [row["patient_id"] for row in listed.json()["rows"]]
        begun = time.monotonic()
        times = begun + asked.seconds / 2, begun + asked.seconds
        end = times[1]
        users = [_user(client, number, times, patients, seen) for number in range(asked.users)]
        watching = asyncio.create_task(_watch(process.pid, end, seen))
        swapping = asyncio.create_task(_swap(asked.seconds / 2, graph, second))
        await asyncio.gather(*users, watching, swapping)
        now = (await client.get("/ready")).json()["snapshot"]
        assert now == second, "the new data was not picked up"


async def _swap(after_s: float, graph: Path, load_id: str) -> None:
    await asyncio.sleep(after_s)
    await asyncio.to_thread(go_back, graph, load_id)


async def _user(
    client: httpx.AsyncClient,
    number: int,
    times: tuple[float, float],
    patients: list[str],
    seen: Seen,
) -> None:
    swap_at, end = times
    draw = random.Random(number)
    await asyncio.sleep(draw.uniform(0, _THINKS_S))
    while time.monotonic() < end:
        kind, path = _next_page(draw, patients)
        begun = time.monotonic()
        try:
            answer = await client.get(path, headers={"accept": "text/html"})
            if answer.status_code != 200 and not (
                # The other region holds other people.
                answer.status_code == 404 and kind == "patient"
            ):
                seen.errors.append(f"{kind}: {answer.status_code}")
        except httpx.HTTPError as error:
            seen.errors.append(f"{kind}: {type(error).__name__}")
        phase = "before" if begun < swap_at else "after"
        seen.seconds[f"{kind}, {phase}"].append(time.monotonic() - begun)
        await asyncio.sleep(draw.expovariate(1 / _THINKS_S))


def _next_page(draw: random.Random, patients: list[str]) -> tuple[str, str]:
    kind = draw.choices(("finding", "patient", "home", "table"), (5, 3, 1, 1))[0]
    finding = draw.choice(_FINDINGS)
    if kind == "patient":
        return kind, f"/patients/{draw.choice(patients)}/timeline.json"
    if kind == "home":
        return kind, "/"
    if kind == "table":
        return kind, f"/findings/{finding}.json?limit=100"
    return kind, f"/findings/{finding}?page={draw.randint(1, _PAGES_OF)}"


async def _watch(pid: int, end: float, seen: Seen) -> None:
    while time.monotonic() < end:
        seen.memory_bytes.append(_resident_bytes(pid))
        await asyncio.sleep(1)


def _resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _print(seen: Seen, asked: argparse.Namespace) -> None:
    n = sum(len(seconds) for seconds in seen.seconds.values())
    print(f"{asked.patients:,} patients, {asked.users} users, {asked.seconds:.0f} s: {n} requests")
    print(f"errors: {len(seen.errors)} {sorted(set(seen.errors))}")
    print(f"{'page, new data':<18}{'n':>7}{'p50 ms':>10}{'p99 ms':>10}{'most ms':>10}")
    for kind, seconds in sorted(seen.seconds.items()):
        cuts = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else [0.0] * 99
        print(
            f"{kind:<18}{len(seconds):>7}{cuts[49] * 1000:>10.0f}{cuts[98] * 1000:>10.0f}"
            f"{max(seconds) * 1000:>10.0f}"
        )
    gib = [number / 2**30 for number in seen.memory_bytes]
    third = max(1, len(gib) // 3)
    print(
        f"memory, GiB: {gib[0]:.2f} at first, {max(gib):.2f} at most, {gib[-1]:.2f} at last; "
        f"mean of the last third {statistics.mean(gib[-third:]):.2f}"
    )


if __name__ == "__main__":
    main()
