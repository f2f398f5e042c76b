"""Clients of others, and servers for them: started once, by one worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.workspace import init_workspace, open_workspace
from tests.mcp_server.clients.programs import Node
from tests.mcp_server.conftest import filled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def node(private_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A Node that starts in an empty folder, in the tests' own home."""
    assert private_home.is_dir()
    return Node(tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a workspace whose skills are in its store, for what changes nothing in it."""
    folder = made(tmp_path_factory.mktemp("clients"))
    with open_workspace(folder) as opened:
        opened.sync("skills", "push", dry_run=False)
    return folder


def made(folder: Path) -> Path:
    """Make a workspace with prompts and skills in a folder, and return its own folder."""
    place = folder / "work"
    place.mkdir()
    with init_workspace(place, actor="ada") as opened:
        filled(opened)
    return place
