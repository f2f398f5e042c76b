"""Converting: bundles of the first sketch, one JSON document a set, into bundles of format 1.

Such a document has ``version``, ``prompt_set_id``, ``project_id``, ``created_at`` and
``snapshot``: templates and metadata by the ids of the prompts. It carried neither names nor
parameters nor signatures. Names come from its metadata where that has any, else from the ids; what
it becomes is verified as any other bundle is, and nobody has signed it.
"""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID, uuid5

from anvil_nb import __version__
from anvil_nb.archive import ArchiveWriter
from anvil_nb.bundles.documents import (
    CHECKSUMS,
    FOLDERS,
    MANIFEST,
    OBJECTS,
    Maker,
    Manifest,
    ProjectDocument,
    PromptDocument,
    SetDocument,
    VersionDocument,
)
from anvil_nb.domain.digest import PREFIX, canonical_json, digest_of_bytes, digest_of_tree
from anvil_nb.domain.naming import slug_from_title
from anvil_nb.domain.prompt import Content
from anvil_nb.domain.semver import Version
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.domain.template import partials_in
from anvil_nb.errors import AnvilError, BundleError, TemplateSyntaxError
from anvil_nb.store.entries import Leaf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.bundles.documents import Document
    from anvil_nb.domain.digest import Json

MAX_BYTES = 64 * 1024 * 1024
"""Longest document that is converted."""

_SPACE = UUID("5f0a6c0e-6f1c-5a53-9d0e-9c5b0d8a4c11")
"""Under which ids are made of what was no UUID."""
_GZIP = b"\x1f\x8b"
_KEYS = ("version", "prompt_set_id", "project_id", "snapshot")
_HINT = "See that it is a bundle, or ask its maker to export it again."


def is_sketch(first: bytes) -> bool:
    """Tell whether a file that begins so is a JSON document, or one in gzip."""
    return first.lstrip()[:1] == b"{" or first.startswith(_GZIP)


def convert(data: bytes, target: BinaryIO) -> None:
    """Write the bundle that a document of the sketch becomes.

    Raises:
        BundleError: when it is no such document.
    """
    found = _document(_unzipped(data) if data.startswith(_GZIP) else data)
    project_id, set_id = _id(found["project_id"]), _id(found["prompt_set_id"])
    contents: dict[str, Content] = {}
    tree: dict[str, Leaf] = {}
    prompts: list[PromptDocument] = []
    for key, one in sorted(found["snapshot"].items()):
        content, name = _prompt(key, one, tree)
        leaf = Leaf(_id(key), content.digest)
        contents[content.digest], tree[name] = content, leaf
        prompts.append(PromptDocument(leaf.prompt_id, set_id, name, (content.digest,)))
    at, number = _time(found.get("created_at")), _number(found["version"])
    digest = digest_of_tree({name: leaf.digest for name, leaf in tree.items()})
    version = VersionDocument(
        id=uuid5(set_id, number),
        set_id=set_id,
        number=number,
        digest=digest,
        complete=True,
        tree=tree,
        previous=None,
        rolled_back_to=None,
        message="",
        bump="",
        reasons=(),
        published_at=at,
        published_by="",
    )
    names = _named(found, "project", project_id), _named(found, "prompt_set", set_id)
    documents: dict[str, list[Any]] = {
        "project": [ProjectDocument(project_id, names[0], "", "")],
        "prompt_set": [SetDocument(set_id, project_id, names[1], "", "", {})],
        "prompt": prompts,
        "version": [version],
    }
    _write(target, documents, contents, at)


def _unzipped(data: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = inflater.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise BundleError(f"it is damaged: {error}", _HINT) from error
    if not inflater.eof:
        raise BundleError(f"it is cut off, or holds more than {MAX_BYTES:,} bytes", _HINT)
    return found


def _document(data: bytes) -> dict[str, Any]:
    try:
        found = strict_json(data)
    except AnvilError as error:
        raise BundleError(f"it is neither a bundle nor JSON: {error.message}", _HINT) from error
    if not isinstance(found, dict) or any(key not in found for key in _KEYS):
        raise BundleError(f"a JSON bundle has {', '.join(_KEYS)}, and this has not", _HINT)
    snapshot = found["snapshot"]
    if not isinstance(snapshot, dict) or not snapshot:
        raise BundleError("its snapshot has no prompts", _HINT)
    return found


def _prompt(key: str, one: object, taken: Mapping[str, object]) -> tuple[Content, str]:
    """Return content and name of a prompt of a snapshot."""
    if not isinstance(one, dict) or not isinstance(one.get("template"), str):
        raise BundleError(f"the prompt {key} of its snapshot has no template", _HINT)
    metadata = one.get("metadata")
    fields = dict(metadata) if isinstance(metadata, dict) else {}
    title = fields.pop("name", None) or fields.get("title") or key
    template = one["template"]
    try:
        partials_in(template)
        syntax = "liquid"
    except TemplateSyntaxError:
        syntax = "plain"  # it is kept as it stands
    content = Content(template).with_fields({**fields, "syntax": syntax})
    name = base = slug_from_title(str(title)) or "prompt"
    count = 2
    while name in taken:
        name, count = f"{base[:60]}-{count}", count + 1
    return content, name


def _named(found: Mapping[str, Any], kind: str, its_id: UUID) -> str:
    """Return the name of a project or a set: the one that is there, or one of its id."""
    said = found.get(f"{kind}_name")
    what = "set" if kind == "prompt_set" else kind
    return (slug_from_title(said) if isinstance(said, str) else "") or f"{what}-{its_id.hex[-8:]}"


def _id(said: object) -> UUID:
    try:
        return UUID(str(said))
    except ValueError:
        return uuid5(_SPACE, str(said))


def _number(said: object) -> str:
    try:
        return str(Version.parse(str(said)))
    except AnvilError:
        digits = str(said).strip().lstrip("v")
        if digits.isascii() and digits.isdecimal() and len(digits) < 10:  # noqa: PLR2004 - a count
            return f"{max(1, int(digits))}.0.0"
        msg = f"its version '{said}' is no version number"
        raise BundleError(msg, "Write one like 1.2.0 into it.") from None


def _time(said: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)


def _write(
    target: BinaryIO,
    documents: Mapping[str, list[Any]],
    contents: Mapping[str, Content],
    at: datetime,
) -> None:
    members = {
        f"{OBJECTS}{digest.removeprefix(PREFIX)}.json": content.body.encode()
        for digest, content in contents.items()
    }
    for kind, ones in documents.items():
        for one in ones:
            document: Document = one
            members[f"{FOLDERS[kind]}{document.id}.json"] = canonical_json(document.to_json())
    listed: dict[str, Json] = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
    }
    checksums = canonical_json({"algorithm": "sha256", "members": listed})
    manifest = Manifest(
        created_at=at,
        created_by=Maker(_SPACE, "", "converted"),
        bundle_type="prompt_set",
        contents={kind: tuple(one.id for one in ones) for kind, ones in documents.items()},
        external=(),
        anvil_version=__version__,
        description="",
        tags=(),
        checksums=digest_of_bytes(checksums),
    )
    archive = ArchiveWriter(target)
    archive.add(MANIFEST, canonical_json(manifest.to_json()))
    archive.add(CHECKSUMS, checksums)
    for name, data in sorted(members.items()):
        archive.add(name, data)
    archive.finish()
