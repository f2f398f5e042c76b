"""What prompts of ours were last of all that theirs had been: the base that both compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.store import drafts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from anvil_nb.bundles.documents import PromptDocument
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Leaf, Tree


def bases(
    tx: Transaction, set_id: UUID, ours: Tree, theirs: Tree, prompts: Mapping[UUID, PromptDocument]
) -> dict[str, str]:
    """Return by name the digest that both sides had last, where they had one.

    Args:
        tx: Where to read; one statement serves all of them.
        set_id: Of our set.
        ours: Prompts of its draft, each of which theirs has too.
        theirs: What comes to it, with the ids of the bundle.
        prompts: Those of the bundle, with what they have been.
    """
    wanted = {
        name: (leaf.prompt_id, been(theirs[name], prompts[theirs[name].prompt_id].ancestors))
        for name, leaf in ours.items()
    }
    return drafts.last_of(tx, set_id, wanted)


def been(leaf: Leaf, ancestors: Sequence[str]) -> Sequence[str]:
    """Return what a prompt of theirs was up to what it is in the bundle.

    Args:
        leaf: What was sent of it.
        ancestors: All that it has been, newest first: what stands before what was sent is newer.
    """
    at = ancestors.index(leaf.digest) if leaf.digest in ancestors else 0
    return ancestors[at:]
