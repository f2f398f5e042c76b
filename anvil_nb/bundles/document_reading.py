"""The documents of a bundle, read: JSON that was checked, to values.

docs/bundle-format.md, section 2. What one document alone can tell is checked here, by its schema
and by the rules of names; what only all of them together tell is checked in ``verifying``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any
from uuid import UUID

from anvil_nb.bundles.document_checks import check_schema, checked_document, json_object
from anvil_nb.bundles.documents import (
    AGAIN,
    CHECKSUMS,
    FOLDERS,
    FORMAT_VERSION,
    MANIFEST,
    ExternalReference,
    Maker,
    Manifest,
    ProjectDocument,
    PromptDocument,
    SetDocument,
    VersionDocument,
    check_visible,
)
from anvil_nb.bundles.written_form import checksums_as_written
from anvil_nb.domain.address import check_label
from anvil_nb.domain.naming import check_name
from anvil_nb.domain.prose import is_keepable
from anvil_nb.domain.semver import Version
from anvil_nb.errors import AnvilError, BundleError
from anvil_nb.store.entries import Leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.bundles.documents import Document


def read_manifest(data: bytes) -> Manifest:
    """Return the manifest; its signatures were checked before.

    Raises:
        BundleError: when it is none, or asks for a newer reader (F14).
    """
    found = json_object(MANIFEST, data)
    _check_reader(found)
    check_schema("manifest", MANIFEST, found)
    maker, links = found["created_by"], found["dependencies"]
    external = tuple(
        ExternalReference(one["address"], one["content"], tuple(one["needed_by"]))
        for one in links["external_refs"]
    )
    return Manifest(
        created_at=_time(MANIFEST, found["created_at"]),
        created_by=Maker(UUID(maker["user_id"]), maker["name"], maker["organisation"]),
        bundle_type=found["bundle_type"],
        contents={kind: tuple(map(_id, found["contents"][f"{kind}s"])) for kind in FOLDERS},
        external=external,
        anvil_version=links["anvil_version"],
        description=found["metadata"]["description"],
        tags=tuple(found["metadata"]["tags"]),
        checksums=found["checksums"],
        format_version=found["format_version"],
    )


def read_checksums(data: bytes) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 (hex) of the members by name (F16)."""
    written = checksums_as_written(data)
    if written is not None:
        return written
    found = json_object(CHECKSUMS, data)
    check_schema("checksums", CHECKSUMS, found)
    members: Mapping[str, Any] = found["members"]
    for name in members:
        if not name.startswith(("data/", "assets/")):
            msg = f"it does not keep to the format: {CHECKSUMS} names {name}"
            raise BundleError(msg, AGAIN)
    return {name: (one["size"], one["sha256"]) for name, one in members.items()}


def read_document(kind: str, member: str, data: bytes) -> Document:
    """Return a document of ``data/``.

    Raises:
        BundleError: when it is not what its folder and its name say.
    """
    found = checked_document(kind, member, data)
    try:
        document = _READERS[kind](found)
    except BundleError:
        raise
    except AnvilError as error:
        msg = f"{member} is not sound: {error.message}"
        raise BundleError(msg, AGAIN) from error
    if member != f"{FOLDERS[kind]}{found['id']}.json":
        raise BundleError(f"{member} says that its id is {document.id}", AGAIN)
    return document


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
        raise BundleError(f"its manifest has no sound {key}", AGAIN)
    major, _, minor = text.partition(".")
    return int(major), int(minor)


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


def _said(found: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """Return texts, if any store can keep them and they hide nothing."""
    texts = tuple(found[key] for key in keys)
    for key, text in zip(keys, texts, strict=True):
        if not is_keepable(text):
            raise BundleError(f"its {key} holds what is no text", AGAIN)
    return texts


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
        tuple(map(intern, found["ancestors"])),
    )


def _version(found: Mapping[str, Any]) -> VersionDocument:
    message, bump, by = _said(found, "message", "bump", "published_by")
    tree = {
        _prompt_name(one["name"]): Leaf(_id(one["prompt_id"]), intern(one["content"]))
        for one in found["entries"]
    }
    if list(tree) != sorted(one["name"] for one in found["entries"]):
        raise BundleError(f"the prompts of version {found['id']} are not in order", AGAIN)
    if len({leaf.prompt_id for leaf in tree.values()}) < len(tree):
        raise BundleError(f"version {found['id']} has one prompt under two names", AGAIN)
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
        raise BundleError(f"{what} has a time that is none: {text}", AGAIN) from error


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Document]] = {
    "project": _project,
    "prompt_set": _set,
    "prompt": _prompt,
    "version": _version,
}
