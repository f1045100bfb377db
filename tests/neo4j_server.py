"""A real Neo4j Community server from Maven artifacts: fetch it, start it, stop it.

Used by the tests (``tests/conftest.py``) and by hand::

    python tests/neo4j_server.py fetch | start | stop | status

Needs ``java`` (17 or 21) and ``mvn``. The jars (140 MB) are kept in ``.neo4j`` in the repository,
or in the folder that ``PATHGRAPH_NEO4J_HOME`` names. Graph Data Science is GPL-3: it runs in the
server process alone, nothing of it is linked or shipped.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock
import neo4j
from neo4j.exceptions import DriverError, Neo4jError

NEO4J_VERSION = "5.26.30"
GDS_VERSION = "2.13.9"

ARTIFACTS = (
    ("org.neo4j.app", "neo4j-server", NEO4J_VERSION),
    ("org.neo4j", "neo4j", NEO4J_VERSION),
    ("org.neo4j.gds", "proc", GDS_VERSION),
    ("org.neo4j.gds", "proc-sysinfo", GDS_VERSION),
    ("org.neo4j.gds", "opengds-extension", GDS_VERSION),
    ("org.neo4j.gds", "open-model-catalog", GDS_VERSION),
    ("org.neo4j.gds", "open-write-services", GDS_VERSION),
)

REPOSITORY = Path(__file__).resolve().parent.parent
HOW_TO_GET_IT = (
    "Install Java 17 or newer and Maven (Debian, Ubuntu: apt-get install default-jre-headless "
    "maven; macOS: brew install openjdk@21 maven), or start a Neo4j 5.26 of your own without data "
    "in it and set PATHGRAPH_NEO4J_URI (and PATHGRAPH_NEO4J_USER, PATHGRAPH_NEO4J_PASSWORD)."
)

_START_LIMIT_S = 180.0
_STOP_LIMIT_S = 60.0
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")


class ServerError(RuntimeError):
    """The server could not be fetched, started or stopped; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. ``owner`` is the process that ends it; 0 means that it is ended by hand."""

    url: str
    pid: int
    home: str
    owner: int = 0


def missing_tools() -> list[str]:
    """Return which of the programs that a server needs are not there."""
    return [tool for tool in ("java", "mvn") if shutil.which(tool) is None]


def cache_folder() -> Path:
    """Return the folder that keeps the jars and the server that is started by hand."""
    return Path(os.environ.get("PATHGRAPH_NEO4J_HOME") or REPOSITORY / ".neo4j").absolute()


def fetch() -> Path:
    """Return the folder with ``lib`` and ``plugins``, fetching them the first time."""
    target = cache_folder() / f"server-{NEO4J_VERSION}-gds-{GDS_VERSION}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{target}.lock"):
        if target.is_dir():
            return target
        if missing := missing_tools():
            raise ServerError(f"Neo4j needs {' and '.join(missing)}. {HOW_TO_GET_IT}")
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetching-") as name:
            folder = Path(name) / "server"
            _copy_dependencies(Path(name) / "pom.xml", folder)
            folder.rename(target)
    return target


def _copy_dependencies(pom: Path, folder: Path) -> None:
    # One POM for all: resolved apart, jars with equal base names shadow each other and every
    # procedure of Graph Data Science fails.
    listed = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>"
        for group, artifact, version in ARTIFACTS
    )
    pom.write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>pathgraph</groupId><artifactId>neo4j-for-tests</artifactId><version>1</version>"
        f"<packaging>pom</packaging><dependencies>{listed}</dependencies></project>",
        encoding="utf-8",
    )
    for option, part in (("exclude", "lib"), ("include", "plugins")):
        done = subprocess.run(
            [
                *("mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"),
                *("-DincludeScope=runtime", f"-D{option}GroupIds=org.neo4j.gds"),
                f"-DoutputDirectory={folder / part}",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(
                f"Maven could not fetch Neo4j:\n{(done.stdout + done.stderr)[-3000:]}"
            )


def new_home(folder: Path, *, port: int | None = None, has_auth: bool = False) -> Path:
    """Make ``folder`` a server's own home: configuration and data, jars from the cache."""
    jars = fetch()
    for part in ("conf", "data", "logs", "run", "import"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    settings = {
        "server.directories.lib": jars / "lib",
        "server.directories.plugins": jars / "plugins",
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port or free_port()}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": str(has_auth).lower(),
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.usage_report.enabled": "false",
        "server.memory.pagecache.size": os.environ.get("PATHGRAPH_NEO4J_PAGECACHE", "256m"),
        "db.tx_log.preallocate": "false",
    }
    settings["server.bolt.advertised_address"] = settings["server.bolt.listen_address"]
    text = "".join(f"{name}={value}\n" for name, value in settings.items())
    (folder / "conf" / "neo4j.conf").write_text(text, encoding="utf-8")
    return folder


def write_admin_tool(home: Path) -> Path:
    """Write a program ``neo4j-admin`` for the server with this home and return its path."""
    jars = fetch()
    script = home / "neo4j-admin"
    script.write_text(
        "#!/bin/sh\n"
        f'export NEO4J_HOME="{home}" NEO4J_CONF="{home / "conf"}"\n'
        f'exec java -Xmx1g -cp "{jars / "lib"}/*" org.neo4j.cli.AdminTool "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o700)
    return script


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def notes_folder() -> Path:
    """Return the folder with a note of every running server that has an owner."""
    return cache_folder() / "running"


def start(home: Path, *, password: str | None = None, owner: int | None = None) -> Server:
    """Start the server with this home and wait until it answers.

    Its owner is this process where not given; 0 means nobody.
    A ``password`` is set for the user ``neo4j`` before the first start of a home with
    authentication.
    """
    if password is not None and not (home / "data" / "dbms").exists():
        admin = write_admin_tool(home)
        subprocess.run(
            [str(admin), "dbms", "set-initial-password", password], check=True, capture_output=True
        )
    jars = fetch()
    console = home / "logs" / "console.log"
    heap = os.environ.get("PATHGRAPH_NEO4J_HEAP", "1g")
    with console.open("ab") as log:
        process = subprocess.Popen(
            [
                *("java", "-Xms256m", f"-Xmx{heap}"),
                *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
                *("-cp", f"{jars / 'plugins'}/*:{jars / 'lib'}/*"),
                "org.neo4j.server.CommunityEntryPoint",
                *(f"--home-dir={home}", f"--config-dir={home / 'conf'}", "--console-mode"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    owner = os.getpid() if owner is None else owner
    server = Server(f"bolt://{_address(home)}", process.pid, str(home), owner)
    if owner:
        write_state(_note(server), server)
    auth = None if password is None else ("neo4j", password)
    limit = time.monotonic() + _START_LIMIT_S
    while not answers(server.url, auth):
        if process.poll() is not None or time.monotonic() > limit:
            stop(server)
            said = console.read_text(encoding="utf-8", errors="replace")[-3000:]
            raise ServerError(f"Neo4j did not start:\n{said}")
        time.sleep(0.3)
    return server


def _address(home: Path) -> str:
    lines = (home / "conf" / "neo4j.conf").read_text(encoding="utf-8").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if "=" in line)
    return pairs["server.bolt.listen_address"]


def answers(url: str, auth: tuple[str, str] | None = None) -> bool:
    """Tell whether a server answers at ``url`` and lets this user in."""
    host, port = url.rsplit("/", 1)[1].rsplit(":", 1)
    try:
        # The driver logs every refused connection, so knock before it does.
        socket.create_connection((host, int(port)), timeout=2).close()
        with neo4j.GraphDatabase.driver(url, auth=auth) as driver:
            driver.verify_connectivity()
    except (OSError, DriverError, Neo4jError):
        return False
    return True


def stop(server: Server) -> None:
    """End the server by its process id, first politely; do nothing when it has ended."""
    limit = time.monotonic() + _STOP_LIMIT_S
    sent: signal.Signals | None = None
    while is_running(server):
        late = time.monotonic() > limit
        if sent is None or (late and sent is not signal.SIGKILL):
            sent = signal.SIGKILL if late else signal.SIGTERM
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, sent)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(server.pid, os.WNOHANG)
        time.sleep(0.1)
    _note(server).unlink(missing_ok=True)


def _note(server: Server) -> Path:
    return notes_folder() / f"server-{server.pid}.json"


def is_running(server: Server) -> bool:
    """Tell whether the process is there, and is this server and not a later one of that id."""
    process = Path(f"/proc/{server.pid}")
    if Path("/proc/self").exists():
        try:
            # A zombie has no command line left.
            return server.home.encode() in (process / "cmdline").read_bytes()
        except OSError:
            return False
    done = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(server.pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return server.home in done.stdout


@contextlib.contextmanager
def running(folder: Path, *, password: str | None = None) -> Iterator[Server]:
    """Run a server of one's own in ``folder`` until the context ends."""
    server = start(new_home(folder, has_auth=password is not None), password=password)
    try:
        yield server
    finally:
        stop(server)


def write_state(file: Path, server: Server) -> None:
    """Note a running server, so that another process can find and end it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(server)), encoding="utf-8")


def read_state(file: Path) -> Server | None:
    """Return the server that was noted in ``file`` if it still runs."""
    server = _read_note(file)
    return server if server is not None and is_running(server) else None


def _read_note(file: Path) -> Server | None:
    try:
        return Server(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        # Another run removes it, or was killed while it wrote it.
        return None


def end_orphans(folder: Path) -> None:
    """End the servers noted in ``folder`` whose owner has ended without ending them."""
    for file in folder.glob("*.json"):
        server = _read_note(file)
        if server is not None and _is_alive(server.owner):
            continue
        if server is not None:
            stop(server)
            shutil.rmtree(server.home, ignore_errors=True)
        file.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # A killed process stays for a while as a zombie.
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state not in "ZX"


def _start_by_hand() -> int:
    state = cache_folder() / "by-hand.json"
    if server := read_state(state):
        print(f"Neo4j is already running: {server.url}")
        return 0
    password = os.environ.get("PATHGRAPH_NEO4J_PASSWORD") or None
    home = cache_folder() / "home"
    port = 7687 if _is_free(7687) else free_port()
    home = new_home(home, port=port, has_auth=password is not None)
    server = start(home, password=password, owner=0)
    write_state(state, server)
    print(f"Neo4j {NEO4J_VERSION} is running: {server.url}")
    if password is None:
        print("It asks for no password and listens on this machine only: not for patient data.")
    return 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _stop_by_hand() -> int:
    state = cache_folder() / "by-hand.json"
    if server := read_state(state):
        stop(server)
        print("Neo4j has ended.")
    else:
        print("Neo4j was not running.")
    state.unlink(missing_ok=True)
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(description="A real Neo4j for tests and trials.")
    parser.add_argument("command", choices=("fetch", "start", "stop", "status"))
    command = parser.parse_args(arguments).command
    try:
        if command == "fetch":
            print(f"Neo4j {NEO4J_VERSION} is in {fetch()}")
            return 0
        if command == "status":
            server = read_state(cache_folder() / "by-hand.json")
            print(f"running: {server.url}" if server else "not running")
            return 0 if server else 1
        return _start_by_hand() if command == "start" else _stop_by_hand()
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
