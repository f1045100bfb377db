"""Servers that tests left behind are ended; other processes are not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neo4j_server import Server, end_orphans, is_running, read_state, stop, write_state


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that, like a server, has its home in its command line."""
    home = tmp_path / "home"
    home.mkdir()
    wait = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", wait, f"--home-dir={home}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHGRAPH_NEO4J_HOME", str(tmp_path / "cache"))


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_server_is_found_by_process_and_home(
    process: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    server = Server("bolt://x", process.pid, str(tmp_path / "home"))
    assert is_running(server)
    # A later process with the number of an ended server is not that server.
    assert not is_running(Server("bolt://x", process.pid, str(tmp_path / "other")))
    assert not is_running(Server("bolt://x", ended_process(), str(tmp_path / "home")))
    stop(Server("bolt://x", process.pid, str(tmp_path / "other")))
    assert is_running(server)
    stop(server)
    assert not is_running(server)


def test_server_without_its_owner_is_ended(
    process: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    note = tmp_path / "notes" / "1.json"
    server = Server("bolt://x", process.pid, str(tmp_path / "home"), owner=ended_process())
    write_state(note, server)
    assert read_state(note) == server
    end_orphans(note.parent)
    assert not is_running(server)
    assert not note.exists()
    assert not Path(server.home).exists()


def test_server_with_its_owner_stays(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    note = tmp_path / "notes" / "1.json"
    server = Server("bolt://x", process.pid, str(tmp_path / "home"), owner=os.getpid())
    write_state(note, server)
    end_orphans(note.parent)
    assert is_running(server)
    assert read_state(note) == server


def test_owner_that_is_a_zombie_has_ended(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    # Ended, and nobody has asked for its exit code yet.
    owner = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert owner.stdout
    owner.stdout.read()
    note = tmp_path / "notes" / "1.json"
    server = Server("bolt://x", process.pid, str(tmp_path / "home"), owner=owner.pid)
    write_state(note, server)
    wait_for_zombie(owner.pid)
    end_orphans(note.parent)
    assert not is_running(server)
    owner.wait()
    owner.stdout.close()


def wait_for_zombie(pid: int) -> None:
    """Wait until the process has ended but for its entry; a second where that cannot be seen."""
    deadline = time.monotonic() + 30
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        time.sleep(1)
        return
    while stat.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("content", ["", "{"])
def test_note_that_was_not_written_to_its_end_goes(tmp_path: Path, content: str) -> None:
    (tmp_path / "1.json").write_text(content)
    end_orphans(tmp_path)
    assert not (tmp_path / "1.json").exists()


def test_note_of_an_ended_server_goes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    note = tmp_path / "notes" / "1.json"
    write_state(note, Server("bolt://x", ended_process(), str(home), owner=ended_process()))
    assert read_state(note) is None
    end_orphans(note.parent)
    assert not note.exists()
    assert not home.exists()
