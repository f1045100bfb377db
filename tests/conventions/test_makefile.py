"""The commands that README and continuous integration rely on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = ("help", "setup", "demo", "test", "check", "bench", "neo4j-start", "neo4j-stop")


def make(
    *arguments: str, folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    if shutil.which("make") is None:
        pytest.skip("There is no make on this machine.")
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command() -> None:
    shown = make("help")
    assert shown.returncode == 0
    assert {line.split()[1] for line in shown.stdout.splitlines()} >= set(TARGETS)
    # Without a word, help is what one gets.
    assert make().stdout == shown.stdout


def test_a_missing_python_is_a_sentence(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("make", "sh", "touch"):
        (tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    tried = make("setup", folder=tmp_path, PATH=str(tools))
    assert tried.returncode != 0
    assert "pathgraph needs Python 3.11" in tried.stderr
    assert "make setup PYTHON=" in tried.stderr


def test_a_python_that_is_too_old_is_not_taken(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("make", "sh", "touch"):
        (tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    tried = make("setup", f"PYTHON={old}", folder=tmp_path, PATH=str(tools))
    assert tried.returncode != 0
    assert "none was found" in tried.stderr


def test_continuous_integration_requires_every_engine() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    steps = [line.strip() for line in script.splitlines()]
    assert steps.index("export PATHGRAPH_REQUIRE_ENGINES=1") < steps.index("make test")
    assert steps.index("make test") < steps.index("make check")
    assert "set -euo pipefail" in steps
