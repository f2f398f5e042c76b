"""What is declared, what is pinned and what is imported are the same thing."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# What each list of requirements/ is resolved from; scripts/lock.sh says the same to uv.
LISTS = {
    "demo": {"extras": [], "groups": ["demo"]},
    "dev": {"extras": ["mcp", "postgres", "redis", "server"], "groups": ["dev"]},
    "hosts": {"extras": [], "groups": ["hosts"]},
    "lab": {"extras": ["lab"], "groups": ["build"]},
}


@pytest.fixture(scope="module")
def pyproject(repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))


def in_group(pyproject: dict[str, Any], name: str) -> Iterator[Requirement]:
    """Yield what a dependency group asks for, with the groups it includes."""
    for entry in pyproject["dependency-groups"][name]:
        if isinstance(entry, dict):
            yield from in_group(pyproject, entry["include-group"])
        else:
            yield Requirement(entry)


def declared(pyproject: dict[str, Any], name: str) -> list[Requirement]:
    """Return what pyproject.toml asks for in the list called ``name``."""
    project = pyproject["project"]
    extras = [text for extra in LISTS[name]["extras"] for text in extra_of(pyproject, extra)]
    grouped = [item for group in LISTS[name]["groups"] for item in in_group(pyproject, group)]
    return [*map(Requirement, project["dependencies"]), *map(Requirement, extras), *grouped]


def extra_of(pyproject: dict[str, Any], name: str) -> list[str]:
    """Return what an extra asks for."""
    extra: list[str] = pyproject["project"]["optional-dependencies"][name]
    return extra


def names(requirements: list[Requirement]) -> set[str]:
    """Return the names, in the form they are compared in."""
    return {canonicalize_name(requirement.name) for requirement in requirements}


@pytest.mark.parametrize("name", LISTS)
def test_what_is_declared_is_pinned_within_its_bounds(
    name: str, pyproject: dict[str, Any], pins: Callable[[str], list[Requirement]]
) -> None:
    pinned = pins(name)
    assert names(declared(pyproject, name)) <= names(pinned)
    for wanted in declared(pyproject, name):
        for pin in pinned:
            if canonicalize_name(pin.name) == canonicalize_name(wanted.name):
                (exact,) = pin.specifier
                assert exact.operator == "=="
                assert wanted.specifier.contains(exact.version), f"{pin} is not {wanted}"


@pytest.mark.parametrize("name", LISTS)
def test_what_is_pinned_for_the_project_itself_is_declared(
    name: str, pyproject: dict[str, Any], repository: Path
) -> None:
    asked_for = set()
    pin = ""
    for line in (repository / "requirements" / f"{name}.txt").read_text("utf-8").splitlines():
        if re.match(r"[a-z0-9]", line):
            pin = Requirement(line.rstrip(" \\")).name
        elif "anvil-nb" in line:
            asked_for.add(canonicalize_name(pin))
    assert asked_for == names(declared(pyproject, name))


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_has_hashes_and_no_address(name: str, repository: Path) -> None:
    text = (repository / "requirements" / f"{name}.txt").read_text("utf-8")
    pinned = [block for block in re.split(r"\n(?=[a-z0-9])", text) if "==" in block]
    assert [block for block in pinned if "--hash=sha256:" not in block] == []
    assert "//" not in text


def test_one_environment_can_hold_every_list(pins: Callable[[str], list[Requirement]]) -> None:
    versions: dict[str, set[str]] = {}
    for requirement in pins("dev"):
        versions.setdefault(requirement.name, set()).add(str(requirement.specifier))
    for requirement in [*pins("demo"), *pins("hosts"), *pins("lab")]:
        if requirement.name in versions:
            assert str(requirement.specifier) in versions[requirement.name]


def test_every_package_for_node_is_exact_and_has_a_digest_and_no_address(
    tracked_files: list[Path],
) -> None:
    locks = [path for path in tracked_files if path.name == "package-lock.json"]
    assert locks
    for lock in locks:
        asked = json.loads(lock.with_name("package.json").read_text("utf-8"))
        wanted = {**asked.get("dependencies", {}), **asked.get("devDependencies", {})}
        packages = json.loads(lock.read_text("utf-8"))["packages"]
        for name, version in wanted.items():
            assert packages[f"node_modules/{name}"]["version"] == version
        locked = {name: one for name, one in packages.items() if name}
        assert [name for name, one in locked.items() if "integrity" not in one] == []
        assert [name for name, one in locked.items() if "resolved" in one] == []
        settings = lock.with_name(".npmrc").read_text("utf-8")
        assert re.search(r"registry\s*=", settings) is None


def imported(package: Path) -> set[str]:
    """Return the distributions that the package's sources import, late imports included."""
    modules: set[str] = set()
    for source in package.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    foreign = modules - sys.stdlib_module_names - {package.name}
    owners = packages_distributions()
    return {
        canonicalize_name(owner) for module in foreign for owner in owners.get(module, [module])
    }


def test_a_dependency_is_declared_where_it_is_imported(
    pyproject: dict[str, Any], repository: Path
) -> None:
    base = names([Requirement(text) for text in pyproject["project"]["dependencies"]])
    # The pool is a distribution of its own, asked for by psycopg[pool].
    texts = [text for name in ("mcp", "postgres", "server") for text in extra_of(pyproject, name)]
    extras = names([Requirement("psycopg-pool"), *map(Requirement, texts)])
    used = imported(repository / "anvil_nb")
    assert base - used == set(), "declared and not imported"
    assert used - base - extras == set(), "imported and not declared"
