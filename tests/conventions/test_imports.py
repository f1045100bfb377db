"""Who may import whom: the contracts of pyproject.toml hold, and they can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache", "--config", str(root / "pyproject.toml"),
    ]  # fmt: skip
    return subprocess.run(
        command,
        cwd=root,
        env={"PYTHONPATH": str(root / "src"), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_contracts_are_kept() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("errors.py", "import pathgraph.model.types", "errors, progress and version"),
        ("model/types.py", "import pandas", "model is pure"),
        ("queries/spec.py", "import ladybug", "Only engine imports a graph driver"),
        ("queries/spec.py", "import pathgraph.ingest.run", "One way"),
        ("ingest/run.py", "import pathgraph.queries.run", "One way"),
        ("engine/base.py", "import pathgraph.queries.spec", "One way"),
        ("engine/base.py", "import pathgraph.settings", "One way"),
        ("analysis/__init__.py", "import duckdb", "analysis reaches no database"),
        ("queries/run.py", "import pathgraph.cli", "One way"),
        ("cli/app.py", "import pathgraph.docgen", "One way"),
        ("settings.py", "import pathgraph.model.tables", "settings import errors alone"),
        ("ingest/run.py", "import pathgraph", "One way"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(
    tmp_path: Path, file: str, line: str, contract: str
) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    module = tmp_path / "src" / "pathgraph" / file
    module.write_text(module.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    result = lint_imports(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    broken = [text for text in result.stdout.splitlines() if text.strip().endswith("BROKEN")]
    assert any(contract in text for text in broken), result.stdout


def test_every_package_is_in_the_layers(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "pathgraph" / "elsewhere.py").write_text("", encoding="utf-8")
    assert lint_imports(tmp_path).returncode != 0
