"""The official conformance suite passes against our server, under both eras of the protocol.

The suite calls tools, resources and prompts by fixed names; the server that is tested is ours with
those added (``serving``). No failure is expected, but of the extension for tasks, which no revision
requires and of which the SDK has no server's side.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import yaml

from tests.mcp_server.clients.programs import official, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mcp_server.clients.programs import Node

# One worker starts the servers and runs the suite, once for a revision.
pytestmark = pytest.mark.xdist_group("mcp-clients")

MODERN, LEGACY = "2026-07-28", "2025-11-25"
REVISIONS = (MODERN, LEGACY)
REQUIREMENTS = "--requirements"
PASSED = {"SUCCESS", "INFO"}
FOLDER = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT[\d-]+Z")

Checks = list[dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """What a run of the suite found.

    Args:
        code: It ended with.
        said: What it wrote.
        checks: By scenario.
    """

    code: int
    said: str
    checks: dict[str, Checks]

    def not_passed(self, scenario: str) -> list[str]:
        """Return the checks of a scenario that did not pass, warnings among them, and why."""
        return [
            f"{scenario}: {one['id']}: {one['status']}: {one.get('errorMessage')}"
            for one in self.checks[scenario]
            if one["status"] not in PASSED
        ]

    def failed(self) -> set[str]:
        """Return the scenarios with failures."""
        return {
            scenario
            for scenario, checks in self.checks.items()
            if any(one["status"] == "FAILURE" for one in checks)
        }


class Suite(Protocol):
    """Runs what is asked for: ``--requirements`` of a revision, or a ``--scenario``; each once."""

    def __call__(self, asked: str, value: str) -> Outcome: ...


def suite_on(url: str, node: Node, folder: Path) -> Suite:
    """Return the suite on a server."""

    @cache
    def run(asked: str, value: str) -> Outcome:
        results = folder / value
        program = official("conformance/dist/index.js")
        done = node(program, "server", "--url", url, asked, value, "--output-dir", results)
        checks = {}
        for place in results.iterdir():
            named = FOLDER.fullmatch(place.name)
            assert named, place.name
            checks[named["scenario"]] = json.loads((place / "checks.json").read_text("utf-8"))
        return Outcome(done.returncode, done.stdout + done.stderr, checks)

    return run


@pytest.fixture(scope="module")
def ours(office: Path, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The suite on our server."""
    with serving(office, "suite") as url:
        yield suite_on(url, node, tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def bare(office: Path, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The suite on the SDK's own server, with the same added."""
    with serving(office, "bare") as url:
        yield suite_on(url, node, tmp_path_factory.mktemp("bare"))


def listed(revision: str) -> tuple[set[str], set[str]]:
    """Return the scenarios for servers that a revision requires, and those that are not scored."""
    text = official(f"conformance/requirements/{revision}.yaml").read_text("utf-8")
    document = yaml.safe_load(text)
    others = {one["scenario"] for one in document["not_scored"] if one["leg"] == "server"}
    return set(document["server"]), others


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_scenario_that_a_revision_requires_passes(revision: str, ours: Suite) -> None:
    required, _ = listed(revision)
    outcome = ours(REQUIREMENTS, revision)
    assert required <= outcome.checks.keys()
    assert [line for one in sorted(required) for line in outcome.not_passed(one)] == []
    assert outcome.code == 0, outcome.said


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_is_not_scored_passes_too_but_for_tasks(revision: str, ours: Suite) -> None:
    _, others = listed(revision)
    assert others <= ours(REQUIREMENTS, revision).checks.keys()
    assert {
        one for one in ours(REQUIREMENTS, revision).failed() if not one.startswith("tasks-")
    } == set()


def test_the_sdks_own_server_fails_the_same_scenarios_of_tasks(ours: Suite, bare: Suite) -> None:
    failed = ours(REQUIREMENTS, MODERN).failed()
    assert failed
    assert failed == bare(REQUIREMENTS, MODERN).failed()


def test_streams_are_not_taken_up_again_for_nothing_of_them_is_kept(ours: Suite) -> None:
    warned = ours(REQUIREMENTS, LEGACY).not_passed("server-sse-polling")
    assert [line.split(": ")[1] for line in warned] == [
        "server-sse-priming-event",
        "server-sse-retry-field",
    ]


@pytest.mark.parametrize("scenario", ["sep-2640-skills-enumeration", "sep-2640-skills-manifest"])
def test_skills_are_served_as_their_extension_wants_it(scenario: str, ours: Suite) -> None:
    outcome = ours("--scenario", scenario)
    assert outcome.code == 0, outcome.said
    skipped = [line for line in outcome.not_passed(scenario) if ": SKIPPED: " in line]
    assert outcome.not_passed(scenario) == skipped
    assert [line for line in skipped if "did not declare" in line] == []
