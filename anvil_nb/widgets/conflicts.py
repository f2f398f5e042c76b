"""Conflicts in the one form that the page draws, whether an import or a sync found them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.results.exchange import PromptSides
from anvil_nb.results.settled import outcomes
from anvil_nb.results.sync import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.results import exchange
    from anvil_nb.results.standing import SyncDifference
    from anvil_nb.results.sync import SyncConflict

MERGED = "merged"
"""The choice that is made by giving texts."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that has to be decided.

    Args:
        key: What it is decided by.
        kind: In words; conflicts are filtered, and decided together, by it.
        address: Of what is in conflict.
        message: What is the matter.
        base: What both sides had last, in words; ``None`` where that is not known.
        ours: What stands here, in words.
        theirs: What stands there.
        choices: What can be chosen, with what comes of it in words.
        choice: What the services have taken as decided; ``None`` for nothing.
    """

    key: str
    kind: str
    address: str
    message: str
    base: str | None
    ours: str
    theirs: str
    choices: Mapping[str, str]
    choice: str | None = None

    @property
    def address_in_key(self) -> int | str:
        """Where in the key the address begins, to its end; the address where it is not there."""
        at = len(self.key) - len(self.address)
        return at if self.key.endswith(self.address) else self.address

    def to_json(self, *, merging: bool = True) -> dict[str, Json]:
        """Return what the page shows of it; without the choice to merge unless ``merging``."""
        return {
            "key": self.key,
            "kind": self.kind,
            "address": self.address,
            "message": self.message,
            "base": self.base,
            "ours": self.ours,
            "theirs": self.theirs,
            "choices": [
                {"choice": choice, "title": title_of(choice), "outcome": outcome}
                for choice, outcome in self.choices.items()
                if merging or choice != MERGED
            ],
        }


def title_of(choice: str) -> str:
    """Return what a choice is called on its button."""
    return choice.capitalize()


@dataclass(frozen=True, slots=True)
class Bodies:
    """The texts of a conflict.

    Args:
        texts: Those in which the sides differ.
        notes: What is to be said of what is no text.
    """

    texts: tuple[PromptSides, ...]
    notes: tuple[str, ...] = ()

    @property
    def mergeable(self) -> bool:
        """Whether texts alone say all of a result."""
        return bool(self.texts) and not self.notes

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "texts": [one.to_json() for one in self.texts],
            "notes": [*self.notes],
            "mergeable": self.mergeable,
        }


_WORDS = {
    "name": "name taken",
    "version": "changed on both sides",
    "id": "same id elsewhere",
    "dependency": "missing partial",
}


def of_import(found: exchange.Conflict) -> Conflict:
    """Return a conflict of an import."""
    return Conflict(
        found.key,
        _WORDS.get(found.kind, found.kind),
        found.address,
        found.message,
        found.base,
        found.ours,
        found.theirs,
        found.choices,
        found.choice,
    )


def of_sync(found: SyncConflict) -> Conflict:
    """Return a conflict of a sync."""
    kind = KINDS.get(found.kind, found.kind)
    ours, theirs = (
        "nothing: it was deleted" if digest is None else short(digest)
        for digest in (found.ours, found.theirs)
    )
    base = None if found.base is None else short(found.base)
    message = f"{found.key} is {kind}" if kind[:3] != "its" else f"{found.key}: {kind}"
    return Conflict(found.key, kind, found.key, message, base, ours, theirs, outcomes(found))


def bodies_of_sync(difference: SyncDifference) -> Bodies:
    """Return the texts of a key at which two sides differ."""
    sides = [side or {} for side in (difference.base, difference.ours, difference.theirs)]
    gone = difference.ours is None or difference.theirs is None
    texts, notes = [], []
    for path in sorted({*sides[1], *sides[2]}):
        data = [side.get(path) for side in sides]
        if data[1] == data[2] and not gone:
            continue
        try:
            base, ours, theirs = (None if one is None else one.decode() for one in data)
        except UnicodeDecodeError:
            notes.append(f"{path} differs, and is no text: take one of the sides")
            continue
        suggestion = difference.suggestion.get(path)
        clean = difference.clean and suggestion is not None
        texts.append(PromptSides(path, base, ours, theirs, suggestion, clean, "file"))
    notes += [f"{path}: {what}" for path, what, _ in difference.files if what.startswith("exec")]
    return Bodies(tuple(texts), tuple(notes))


def kinds_of(conflicts: Iterable[Conflict]) -> list[str]:
    """Return the kinds that there are, in the order in which they come first."""
    return list(dict.fromkeys(one.kind for one in conflicts))
