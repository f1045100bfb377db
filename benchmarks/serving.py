"""Fifty people at the pages at once, and new data in the middle of it.

``python -m benchmarks.serving --patients 200000`` generates two regions, loads both, serves one,
lets users go through the pages for half a minute, puts the other in place, lets them go on until
the server shows it and for half a minute after that, and prints what they saw: errors, time to
answer by kind of page, and the server's memory.
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
_LONGEST_S = 1800.0
"""New data has to be shown after so long."""

_PAGES_OF = 4
"""Pages of a table that users turn to."""


BEFORE, PREPARED, AFTER = "1 before", "2 prepared", "3 after"
"""Before the new data, while the server prepares it and shows the data before, and after that."""


@dataclass(slots=True)
class Seen:
    """What the users saw, by kind of page."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    memory_bytes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    phase: str = BEFORE
    is_over: bool = False


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
    while "\npathgraph_pages_prepared 1" not in httpx.get(f"{address}/metrics", timeout=60).text:
        time.sleep(2)
    print(f"what pages show: {time.monotonic() - begun:.0f} s after the start")


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
        users = [_user(client, number, patients, seen) for number in range(asked.users)]
        watching = asyncio.create_task(_watch(process.pid, seen))
        swapping = asyncio.create_task(_swap(client, asked.seconds / 2, graph, second, seen))
        await asyncio.gather(*users, watching, swapping)


async def _swap(
    client: httpx.AsyncClient, half_s: float, graph: Path, load_id: str, seen: Seen
) -> None:
    """Put the other data in place, wait until it is shown, and end after as long as before it."""
    await asyncio.sleep(half_s)
    await asyncio.to_thread(go_back, graph, load_id)
    begun, seen.phase = time.monotonic(), PREPARED
    while (await client.get("/ready")).json()["snapshot"] != load_id:
        assert time.monotonic() < begun + _LONGEST_S, "the new data was not picked up"
        await asyncio.sleep(0.5)
    print(f"new data: shown {time.monotonic() - begun:.0f} s after it was in place")
    seen.phase = AFTER
    await asyncio.sleep(half_s)
    seen.is_over = True


async def _user(
    client: httpx.AsyncClient,
    number: int,
    patients: list[str],
    seen: Seen,
) -> None:
    draw = random.Random(number)
    await asyncio.sleep(draw.uniform(0, _THINKS_S))
    while not seen.is_over:
        phase = seen.phase
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


async def _watch(pid: int, seen: Seen) -> None:
    while not seen.is_over:
        seen.memory_bytes[seen.phase].append(_resident_bytes(pid))
        await asyncio.sleep(1)


def _resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _print(seen: Seen, asked: argparse.Namespace) -> None:
    n = sum(len(seconds) for seconds in seen.seconds.values())
    print(f"{asked.patients:,} patients, {asked.users} users: {n} requests")
    print(f"errors: {len(seen.errors)} {sorted(set(seen.errors))}")
    print(f"{'page, new data':<22}{'n':>7}{'p50 ms':>10}{'p99 ms':>10}{'most ms':>10}")
    for kind, seconds in sorted(seen.seconds.items()):
        cuts = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else [0.0] * 99
        print(
            f"{kind:<22}{len(seconds):>7}{cuts[49] * 1000:>10.0f}{cuts[98] * 1000:>10.0f}"
            f"{max(seconds) * 1000:>10.0f}"
        )
    for phase, memory in seen.memory_bytes.items():
        gib = [number / 2**30 for number in memory]
        print(
            f"memory, GiB, {phase}: {gib[0]:.2f} at first, {max(gib):.2f} at most, "
            f"{gib[-1]:.2f} at last"
        )


if __name__ == "__main__":
    main()
