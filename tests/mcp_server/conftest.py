"""A desk for agents: a workspace with prompts of a support desk, and services on disk."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.mcp_server.desk import Desk, usual_roots
from anvil_nb.mcp_server.server import AnvilServer, create_server
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace, open_workspace
from tests.mcp_server.agents import ERAS
from tests.services.conftest import Clock, clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["clock"]

SKILL = """---
name: {name}
description: What {name} is for.
---

Do {name}, {more}.
"""


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    """Either era of the protocol."""
    return str(request.param)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """Such a workspace as ``ws`` is, and what its clock showed at last; to be copied."""
    folder, clock = tmp_path_factory.mktemp("made"), Clock()
    with prepared(folder, clock):
        pass
    return folder, clock.now


@pytest.fixture
def ws(made: tuple[Path, datetime], tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A workspace with some prompts that are published, and two skills on disk."""
    folder, clock.now = made
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with Workspace(settled(tmp_path / "work"), clock=clock) as opened:
        yield opened


def settled(root: Path) -> Settings:
    """Return the settings of that workspace in a folder."""
    store = str(root / "store.duckdb")
    return Settings(root, store, "acme", "ada", services=root / "services")


@contextmanager
def prepared(folder: Path, clock: Clock | None = None) -> Iterator[Workspace]:
    """Make that workspace in a folder."""
    root = folder / "work"
    root.mkdir()
    how: dict[str, Any] = {} if clock is None else {"clock": clock}
    with Workspace(settled(root), **how) as opened:
        filled(opened)
        yield opened


def filled(workspace: Workspace) -> None:
    """Put that into a workspace."""
    workspace.save(
        "desk/emails/welcome",
        "{% if lang == 'fr' %}Bonjour{% else %}Hello{% endif %} {{ customer }}!",
        parameters={"customer": "string", "lang": {"type": "string", "default": "en"}},
        metadata={"description": "Greets customers"},
    )
    workspace.save("desk/emails/refund", "Your refund of {{ amount }} is on its way.")
    workspace.publish("desk/emails", message="First letters")
    for name in ("triage", "escalate"):
        put_skill(workspace.settings.services, name)


def put_skill(services: Path, name: str, more: str = "as it should be done") -> Path:
    """Write a skill to disk."""
    place = services / "skills" / name / "SKILL.md"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(SKILL.format(name=name, more=more))
    return place


@pytest.fixture
def folder(made_folder: Path, tmp_path: Path) -> Path:
    """A workspace on disk, with a prompt that is published and two skills."""
    return Path(shutil.copytree(made_folder, tmp_path / "work"))


@pytest.fixture(scope="session")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a workspace as ``folder`` is, to be copied."""
    root = tmp_path_factory.mktemp("made") / "work"
    root.mkdir()
    (root / "anvil.toml").write_text(
        'store = "store.duckdb"\norganisation = "acme"\nactor = "ada"\n'
    )
    with open_workspace(root) as ws:
        ws.save("desk/emails/welcome", "Hello {{ customer }}!")
        ws.publish("desk/emails", message="First letters")
    for name in ("triage", "escalate"):
        put_skill(root / "services", name)
    return root


@pytest.fixture
def desk(ws: Workspace) -> Desk:
    """The desk of that workspace."""
    return Desk(ws, roots=usual_roots(ws.settings))


@pytest.fixture
def server(desk: Desk) -> AnvilServer:
    """Its server."""
    return create_server(desk)


@pytest.fixture
def stocked(ws: Workspace) -> Workspace:
    """A store with two skills that conform, one with files beside it, and some that do not."""
    skills = ws.settings.services / "skills"
    beside = put_skill(ws.settings.services, "triage").parent
    (beside / "scripts").mkdir()
    (beside / "scripts/sort.py").write_bytes(b"print('\xc3\xa9')\r\n")
    (beside / "logo.png").write_bytes(b"\x89PNG\x00\xff")
    put_skill(ws.settings.services, "under_score")
    other = skills / "index-only"
    other.mkdir()
    (other / "index.md").write_text("---\ntitle: Index\ndescription: None.\n---\n\nx\n")
    renamed = put_skill(ws.settings.services, "renamed")
    renamed.write_text(renamed.read_text().replace("name: renamed", "name: another"))
    ws.sync("skills", "push", dry_run=False)
    return ws
