"""Archives that were cut off, changed by chance, or made by a search for trouble."""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.archive import ArchiveWriter, open_archive
from anvil_nb.archive.names import is_member_name
from anvil_nb.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.archive.conftest import Forged, Opened, RuleOf

MEMBERS = {
    "manifest.json": b'{"a":1}' * 9,
    "meta/checksums.json": b'{"b":2}',
    "data/c.json": b"",
    "data/d.json": bytes(range(64)),
}


def written(members: dict[str, bytes]) -> bytes:
    file = BytesIO()
    writer = ArchiveWriter(file)
    for name, data in members.items():
        writer.add(name, data)
    writer.finish()
    return file.getvalue()


def read(content: bytes) -> dict[str, bytes]:
    return {member.name: data for member, data in open_archive(BytesIO(content)).each()}


# Sizes and checksums that lie, in both headers alike.


@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize("by", [-29, -1, 1, 1000])
def test_a_size_that_lies_is_refused(forged: Forged, rule_of: RuleOf, method: int, by: int) -> None:
    member = forged.members[3]
    member.method = method
    member.both(size=len(member.data) + by)
    assert rule_of(forged) == "size"


@pytest.mark.parametrize("by", [-1, 1, 100])
def test_a_compressed_size_that_lies_is_refused(forged: Forged, rule_of: RuleOf, by: int) -> None:
    member = forged.members[3]
    member.both(compressed_size=len(member.packed_data) + by)
    assert rule_of(forged) == ("overlap" if by > 0 else "bytes-between")


@pytest.mark.parametrize("more", [b"\0", b"\3\0", b"hidden" * 9, b"\0" * 2_000_000])
def test_bytes_after_the_end_of_compressed_data_are_refused(
    forged: Forged, rule_of: RuleOf, more: bytes
) -> None:
    member = forged.members[3]
    member.raw = member.packed_data + more
    assert rule_of(forged) == "deflate"


def test_compressed_data_that_ends_early_is_refused_wherever_it_does(
    forged: Forged, rule_of: RuleOf
) -> None:
    member = forged.members[3]
    whole = member.packed_data
    for length in range(len(whole)):
        member.raw = whole[:length]
        assert rule_of(forged) == "deflate"


def test_a_stored_member_whose_sizes_lie_alike_is_refused(forged: Forged, rule_of: RuleOf) -> None:
    last = forged.members[-1]
    last.both(size=len(last.data) - 1, compressed_size=len(last.data) - 1)
    assert rule_of(forged) == "bytes-between"
    last.both(size=len(last.data) + 1, compressed_size=len(last.data) + 1)
    assert rule_of(forged) == "overlap"


@pytest.mark.parametrize("index", range(6))
def test_a_checksum_that_is_not_that_of_the_data_is_refused(
    forged: Forged, rule_of: RuleOf, index: int
) -> None:
    forged.members[index].both(crc=zlib.crc32(forged.members[index].data) ^ 1)
    assert rule_of(forged) == "crc"


@pytest.fixture
def large(forged: Forged) -> Forged:
    """An archive with a member that is read piece by piece, and hardly gets smaller."""
    forged.members[3].data = hashlib.shake_256(b"noise").digest(2_500_000)
    return forged


@pytest.mark.parametrize("method", [0, 8])
def test_large_members_are_read_as_small_ones_are(
    large: Forged, opened: Opened, method: int
) -> None:
    large.members[3].method = method
    archive = opened(large.build())
    assert archive.read("data/objects/ab.json") == large.members[3].data
    assert [data for _, data in archive.each()] == [member.data for member in large.members]


@pytest.mark.parametrize("method", [0, 8])
def test_large_members_are_held_to_header_checksum_and_size(
    large: Forged, rule_of: RuleOf, method: int
) -> None:
    member = large.members[3]
    member.method = method
    member.local["crc"] = 1
    assert rule_of(large) == "headers-differ"
    member.entry["crc"] = 1
    assert rule_of(large) == "crc"
    member.local.clear()
    member.entry.clear()
    for size in (1_999_999, 2_499_999, 2_500_001):
        member.both(size=size)
        assert rule_of(large) == "size"


def test_large_members_end_where_their_compressed_data_does(large: Forged, rule_of: RuleOf) -> None:
    member = large.members[3]
    whole = member.packed_data
    for raw in (whole[:-1], whole[:1_500_000], whole + b"\0", b"\7" + whole):
        member.raw = raw
        assert rule_of(large) == "deflate"


@pytest.mark.parametrize(
    "raw",
    [
        b"\7",  # a block of the reserved type
        b"\1\5\0\5\0hello",  # a stored block whose length is not confirmed
        b"x\x9c\3\0\0\0\0\1",  # with the header of zlib
        b"\x1f\x8b\b\0\0\0\0\0\0\3\3\0",  # with that of gzip
        zlib.compress(b"far" * 9, wbits=-15)[:-3] + b"\xff\xff\xff",
    ],
)
def test_data_that_is_not_deflate_is_refused(forged: Forged, rule_of: RuleOf, raw: bytes) -> None:
    forged.members[3].raw = raw
    assert rule_of(forged) == "deflate"


# Damage.


def test_an_archive_is_refused_at_whatever_byte_it_is_cut_off(
    forged: Forged, rule_of: RuleOf
) -> None:
    content = forged.build()
    for length in range(22, len(content)):
        assert rule_of(content[:length]) == "cut-off"
    for length in range(22):
        assert rule_of(content[:length]) == "not-an-archive"


def test_an_archive_is_refused_that_was_cut_at_a_member_and_given_an_end(
    forged: Forged, rule_of: RuleOf
) -> None:
    content = forged.build()
    directory = content.index(b"PK\1\2")
    starts = [at for at in range(directory) if content.startswith(b"PK\3\4", at)]
    assert len(starts) == len(forged.members)
    for start in starts[1:]:
        assert rule_of(content[:start] + content[directory:]) == "overlap"


@pytest.mark.parametrize("missing", [1, 4, 30, 100])
def test_bytes_that_go_missing_anywhere_are_noticed(
    forged: Forged, rule_of: RuleOf, missing: int
) -> None:
    content = forged.build()
    for at in range(len(content)):
        rule_of(content[:at] + content[at + missing :])


def test_every_bit_that_flips_is_noticed_or_changes_no_data() -> None:
    content = written(MEMBERS)
    harmless = set()
    for at in range(len(content)):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[at] ^= 1 << bit
            try:
                assert read(bytes(flipped)) == MEMBERS
                harmless.add(at)
            except ArchiveError:
                continue
    # Version made by, internal attributes, permissions; and bits that fill up the last byte of
    # compressed data.
    directory = content.index(b"PK\1\2")
    free, at = set(), directory
    for name in MEMBERS:
        free |= {at + 4, at + 5, at + 36, at + 37, at + 40, at + 41}
        at += 46 + len(name)
    assert harmless <= free | {
        len("manifest.json") + 30 + struct.unpack_from("<L", content, 18)[0] - 1
    }
    assert free - harmless == set()


def test_every_byte_that_is_replaced_is_noticed_or_changes_no_data() -> None:
    content = written(MEMBERS)
    for at in range(len(content)):
        for value in {0, 0xFF, content[at] ^ 0x55} - {content[at]}:
            changed = bytearray(content)
            changed[at] = value
            try:
                assert read(bytes(changed)) == MEMBERS
            except ArchiveError:
                continue


def test_a_file_that_gets_shorter_while_it_is_read_is_refused(forged: Forged) -> None:
    file = BytesIO(forged.build())
    archive = open_archive(file)
    file.truncate(100)
    with pytest.raises(ArchiveError, match="became shorter") as caught:
        archive.verify()
    assert caught.value.rule == "cut-off"
    with pytest.raises(ArchiveError, match="became shorter"):
        archive.read("data/prompts/ef.json")


def test_a_file_whose_members_change_while_it_is_read_is_refused(forged: Forged) -> None:
    file = BytesIO(forged.build())
    archive = open_archive(file)
    file.seek(0)
    file.write(b"\0" * 200)
    with pytest.raises(ArchiveError) as caught:
        archive.read("manifest.json")
    assert caught.value.rule == "headers-differ"


# Search for trouble.

NUMBERS = [
    0,
    1,
    2,
    8,
    22,
    46,
    0x21,
    76,
    0xFFFE,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0xFFFFFFFE,
    0xFFFFFFFF,
]
SIGNATURES = [b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\10"]


def overwrite(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def insert(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at:]


def cut(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + content[at + len(new) :]


def repeat(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + content[at : at + len(new) * 9] + content[at:]


def end_with(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[-22:]


MUTATIONS: list[Callable[[bytes, int, bytes], bytes]] = [overwrite, insert, cut, repeat, end_with]
PIECES = st.one_of(
    st.sampled_from(NUMBERS).map(lambda number: struct.pack("<H", number & 0xFFFF)),
    st.sampled_from(NUMBERS).map(lambda number: struct.pack("<L", number)),
    st.sampled_from(SIGNATURES),
    st.binary(min_size=1, max_size=30),
)


def check_that_all_readers_agree(content: bytes) -> None:
    """Refuse it, or read from it what the standard library does."""
    try:
        archive = open_archive(BytesIO(content))
        found = {member.name: data for member, data in archive.each()}
    except ArchiveError as error:
        assert error.message.endswith(f"({error.clause})")
        return
    assert list(found) == list(archive.members)
    assert all(map(is_member_name, found))
    assert {name: archive.read(name) for name in found} == found
    with zipfile.ZipFile(BytesIO(content)) as other:
        assert other.namelist() == list(found)
        assert {name: other.read(name) for name in found} == found


@given(st.lists(st.tuples(st.sampled_from(MUTATIONS), st.integers(0, 999), PIECES), max_size=4))
def test_no_mutation_makes_it_fail_otherwise_or_read_what_others_do_not(
    mutations: list[tuple[Callable[[bytes, int, bytes], bytes], int, bytes]],
) -> None:
    content = written(MEMBERS)
    for mutate, at, new in mutations:
        content = mutate(content, at % (len(content) + 1), new)
    check_that_all_readers_agree(content)


@given(
    st.integers(0, 3),
    st.sampled_from(["local", "entry", "both"]),
    st.dictionaries(
        st.sampled_from(
            [
                "needed",
                "flags",
                "method",
                "time",
                "date",
                "crc",
                "compressed_size",
                "size",
                "name_length",
                "extra_length",
            ]
        ),
        st.sampled_from([0, 1, 2, 8, 10, 20, 0x21, 46, 99, 0x800, 0xFFFF]),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([b"", b"\0", b"PK\1\2", b"a" * 46]),
)
def test_no_field_that_lies_makes_it_fail_otherwise_or_read_what_others_do_not(
    forge: Callable[[], Forged], index: int, where: str, fields: dict[str, int], piece: bytes
) -> None:
    forged = forge()
    member = forged.members[index]
    if where in {"local", "both"}:
        member.local.update(fields)
    if where in {"entry", "both"}:
        member.entry.update(fields)
    member.after = piece
    check_that_all_readers_agree(forged.build())


@given(st.binary(max_size=300), st.sampled_from(SIGNATURES), st.integers(0, 3))
def test_no_noise_makes_it_fail_otherwise(noise: bytes, signature: bytes, members: int) -> None:
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, members, members, len(noise), 0, 0)
    for content in (noise, signature + noise, noise + end, b"PK\3\4" + noise + end):
        check_that_all_readers_agree(content)
