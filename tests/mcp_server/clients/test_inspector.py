"""The official Inspector, a client that no one here wrote, lists and calls what we serve."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pytest

from anvil_nb.mcp_server.server import TOOLS
from anvil_nb.workspace import open_workspace
from tests.mcp_server.clients.conftest import made
from tests.mcp_server.clients.programs import SERVING, Inspector, serving
from tests.mcp_server.conftest import put_skill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mcp_server.clients.programs import Node

    Era = Literal["legacy", "modern"]

# One worker starts the servers and runs the clients.
pytestmark = pytest.mark.xdist_group("mcp-clients")

REFUSED = 5
"""The exit code for a tool that answers that it could not do it."""

WAYS = [("stdio", "legacy"), ("stdio", "modern"), ("http", "legacy"), ("http", "modern")]
WEB = [("http", "legacy"), ("http", "modern")]
PUSH: dict[str, Any] = {"target": "skills", "direction": "push"}


@contextmanager
def told(transport: str, folder: Path) -> Iterator[tuple[str, ...]]:
    """How the Inspector is told of the server of a workspace."""
    if transport == "stdio":
        yield (*SERVING, "stdio", str(folder))
    else:
        with serving(folder) as url:
            yield (url, "--transport", "http")


@pytest.fixture(scope="module")
def web(office: Path) -> Iterator[tuple[str, ...]]:
    """A server over HTTP."""
    with told("http", office) as target:
        yield target


@pytest.fixture
def inspector(
    node: Node, office: Path, web: tuple[str, ...], transport: str, era: Era
) -> Inspector:
    """The Inspector on a server that nothing is changed on."""
    if transport == "http":
        return Inspector(node, web, era)
    with told(transport, office) as target:
        return Inspector(node, target, era)


@pytest.mark.parametrize(("transport", "era"), WAYS)
def test_the_schemas_of_all_tools_are_taken_by_every_client(inspector: Inspector) -> None:
    listed = inspector("tools/list", "--strict")
    assert [one["name"] for one in listed["tools"]] == [one.name for one in TOOLS]


@pytest.mark.parametrize(("transport", "era"), WEB)
def test_prompts_and_resources_are_listed_to_the_last_page(inspector: Inspector) -> None:
    prompts = [one["name"] for one in inspector("prompts/list")["prompts"]]
    assert prompts == ["desk/emails/refund", "desk/emails/welcome"]
    resources = {one["uri"] for one in inspector("resources/list")["resources"]}
    assert resources >= {f"skill://{name}/SKILL.md" for name in ("escalate", "triage")}
    assert resources >= {f"prompt://{name}@latest" for name in prompts}


@pytest.mark.parametrize(("transport", "era"), [("stdio", "legacy"), ("http", "modern")])
def test_a_push_is_planned_and_applied_and_a_conflict_is_settled(
    transport: str, era: Era, node: Node, tmp_path: Path
) -> None:
    folder = made(tmp_path)
    with told(transport, folder) as target, open_workspace(folder) as ws:
        call = Inspector(node, target, era).call
        plan = call("sync", **PUSH)
        assert plan["counts"] == {"added": 2}
        assert [one.key for one in ws.skills()] == []
        assert "plan_id" in call("sync", exits=REFUSED, **PUSH, dry_run=False)["said"]
        done = call("sync", **PUSH, dry_run=False, plan_id=plan["plan_id"])
        assert (done["state"], done["counts"]) == ("completed", {"added": 2})
        assert [one.key for one in ws.skills()] == ["escalate", "triage"]

        place = put_skill(ws.settings.services, "triage", "by hand")
        ws.save_skill("triage", {"instructions": "Do it from the store."})
        refused = call("sync", exits=REFUSED, **PUSH, dry_run=False, plan_id=ws.sync(**PUSH).plan)
        assert 'sync_diff {"key": "skills/triage"}' in refused["said"]
        (skills,) = [one for one in call("sync_status")["rows"] if one.get("target") == "skills"]
        assert skills["conflicts"] == 1
        compared = call("sync_diff", key="skills/triage")
        assert "by hand" in compared["text"]
        assert "Do it from the store." in compared["text"]
        how: dict[str, Any] = {"key": "skills/triage", "choice": "theirs"}
        settle = call("sync_resolve", **how)
        assert settle["state"] == "planned"
        assert "by hand" in place.read_text("utf-8")
        settled = call("sync_resolve", **how, dry_run=False, plan_id=settle["plan_id"])
        assert settled["state"] == "done"
        assert "Do it from the store." in place.read_text("utf-8")
        again = call("sync_resolve", exits=REFUSED, **how, dry_run=False, plan_id=settle["plan_id"])
        assert "Next" in again["said"]


@pytest.mark.parametrize(("transport", "era"), [("stdio", "modern"), ("http", "modern")])
def test_the_digests_of_skills_are_true(inspector: Inspector) -> None:
    said = inspector.said("skills/list", "--verify", "--require-digests")
    verified = [json.loads(line) for line in said.splitlines()]
    assert [(one["name"], one["outcome"]) for one in verified] == [
        ("escalate", "verified"),
        ("triage", "verified"),
    ]
