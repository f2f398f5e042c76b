"""Which prompt of ours is which of theirs, in a set of ours that is another one than theirs.

A copy of a set, or a set that was made apart and is one with theirs now, has prompts with ids of
its own. They are the same ones each time, whatever is imported before or after, and each is one
prompt's alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid5

from anvil_nb.store.entries import Leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from anvil_nb.bundles.documents import VersionDocument
    from anvil_nb.store.entries import Tree


def prompt_ids(
    set_id: UUID, versions: Iterable[VersionDocument], latest: Tree, draft: Tree
) -> Mapping[UUID, UUID]:
    """Return the ids here of the prompts of a set of the bundle, by their ids there.

    A prompt that came before is known by its id, another one by its name.

    Args:
        set_id: Of ours, which is another one than theirs.
        versions: Of theirs, oldest first.
        latest: The latest version of ours.
        draft: Of ours.
    """
    names: dict[UUID, str] = {}
    for version in versions:
        for name, leaf in version.tree.items():
            names.setdefault(leaf.prompt_id, name)
    in_draft = {leaf.prompt_id for leaf in draft.values()}
    by_name = {name: leaf for name, leaf in latest.items() if leaf.prompt_id not in in_draft}
    by_name |= draft
    known = {leaf.prompt_id for leaf in by_name.values()}
    found = {theirs: uuid5(set_id, str(theirs)) for theirs in names}
    used = known & set(found.values())
    for theirs, name in names.items():
        ours = by_name[name].prompt_id if name in by_name else None
        if found[theirs] not in known and ours is not None and ours not in used:
            found[theirs] = ours
            used.add(ours)
    return found


def with_ids(tree: Mapping[str, Leaf], ids: Mapping[UUID, UUID]) -> Tree:
    """Return a tree of theirs with the ids that its prompts have here, where they have others."""
    if not ids:
        return dict(tree)
    return {name: Leaf(ids[leaf.prompt_id], leaf.digest) for name, leaf in tree.items()}
