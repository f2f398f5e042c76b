"""The documents of a bundle as values, and how they are written (docs/bundle-format.md, section 2).

``document_reading`` makes the same values of what somebody else wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.domain.visible import visible
from anvil_nb.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.domain.digest import Json
    from anvil_nb.store.entries import Leaf

FORMAT_VERSION = (1, 0)
"""The version of docs/bundle-format.md that is written, and the highest that is read whole."""

MANIFEST = "manifest.json"
CHECKSUMS = "meta/checksums.json"
SIGNATURE = "meta/signature.json"
OBJECTS = "data/objects/"
ASSETS = "assets/"
FOLDERS = {
    "project": "data/projects/",
    "prompt_set": "data/prompt_sets/",
    "prompt": "data/prompts/",
    "version": "data/versions/",
}
"""Where documents of each kind lie, by the name of their schema."""

AGAIN = "Ask its maker to export it again."
"""What to do about a bundle that is not sound."""


@dataclass(frozen=True, slots=True)
class ProjectDocument:
    """A project (F17)."""

    id: UUID
    name: str
    title: str
    description: str

    def to_json(self) -> dict[str, Json]:
        """Return the document."""
        return {
            "id": str(self.id),
            "name": self.name,
            "title": self.title,
            "description": self.description,
        }


@dataclass(frozen=True, slots=True)
class SetDocument:
    """A prompt set (F18). ``labels`` are the ids of versions by label."""

    id: UUID
    project_id: UUID
    name: str
    title: str
    description: str
    labels: Mapping[str, UUID]

    def to_json(self) -> dict[str, Json]:
        """Return the document."""
        labels: dict[str, Json] = {name: str(at) for name, at in self.labels.items()}
        return {
            "id": str(self.id),
            "project_id": str(self.project_id),
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "labels": labels,
        }


@dataclass(frozen=True, slots=True)
class PromptDocument:
    """A prompt (F19). ``ancestors`` are digests of what it was, newest first."""

    id: UUID
    set_id: UUID
    name: str
    ancestors: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the document."""
        return {
            "id": str(self.id),
            "prompt_set_id": str(self.set_id),
            "name": self.name,
            "ancestors": list(self.ancestors),
        }


@dataclass(frozen=True, slots=True)
class VersionDocument:
    """A version (F21). ``previous`` is number and digest of the one before it."""

    id: UUID
    set_id: UUID
    number: str
    digest: str
    complete: bool
    tree: Mapping[str, Leaf]
    previous: tuple[str, str] | None
    rolled_back_to: str | None
    message: str
    bump: str
    reasons: tuple[str, ...]
    published_at: datetime
    published_by: str

    def to_json(self) -> dict[str, Json]:
        """Return the document."""
        entries: list[Json] = [
            {"prompt_id": str(leaf.prompt_id), "name": name, "content": leaf.digest}
            for name, leaf in sorted(self.tree.items())
        ]
        previous: Json = None
        if self.previous is not None:
            previous = {"number": self.previous[0], "digest": self.previous[1]}
        return {
            "id": str(self.id),
            "prompt_set_id": str(self.set_id),
            "number": self.number,
            "digest": self.digest,
            "complete": self.complete,
            "entries": entries,
            "previous": previous,
            "rolled_back_to": self.rolled_back_to,
            "message": self.message,
            "bump": self.bump,
            "reasons": list(self.reasons),
            "published_at": time_text(self.published_at),
            "published_by": self.published_by,
        }


Document: TypeAlias = ProjectDocument | SetDocument | PromptDocument | VersionDocument


@dataclass(frozen=True, slots=True)
class ExternalReference:
    """A partial that was left out (F21): where it stood, its content, and what needs it."""

    address: str
    content: str
    needed_by: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the reference."""
        return {
            "address": self.address,
            "content": self.content,
            "needed_by": list(self.needed_by),
        }


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made a bundle, where."""

    user_id: UUID
    name: str
    organisation: str

    def to_json(self) -> dict[str, Json]:
        """Return the three."""
        return {
            "user_id": str(self.user_id),
            "name": self.name,
            "organisation": self.organisation,
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest (F13). ``contents`` are ids by the kinds of ``FOLDERS``."""

    created_at: datetime
    created_by: Maker
    bundle_type: str
    contents: Mapping[str, tuple[UUID, ...]]
    external: tuple[ExternalReference, ...]
    anvil_version: str
    description: str
    tags: tuple[str, ...]
    checksums: str
    format_version: str = ".".join(map(str, FORMAT_VERSION))

    def to_json(self) -> dict[str, Json]:
        """Return the document."""
        contents: dict[str, Json] = {
            f"{kind}s": [str(one) for one in sorted(self.contents[kind])] for kind in FOLDERS
        }
        return {
            "format_version": self.format_version,
            "minimum_reader": "1.0",
            "created_at": time_text(self.created_at),
            "created_by": self.created_by.to_json(),
            "bundle_type": self.bundle_type,
            "contents": contents,
            "dependencies": {
                "external_refs": [one.to_json() for one in self.external],
                "anvil_version": self.anvil_version,
            },
            "metadata": {"description": self.description, "tags": list(self.tags)},
            "checksums": self.checksums,
        }


def time_text(moment: datetime) -> str:
    """Return a UTC time, with or without its zone, as RFC 3339 writes it with ``Z``."""
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def check_visible(what: str, text: str) -> str:
    """Return a title or a name of a person if it shows as what it is.

    Raises:
        BundleError: for control characters and bidirectional overrides (F33).
    """
    if visible(text, keep="") != text:
        hidden = next(one for one in text if visible(one, keep="") != one)
        msg = f"{what} holds the character U+{ord(hidden):04X}, which does not show"
        raise BundleError(msg, AGAIN)
    return text
