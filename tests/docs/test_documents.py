"""Generated documents are current and complete, links lead somewhere, README keeps its word."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pathgraph.docgen import documents, stale_documents, write_documents
from pathgraph.model.schema import NODES, RELATIONSHIPS
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.queries.catalogue import catalogue

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "docs" / "generated"
PAGES = sorted(
    page for pattern in ("*.md", "docs/**/*.md", "cypher/*.md") for page in ROOT.glob(pattern)
)


def test_the_generated_documents_are_current() -> None:
    assert stale_documents(GENERATED) == []


def test_the_same_declarations_give_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib, pathgraph.docgen as d; "
        "print(hashlib.sha256(repr(sorted(d.documents().items())).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": seed, "COLUMNS": columns},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, columns in (("1", "60"), ("2", "200"))
    }
    assert len(seen) == 1


def test_check_names_what_is_missing_outdated_and_left_over(tmp_path: Path) -> None:
    assert len(stale_documents(tmp_path)) == len(documents())
    assert sorted(write_documents(tmp_path)) == sorted(documents())
    assert stale_documents(tmp_path) == []
    assert write_documents(tmp_path) == []
    (tmp_path / "model.md").write_text("old", encoding="utf-8")
    (tmp_path / "old.md").write_text("old", encoding="utf-8")
    (tmp_path / "findings.md").unlink()
    said = stale_documents(tmp_path)
    assert len(said) == 3
    assert any("findings.md is missing" in sentence for sentence in said)
    assert sorted(write_documents(tmp_path)) == ["findings.md", "model.md", "old.md"]
    assert stale_documents(tmp_path) == []


def test_the_command_exits_with_1_when_something_is_stale(tmp_path: Path) -> None:
    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pathgraph.docgen", "--folder", str(tmp_path), *arguments],
            env={"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )

    stale = ran("--check")
    assert stale.returncode == 1
    assert "Run `make docs`" in stale.stdout
    assert ran().returncode == 0
    assert ran("--check").returncode == 0


def test_the_documents_hold_everything_that_is_declared() -> None:
    made = documents()
    for node in NODES:
        assert f"### {node.label}\n" in made["model.md"]
        for item in node.properties:
            assert f"`{item.name}`" in made["model.md"]
    for relationship in RELATIONSHIPS:
        assert f"### {relationship.type}\n" in made["model.md"]
        assert "-->|" in made["model.md"]
    for table in CANONICAL_TABLES:
        assert f"## {table.name}\n" in made["canonical_tables.md"]
    for finding in catalogue().values():
        assert f"## {finding.id}\n" in made["findings.md"]
        assert f"## pathgraph find {finding.id}\n" in made["command_line.md"]
        for parameter in finding.parameters:
            assert f"`--{parameter.name.replace('_', '-')}`" in made["command_line.md"]
            assert f"| `{parameter.name}` |" in made["findings.md"]


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads]
    explicit = re.findall(r'<a (?:id|name)="([^"]+)"', page.read_text(encoding="utf-8"))
    return {*plain, *explicit}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_definition_that_a_finding_points_to_is_there() -> None:
    for finding in catalogue().values():
        name, _, anchor = finding.source.partition("#")
        assert (ROOT / name).is_file(), finding.id
        assert anchor in anchors(ROOT / name), f"{finding.id}: {finding.source}"


def test_readme_has_exactly_two_commands_to_set_up() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    set_up = text.split("## Set up")[1].split("\n## ")[0]
    (block,) = re.findall(r"```\n(.*?)```", set_up, re.DOTALL)
    assert [line.split("#")[0].strip() for line in block.strip().splitlines()] == [
        "make demo",
        "make test",
    ]


def test_readme_names_only_options_that_there_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = documents()["command_line.md"]
    for command in re.findall(r"^\.venv/bin/pathgraph (.+)$", text, re.MULTILINE):
        for option in re.findall(r"--[a-z-]+", command):
            assert option == "--help" or f"`{option}`" in known, option


def test_decisions_are_numbered_and_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    files = sorted(file.name for file in folder.glob("[0-9]*.md"))
    numbers = [int(name[:4]) for name in files]
    assert numbers == list(range(1, len(files) + 1))
    index = (folder / "README.md").read_text(encoding="utf-8")
    for name in files:
        assert f"({name})" in index, name
        title = (folder / name).read_text(encoding="utf-8").splitlines()[0]
        assert title.startswith(f"# {name[:4]}: ")


def test_every_python_example_of_readme_is_python() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        compile(block, "README.md", "exec")
