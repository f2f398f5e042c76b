"""Archives made by hand, with every field and every gap in it at the test's will.

The layouts are written out here once more, on purpose: what is forged by the code under test
would be read by its mistakes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

import pytest

from anvil_nb.archive import DEFAULT_LIMITS, Archive, Limits, open_archive
from anvil_nb.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED_FIELDS = {
    "needed": "H",
    "flags": "H",
    "method": "H",
    "time": "H",
    "date": "H",
    "crc": "L",
    "compressed_size": "L",
    "size": "L",
    "name_length": "H",
    "extra_length": "H",
}
LOCAL_FIELDS = {"signature": "4s", **SHARED_FIELDS}
ENTRY_FIELDS = {
    "signature": "4s",
    "made_by": "H",
    **SHARED_FIELDS,
    "comment_length": "H",
    "disk": "H",
    "internal": "H",
    "external": "L",
    "offset": "L",
}
END_FIELDS = {
    "signature": "4s",
    "disk": "H",
    "first_disk": "H",
    "here": "H",
    "members": "H",
    "size": "L",
    "offset": "L",
    "comment_length": "H",
}
END64_FIELDS = {
    "signature": "4s",
    "following": "Q",
    "made_by": "H",
    "needed": "H",
    "disk": "L",
    "first_disk": "L",
    "here": "Q",
    "members": "Q",
    "size": "Q",
    "offset": "Q",
}
LOCATOR_FIELDS = {"signature": "4s", "disk": "L", "offset": "Q", "disks": "L"}

Fields = dict[str, "int | bytes"]


def packed(layout: dict[str, str], values: Fields) -> bytes:
    """Return one record; what ``values`` does not name is zero."""
    assert values.keys() <= layout.keys(), values.keys() - layout.keys()
    return struct.pack("<" + "".join(layout.values()), *(values.get(one, 0) for one in layout))


def deflated(data: bytes) -> bytes:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


@dataclass
class ForgedMember:
    """A member; ``local`` and ``entry`` override what is true in the two headers."""

    name: bytes
    data: bytes
    method: int = 8
    raw: bytes | None = None
    before: bytes = b""
    after: bytes = b""
    local_name: bytes | None = None
    local_extra: bytes = b""
    entry_extra: bytes = b""
    comment: bytes = b""
    local: Fields = field(default_factory=dict)
    entry: Fields = field(default_factory=dict)

    def both(self, **fields: int) -> None:
        self.local.update(fields)
        self.entry.update(fields)

    @property
    def packed_data(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return deflated(self.data) if self.method == 8 else self.data

    def local_header(self) -> bytes:
        name = self.name if self.local_name is None else self.local_name
        values = {
            "signature": b"PK\3\4",
            **self._shared(name, self.local_extra),
            **self.local,
        }
        return packed(LOCAL_FIELDS, values) + name + self.local_extra

    def entry_record(self, offset: int) -> bytes:
        values: Fields = {
            "signature": b"PK\1\2",
            "made_by": 0x0314,
            **self._shared(self.name, self.entry_extra),
            "comment_length": len(self.comment),
            "external": 0o100644 << 16,
            "offset": offset,
            **self.entry,
        }
        return packed(ENTRY_FIELDS, values) + self.name + self.entry_extra + self.comment

    def _shared(self, name: bytes, extra: bytes) -> Fields:
        return {
            "needed": 20,
            "method": self.method,
            "date": 0x21,
            "crc": zlib.crc32(self.data),
            "compressed_size": len(self.packed_data),
            "size": len(self.data),
            "name_length": len(name),
            "extra_length": len(extra),
        }


@dataclass
class Forged:
    """An archive; ``end``, ``end64`` and ``locator`` override, and where they are not, is nothing.

    ``between`` stands before the directory, ``gap`` behind it.
    """

    members: list[ForgedMember]
    before: bytes = b""
    between: bytes = b""
    gap: bytes = b""
    after: bytes = b""
    comment: bytes = b""
    end: Fields = field(default_factory=dict)
    end64: Fields | None = None
    locator: Fields | None = None
    directory_order: list[int] | None = None
    directory: bytes | None = None

    def build(self) -> bytes:
        content, offsets = self.before, []
        for member in self.members:
            offsets.append(len(content) + len(member.before))
            content += member.before + member.local_header() + member.packed_data + member.after
        content += self.between
        order = self.directory_order or range(len(self.members))
        records = (self.members[index].entry_record(offsets[index]) for index in order)
        directory = b"".join(records) if self.directory is None else self.directory
        return content + directory + self._end(len(content), len(directory))

    def _end(self, offset: int, size: int) -> bytes:
        count = len(self.members)
        at = {"here": count, "members": count, "size": size, "offset": offset}
        end = self.gap
        if self.end64 is not None:
            first: Fields = {"signature": b"PK\6\6", "following": 44, "made_by": 45, "needed": 45}
            end += packed(END64_FIELDS, {**first, **at, **self.end64})
        if self.locator is not None:
            where: Fields = {"signature": b"PK\6\7", "offset": offset + size, "disks": 1}
            end += packed(LOCATOR_FIELDS, {**where, **self.locator})
        last: Fields = {"signature": b"PK\5\6", "comment_length": len(self.comment)}
        return end + packed(END_FIELDS, {**last, **at, **self.end}) + self.comment + self.after


SOUND = {
    "manifest.json": b'{"format_version":"1.0"}' + b" " * 40,
    "meta/checksums.json": b'{"algorithm":"sha256","members":{}}' * 3,
    "meta/signature.json": b'{"signatures":[]}',
    "data/objects/ab.json": b"data data data data data data",
    "data/prompts/cd.json": b"",
    "data/prompts/ef.json": b"more data, more data, and more of it",
}
"""What the archive ``forged`` holds; it stores its second and its last member."""


@pytest.fixture
def sound() -> dict[str, bytes]:
    """The members of ``forged``."""
    return dict(SOUND)


def forge() -> Forged:
    members = [ForgedMember(name.encode(), data) for name, data in SOUND.items()]
    members[1].method = members[-1].method = 0
    return Forged(members)


@pytest.fixture
def forged() -> Forged:
    """A sound archive, to be made unsound."""
    return forge()


@pytest.fixture(scope="session", name="forge")
def forge_fixture() -> Callable[[], Forged]:
    """Makes as many of ``forged`` as a test asks for."""
    return forge


@pytest.fixture
def forged_member() -> type[ForgedMember]:
    """Makes further members."""
    return ForgedMember


class Opened(Protocol):
    """Opens an archive."""

    def __call__(self, content: bytes, limits: Limits = DEFAULT_LIMITS) -> Archive: ...


@pytest.fixture
def opened() -> Opened:
    """Opens bytes as an archive."""

    def opened(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Archive:
        return open_archive(BytesIO(content), limits)

    return opened


class RuleOf(Protocol):
    """Tells by which rule an archive is refused."""

    def __call__(self, content: Forged | bytes, limits: Limits = DEFAULT_LIMITS) -> str: ...


def refused(read: Callable[[], object]) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        read()
    error = caught.value
    assert error.message.endswith(f"({error.clause})")
    assert error.hint.endswith(".")
    assert error.to_json()["rule"] == error.rule
    assert error.message.isprintable()
    return error


def read_by_name(archive: Archive) -> dict[str, bytes]:
    return {name: archive.read(name) for name in archive.members}


@pytest.fixture
def rule_of() -> RuleOf:
    """Reads an archive that must be refused, in both ways of reading, and returns by which rule."""

    def rule_of(content: Forged | bytes, limits: Limits = DEFAULT_LIMITS) -> str:
        file = BytesIO(content if isinstance(content, bytes) else content.build())
        in_order = refused(lambda: open_archive(file, limits).verify())
        by_name = refused(lambda: read_by_name(open_archive(file, limits)))
        assert in_order.rule == by_name.rule
        return in_order.rule

    return rule_of
