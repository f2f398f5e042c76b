"""Makes a store of published sets, in a process of its own: ``bundle_store.py STORE SETS BYTES``.

``SETS`` sets of ten prompts in five versions each, with texts of some 400 characters; or of
``BYTES`` bytes that hardly can be compressed, where that is not 0. The rows go straight into the
tables: publishing them one by one would take minutes, and is not what is measured.
"""

from __future__ import annotations

import base64
import random
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from anvil_nb.domain.digest import digest_of_tree
from anvil_nb.domain.prompt import Content
from anvil_nb.store import arrivals, objects, projects
from anvil_nb.store.entries import Leaf
from anvil_nb.store.identity import new_id
from anvil_nb.store.sets import SetRow
from anvil_nb.store.versions import VersionRow
from benchmarks.stores import opened, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.store.engine import Transaction
    from anvil_nb.workspace import Workspace

PROMPTS = 10
VERSIONS = 5
_NOW = datetime(2026, 1, 1)  # noqa: DTZ001 - as the store keeps it
_AT_ONCE = 50


def main() -> None:
    """Fill the store that the arguments name."""
    store, sets, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with opened(store) as ws, ws.access.engine.write() as tx:
        actor = ws.access.actor
        project = projects.insert(tx, actor, "desk", title="", description="", now=_NOW)
        assert project is not None
        for number in range(sets):
            texts = [
                [
                    _text((number * PROMPTS + one) * VERSIONS + version, size)
                    for one in range(PROMPTS)
                ]
                for version in range(VERSIONS)
            ]
            _fill(ws, tx, project, texts, number)


def _fill(ws: Workspace, tx: Transaction, project: object, texts: list[list[str]], at: int) -> None:
    """Add a set of a version for each list of texts."""
    actor = ws.access.actor
    set_id, path = new_id(), f"desk/set-{at}"
    row = SetRow(set_id, project, path, f"set-{at}", "", "", len(texts) + 1, _NOW, _NOW)  # type: ignore[arg-type]  # an id
    arrivals.add_sets(tx, actor, [row])
    ids = [new_id() for _ in texts[0]]
    for sequence, version in enumerate(texts):
        number, last = f"1.0.{sequence}", sequence == len(texts) - 1
        tree: dict[str, Leaf] = {}
        for part in _parts(version):
            contents = [Content(one) for one in part]
            objects.put(tx, actor.organisation_id, contents)
            for content in contents:
                tree[f"prompt-{len(tree)}"] = Leaf(ids[len(tree)], content.digest)
        digest = digest_of_tree({name: leaf.digest for name, leaf in tree.items()})
        made = VersionRow(
            new_id(), set_id, number, digest, "", "patch", (), None, sequence + 1, "", _NOW
        )
        arrivals.add_versions(tx, actor, [made])
        rows = [
            arrivals.EntryRow(
                path,
                set_id,
                selector,
                name,
                leaf,
                None if selector == "draft" else number,
                None if selector == "draft" else digest,
            )
            for selector in (number, *(("latest", "draft") if last else ()))
            for name, leaf in tree.items()
        ]
        arrivals.add_entries(tx, actor, rows)


def _text(number: int, size: int) -> str:
    """Return the text of a number."""
    if not size:
        return text(number)
    return base64.b64encode(random.Random(number).randbytes(size * 3 // 4)).decode()  # noqa: S311 - no secret


def _parts(texts: list[str]) -> Iterator[list[str]]:
    return (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))


if __name__ == "__main__":
    main()
