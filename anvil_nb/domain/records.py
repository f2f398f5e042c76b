"""Records: agents, skills and contexts as programs exchange them, one JSON object each.

A ``DatabaseExport`` has a list of each kind. The fields that the contract names are a view of a
record; its files are the record itself, and stand beside them under ``files``. What nobody here
knows is kept, and given back (``extra``).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from anvil_nb.domain.digest import PREFIX, canonical_json, digest_of_bytes, is_digest
from anvil_nb.domain.filetree import Leaf
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind

LISTS: Final[dict[Kind, str]] = {"agent": "agents", "skill": "skills", "context": "contexts"}
"""The kinds of records, in the order in which they are written, and their lists."""

RECORD_KIND: Final = "record/1"
"""What the digested form of a record calls itself."""

NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""The agent of a skill that belongs to none."""

OURS: Final = frozenset({"key", "digest", "place", "files", "extra", "if_digest"})
"""What a record has here besides what the contract names."""

_NAMED: Final[dict[Kind, frozenset[str]]] = {
    "agent": frozenset({"id", "name", "system_prompt", "created_at", "updated_at"}),
    "skill": frozenset({"id", "agent_id", "name", "description", "created_at", "updated_at"}),
    "context": frozenset({"id", "name", "description", "created_at", "updated_at"}),
}
EDITABLE: Final[dict[Kind, tuple[str, ...]]] = {
    "agent": ("name", "system_prompt"),
    "skill": ("name", "description"),
    "context": ("name", "description"),
}
"""What a record without files says, for its files to be made or changed by."""

_text = json.encoder.encode_basestring


class _Any:
    """Stands for any digest at all."""

    def __repr__(self) -> str:
        return "ANY"


ANY: Final = _Any()

Expected: TypeAlias = str | _Any | None
"""A digest that must stand: ``None`` for nothing, ``ANY`` for anything."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record to put.

    Args:
        kind: ``agent``, ``skill`` or ``context``.
        id: Lasting.
        said: What the contract names, and was sent.
        key: By which its kind knows it; ``None`` where that follows from its files.
        leaves: Its files; ``None`` where it has none, and ``said`` is all.
        bodies: Those bytes of its files that were sent along, by digest.
        place: Where it belongs on disk.
        extra: What nobody here knows.
        expect: The record's digest that must stand; ``None`` for nothing, ``ANY`` for anything.
        created_at: UTC, without saying so.
        updated_at: The same.
    """

    kind: Kind
    id: UUID
    said: Mapping[str, Json]
    key: str | None = None
    leaves: tuple[Leaf, ...] | None = None
    bodies: Mapping[str, bytes] = field(default_factory=dict)
    place: Mapping[str, Json] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)
    expect: Expected = ANY
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordDelete:
    """A record to delete; see ``Record``."""

    kind: Kind
    id: UUID
    expect: Expected = ANY


def digest_of_record(kind: str, key: str, item_digest: str, extra: Mapping[str, Json]) -> str:
    """Return the digest of a record: of its files, its key, and what nobody here knows."""
    if extra:
        return digest_of_bytes(canonical_json([RECORD_KIND, kind, key, item_digest, dict(extra)]))
    # Texts alone: canonical as they are written.
    texts = ",".join([_text(RECORD_KIND), _text(kind), _text(key), _text(item_digest)])
    return digest_of_bytes(f"[{texts},{{}}]".encode())


def export_files(leaves: Sequence[Leaf], bodies: Mapping[str, bytes]) -> list[dict[str, Json]]:
    """Return files as a record has them: as text where they are that, as base64 otherwise."""
    return [_file(leaf, bodies[leaf.digest]) for leaf in leaves]


def send_files(leaves: Sequence[Leaf], inside: Mapping[str, bytes]) -> list[dict[str, Json]]:
    """Return files as a record has them that is sent: each with its checksum.

    Args:
        leaves: The files.
        inside: The bytes of those that the record brings, by digest; the others were sent before,
            as blobs.
    """
    return [
        {
            **(_file(leaf, inside[leaf.digest]) if leaf.digest in inside else _described(leaf)),
            "checksum": leaf.digest.removeprefix(PREFIX),
        }
        for leaf in leaves
    ]


def parse_files(said: object) -> tuple[tuple[Leaf, ...], dict[str, bytes]]:
    """Return files, and the bytes of those that bring them.

    Raises:
        InvalidInputError: for what are none.
    """
    if not isinstance(said, list) or not said:
        msg = "'files' is a list of one file or more"
        raise InvalidInputError(msg, "Leave it out for a record without files.")
    if len(said) == 1:  # which nearly all of thousands have
        leaf, data = _parsed(said[0])
        return (leaf,), {} if data is None else {leaf.digest: data}
    leaves, bodies = [], {}
    for one in said:
        leaf, data = _parsed(one)
        leaves.append(leaf)
        if data is not None:
            bodies[leaf.digest] = data
    if len({leaf.path for leaf in leaves}) < len(leaves):
        raise InvalidInputError("two files of a record have the same path", "Name each once.")
    return tuple(sorted(leaves, key=lambda leaf: leaf.path)), bodies


def split_fields(
    kind: Kind, said: Mapping[str, Any], *, whole: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the contract names of a record, and what nobody here knows.

    Args:
        kind: Of the record.
        said: All that was sent.
        whole: Whether it has files; then ``extra`` says what nobody knows.
    """
    names = _NAMED[kind]
    named = {name: value for name, value in said.items() if name in names}
    if whole and isinstance(said.get("extra"), Mapping):
        return named, dict(said["extra"])
    extra = {name: value for name, value in said.items() if name not in names and name not in OURS}
    if said.get("agent_id") not in (None, NOBODY):
        extra["agent_id"] = str(said["agent_id"])
    return named, extra


def _file(leaf: Leaf, data: bytes) -> dict[str, Json]:
    described = _described(leaf)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {**described, "base64": base64.b64encode(data).decode()}
    return {**described, "text": text}


def _described(leaf: Leaf) -> dict[str, Json]:
    described: dict[str, Json] = {"path": leaf.path, "size": leaf.size}
    if leaf.executable:
        described["executable"] = True
    return described


def _parsed(one: object) -> tuple[Leaf, bytes | None]:
    # Looked at by hand: to match thousands against patterns takes three times as long.
    if isinstance(one, Mapping) and isinstance(path := one.get("path"), str):
        if isinstance(text := one.get("text"), str):
            return _leaf(path, _encoded(text), one)
        if isinstance(text := one.get("base64"), str):
            return _leaf(path, _decoded(text), one)
        hexed, size = one.get("checksum"), one.get("size")
        if isinstance(hexed, str) and isinstance(size, int) and size >= 0:
            digest = PREFIX + hexed
            if is_digest(digest):
                return Leaf(path, digest, size, one.get("executable") is True), None
    msg = "a file of a record has a path, and text, base64, or checksum and size"
    raise InvalidInputError(msg, "See docs/http-sync.md, section 4.")


def _leaf(path: str, data: bytes, rest: Mapping[Any, Any]) -> tuple[Leaf, bytes]:
    digest = digest_of_bytes(data)
    if "checksum" in rest and PREFIX + str(rest["checksum"]) != digest:
        msg = f"the bytes of the file {path} are not those that its checksum says"
        raise InvalidInputError(msg, "Send it again.")
    return Leaf(path, digest, len(data), rest.get("executable") is True), data


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        msg = "a file of a record has half of a surrogate pair, which is no text"
        raise InvalidInputError(msg, "Send it as base64.") from error


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("a file of a record is not base64", "Encode it again.") from error
