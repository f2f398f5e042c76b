"""A skill that both sides changed apart, and what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.store import blobs, sync_conflicts
from tests.sync.laptops import Files, put_skill

if TYPE_CHECKING:
    from anvil_nb.store.sync_conflicts import ConflictRow
    from tests.sync.laptops import Laptop

BASE, OURS, THEIRS = "First.\n\nLast.", "First, edited here.\n\nLast.", "First.\n\nLast, there."
MAIN = "skills/mail/SKILL.md"


def fallen_apart(one: Laptop) -> Laptop:
    for name in ("mail", "call"):
        one.skill(name, BASE)
    one.push()
    one.skill("mail", OURS)
    one.skill("call", "Edited here alone.")
    put_skill(one.ws, "mail", THEIRS)
    return one


def kept(one: Laptop) -> list[ConflictRow]:
    """All conflicts that there ever were, with what they were settled by."""
    access = one.ws.access
    with access.read("sync") as tx:
        pairs = {row[0] for row in tx.rows("select id from sync_pairs")}
        return [
            row
            for pair in pairs
            for row in sync_conflicts.conflicts_at(tx, access.organisation_id, pair, "mail")
        ]


def bodies(one: Laptop, side: dict[str, Any] | None) -> Files | None:
    """The files of a side of a conflict, as the store has them."""
    if side is None:
        return None
    with one.ws.access.read("sync") as tx:
        digests = {digest for _, digest, _, _ in side["files"]}
        found = blobs.need_blobs(tx, one.ws.access.organisation_id, digests)
    return {path: found[digest] for path, digest, _, _ in side["files"]}


def only(said: bytes) -> Files:
    return {"SKILL.md": said}
