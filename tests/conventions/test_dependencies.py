"""pyproject.toml, the locks and the imports say the same."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Loaded by name and not by an import statement.
LOADED_BY_NAME = {"plotly", "pyvis", "tzdata"}


def requirements(group: str | None = None) -> list[Requirement]:
    if group is None:
        return [Requirement(text) for text in PROJECT["project"]["dependencies"]]
    found = []
    for entry in PROJECT["dependency-groups"][group]:
        if isinstance(entry, dict):
            found += requirements(entry["include-group"])
        else:
            found.append(Requirement(entry))
    return found


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """Return each locked requirement with its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = []
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            head, *hashes = re.split(r"\s+--hash=", line.strip())
            entries.append((Requirement(head), [h.strip() for h in hashes]))
    return entries


def versions(name: str, python: str) -> dict[str, Version]:
    """Return what the lock installs on Linux with ``python``."""
    environment = {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": "linux",
    }
    chosen: dict[str, Version] = {}
    for requirement, _ in locked(name):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            key = canonicalize_name(requirement.name)
            assert key not in chosen, f"{key} is locked twice for Python {python}"
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            chosen[key] = Version(pin.version)
    return chosen


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|-e|--[a-gi-z])", text, re.MULTILINE)
    for requirement, hashes in locked(name):
        assert hashes, requirement.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), requirement.name
        assert requirement.url is None


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("name", "groups"),
    [("requirements.lock", (None, "build")), ("requirements-dev.lock", (None, "dev"))],
)
def test_a_lock_satisfies_pyproject(name: str, groups: tuple[str | None, ...], python: str) -> None:
    chosen = versions(name, python)
    for group in groups:
        for requirement in requirements(group):
            version = chosen.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement.name} is missing from {name}"
            assert version in requirement.specifier, requirement.name


@pytest.mark.parametrize("python", PYTHONS)
def test_both_locks_choose_the_same_versions(python: str) -> None:
    everything = versions("requirements-dev.lock", python)
    for name, version in versions("requirements.lock", python).items():
        assert everything[name] == version, name


def test_the_build_backend_is_in_the_lock() -> None:
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]


def test_supported_pythons_are_those_of_the_makefile() -> None:
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    assert all(f"{python}.0" in supported for python in PYTHONS)
    assert "3.10.9" not in supported
    assert "3.15.0" not in supported
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert makefile.count("(3, 11) <= sys.version_info[:2] < (3, 15)") == 2


def imported_distributions(folder: Path) -> set[str]:
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.partition(".")[0])
    ours = {"pathgraph", "benchmarks", "examples", "tests"}
    distributions = packages_distributions()
    return {
        canonicalize_name(distributions[name][0])
        if name in distributions
        else f"{name} (not installed)"
        for name in names - set(sys.stdlib_module_names) - ours
    }


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    declared = {canonicalize_name(r.name) for r in requirements()} - LOADED_BY_NAME
    assert imported_distributions(ROOT / "src") == declared


def test_what_tests_import_is_declared() -> None:
    declared = {canonicalize_name(r.name) for r in [*requirements(), *requirements("dev")]}
    assert imported_distributions(ROOT / "tests") <= declared
