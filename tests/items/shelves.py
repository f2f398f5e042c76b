"""Folders of items to test with: real ones where they are at hand, and small ones made here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.items.shelving import Shelf, shelve

if TYPE_CHECKING:
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.sync.tree import Tree

DATA = Path(os.environ.get("ANVIL_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
SKILLS = {
    "services": DATA / "services" / "skills",
    "standard": DATA / "agent-skills",
}
with_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real services are not at hand")

Files = dict[str, bytes]


def read_folder(folder: Path) -> tuple[Files, dict[str, Leaf]]:
    """Return the bytes and the leaves of all files in a folder, by path."""
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    data = {name: path.read_bytes() for name, path in found.items()}
    leaves = {
        name: Leaf(
            name, digest_of_bytes(data[name]), len(data[name]), os.access(found[name], os.X_OK)
        )
        for name in found
    }
    return data, leaves


def leaves_of(files: Files) -> dict[str, Leaf]:
    """Return the leaves of files, none of which may be executed."""
    return {name: Leaf(name, digest_of_bytes(one), len(one)) for name, one in files.items()}


def shelf(kind: Kind, files: Files, *, known: Tree | None = None) -> Shelf:
    """Return the items in files that lie in a folder of their kind."""
    return shelve(kind, leaves_of(files), files.__getitem__, known=known)
