"""The documents of a bundle, both ways: values to JSON, and JSON that was checked to values.

docs/bundle-format.md, section 2. What one document alone can tell is checked here, by its schema
and by the rules of names; what only all of them together tell is checked in ``verifying``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from anvil_nb.domain.address import check_label
from anvil_nb.domain.naming import check_name
from anvil_nb.domain.prose import is_keepable
from anvil_nb.domain.semver import Version
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.domain.visible import visible
from anvil_nb.errors import AnvilError, BundleError
from anvil_nb.store.entries import Leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.domain.digest import Json

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


def read_manifest(data: bytes) -> Manifest:
    """Return the manifest; its signatures were checked before.

    Raises:
        BundleError: when it is none, or asks for a newer reader (F14).
    """
    found = _plain(MANIFEST, data)
    _check_reader(found)
    _check_schema("manifest", MANIFEST, found)
    maker, links = found["created_by"], found["dependencies"]
    external = tuple(
        ExternalReference(one["address"], one["content"], tuple(one["needed_by"]))
        for one in links["external_refs"]
    )
    return Manifest(
        created_at=_time(MANIFEST, found["created_at"]),
        created_by=Maker(UUID(maker["user_id"]), maker["name"], maker["organisation"]),
        bundle_type=found["bundle_type"],
        contents={kind: tuple(map(UUID, found["contents"][f"{kind}s"])) for kind in FOLDERS},
        external=external,
        anvil_version=links["anvil_version"],
        description=found["metadata"]["description"],
        tags=tuple(found["metadata"]["tags"]),
        checksums=found["checksums"],
        format_version=found["format_version"],
    )


def read_checksums(data: bytes) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 (hex) of the members by name (F16)."""
    found = _plain(CHECKSUMS, data)
    _check_schema("checksums", CHECKSUMS, found)
    members: Mapping[str, Any] = found["members"]
    for name in members:
        if not name.startswith(("data/", "assets/")):
            msg = f"it does not keep to the format: {CHECKSUMS} names {name}"
            raise BundleError(msg, _AGAIN)
    return {name: (one["size"], one["sha256"]) for name, one in members.items()}


def read_document(kind: str, member: str, data: bytes) -> Document:
    """Return a document of ``data/``.

    Raises:
        BundleError: when it is not what its folder and its name say.
    """
    found = _plain(member, data)
    _check_schema(kind, member, found)
    try:
        document = _READERS[kind](found)
    except BundleError:
        raise
    except AnvilError as error:
        msg = f"{member} is not sound: {error.message}"
        raise BundleError(msg, _AGAIN) from error
    if member != f"{FOLDERS[kind]}{document.id}.json":
        raise BundleError(f"{member} says that its id is {document.id}", _AGAIN)
    return document


_AGAIN = "Ask its maker to export it again."
_FORMAT = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")


def _check_reader(found: Mapping[str, Any]) -> None:
    """Refuse what only a newer reader understands (F14)."""
    mine = ".".join(map(str, FORMAT_VERSION))
    newer = "Install a newer anvil-nb, or ask for an older format."
    major, _ = _format_of(found, "format_version")
    if major != FORMAT_VERSION[0]:
        msg = f"it is of bundle format {found['format_version']}, and this program reads 1.x"
        raise BundleError(msg, newer)
    if "minimum_reader" in found and _format_of(found, "minimum_reader") > FORMAT_VERSION:
        text = found["minimum_reader"]
        msg = f"it asks for a reader of bundle format {text}, and this one knows {mine}"
        raise BundleError(msg, newer)


def _format_of(found: Mapping[str, Any], key: str) -> tuple[int, int]:
    text = found.get(key)
    if not isinstance(text, str) or not _FORMAT.fullmatch(text):
        raise BundleError(f"its manifest has no sound {key}", _AGAIN)
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def _plain(member: str, data: bytes) -> dict[str, Any]:
    try:
        found = strict_json(data)
    except AnvilError as error:
        raise BundleError(f"{member} is not sound: {error.message}", _AGAIN) from error
    if not isinstance(found, dict):
        raise BundleError(f"{member} is no JSON object", _AGAIN)
    return found


@lru_cache(maxsize=20_000)
def _prompt_name(text: str) -> str:
    """Check the name of a prompt; the versions of a set name the same ones."""
    return check_name(text, "prompt")


@lru_cache(maxsize=10_000)
def _number(text: str) -> str:
    return str(Version.parse(text))


@lru_cache(maxsize=50_000)
def _id(text: str) -> UUID:
    return UUID(text)


@cache
def _schema(name: str) -> Callable[[Any], Any]:
    import fastjsonschema  # noqa: PLC0415 - compiles the schema, so only when one is needed

    text = files("anvil_nb.bundles").joinpath("schemas", f"{name}.json").read_text("utf-8")
    compiled: Callable[[Any], Any] = fastjsonschema.compile(json.loads(text), use_formats=False)
    return compiled


def _check_schema(name: str, member: str, found: Mapping[str, Any]) -> None:
    from fastjsonschema import JsonSchemaValueException  # noqa: PLC0415 - see above

    try:
        _schema(name)(found)
    except JsonSchemaValueException as error:
        where = error.message.replace("data", member, 1)
        raise BundleError(f"it does not keep to the format: {where[:300]}", _AGAIN) from error


def _said(found: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """Return texts, if any store can keep them and they hide nothing."""
    texts = tuple(found[key] for key in keys)
    for key, text in zip(keys, texts, strict=True):
        if not is_keepable(text):
            raise BundleError(f"its {key} holds what is no text", _AGAIN)
    return texts


def check_visible(what: str, text: str) -> str:
    """Return a title or a name of a person if it shows as what it is.

    Raises:
        BundleError: for control characters and bidirectional overrides (F33).
    """
    if visible(text, keep="") != text:
        hidden = next(one for one in text if visible(one, keep="") != one)
        msg = f"{what} holds the character U+{ord(hidden):04X}, which does not show"
        raise BundleError(msg, _AGAIN)
    return text


def _project(found: Mapping[str, Any]) -> ProjectDocument:
    title, description = _said(found, "title", "description")
    check_visible("a project's title", title)
    return ProjectDocument(
        UUID(found["id"]), check_name(found["name"], "project"), title, description
    )


def _set(found: Mapping[str, Any]) -> SetDocument:
    title, description = _said(found, "title", "description")
    check_visible("a prompt set's title", title)
    labels = {check_label(name): UUID(at) for name, at in found["labels"].items()}
    return SetDocument(
        UUID(found["id"]),
        UUID(found["project_id"]),
        check_name(found["name"], "prompt set"),
        title,
        description,
        labels,
    )


def _prompt(found: Mapping[str, Any]) -> PromptDocument:
    return PromptDocument(
        _id(found["id"]),
        _id(found["prompt_set_id"]),
        _prompt_name(found["name"]),
        tuple(found["ancestors"]),
    )


def _version(found: Mapping[str, Any]) -> VersionDocument:
    message, bump, by = _said(found, "message", "bump", "published_by")
    tree = {
        _prompt_name(one["name"]): Leaf(_id(one["prompt_id"]), one["content"])
        for one in found["entries"]
    }
    if list(tree) != sorted(one["name"] for one in found["entries"]):
        raise BundleError(f"the prompts of version {found['id']} are not in order", _AGAIN)
    if len({leaf.prompt_id for leaf in tree.values()}) < len(tree):
        raise BundleError(f"version {found['id']} has one prompt under two names", _AGAIN)
    previous, source = found["previous"], found["rolled_back_to"]
    return VersionDocument(
        id=UUID(found["id"]),
        set_id=_id(found["prompt_set_id"]),
        number=_number(found["number"]),
        digest=found["digest"],
        complete=found["complete"],
        tree=tree,
        previous=None if previous is None else (_number(previous["number"]), previous["digest"]),
        rolled_back_to=None if source is None else _number(source),
        message=message,
        bump=bump,
        reasons=tuple(found["reasons"]),
        published_at=_time("a version", found["published_at"]),
        published_by=check_visible("a publisher's name", by),
    )


def _time(what: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise BundleError(f"{what} has a time that is none: {text}", _AGAIN) from error


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Document]] = {
    "project": _project,
    "prompt_set": _set,
    "prompt": _prompt,
    "version": _version,
}
