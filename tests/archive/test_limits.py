"""How large an archive may be, and what it costs to find that it is too large: F9."""

from __future__ import annotations

import tracemalloc
import zlib
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from anvil_nb.archive import Limits, open_archive
from anvil_nb.errors import ArchiveError, ArchiveLimitError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.archive.conftest import Forged, ForgedMember, Opened, RuleOf

MIB = 1 << 20


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Fail when more bytes than ``size`` are in use at any time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] <= size
    finally:
        tracemalloc.stop()


def zeros(size: int) -> bytes:
    """Return so many zeros, deflated, without having them all in memory."""
    deflater, chunk = zlib.compressobj(9, zlib.DEFLATED, -15), bytes(MIB)
    whole = b"".join([deflater.compress(chunk) for _ in range(size // MIB)])
    return whole + deflater.compress(bytes(size % MIB)) + deflater.flush()


def test_the_limits_are_those_of_the_format() -> None:
    assert Limits() == Limits(
        members=100_000, member_bytes=64 * MIB, total_bytes=1024 * MIB, ratio=200
    )


@pytest.mark.parametrize("field", ["members", "member_bytes", "total_bytes", "ratio"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_below_one_is_refused(field: str, value: int) -> None:
    with pytest.raises(InvalidInputError, match=field):
        Limits(**{field: value})


def test_an_archive_may_reach_each_limit_and_not_pass_it(
    forged: Forged, opened: Opened, sound: dict[str, bytes]
) -> None:
    sizes = [len(data) for data in sound.values()]
    content = forged.build()
    reached = Limits(members=len(sizes), member_bytes=max(sizes), total_bytes=sum(sizes))
    opened(content, reached).verify()
    passed = {
        "members": Limits(members=len(sizes) - 1),
        "member-bytes": Limits(member_bytes=max(sizes) - 1),
        "total-bytes": Limits(total_bytes=sum(sizes) - 1),
    }
    for rule, limits in passed.items():
        with pytest.raises(ArchiveLimitError) as caught:
            opened(content, limits)
        assert (caught.value.rule, caught.value.clause) == (rule, "F9")
        assert caught.value.code == "bundle-limit"
        assert caught.value.message.endswith("(F9)")
        assert caught.value.hint


def test_too_many_members_are_refused_before_the_directory_is_read(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.directory = b"\0" * 20 * MIB  # it would be refused as one otherwise
    forged.end.update(here=3, members=3)
    content = forged.build()
    with at_most(4 * MIB):
        assert rule_of(content, Limits(members=2)) == "members"
        assert rule_of(content) == "directory"


def test_a_million_empty_members_cost_nothing(forged: Forged, rule_of: RuleOf) -> None:
    forged.end64 = {"here": 1_000_000, "members": 1_000_000}
    forged.locator = {}
    forged.end.update(here=0xFFFF, members=0xFFFF)
    content = forged.build()
    with at_most(MIB):
        assert rule_of(content) == "members"


@pytest.mark.parametrize("size", [64 * MIB, 64 * MIB + 1, 0xFFFFFFFE])
def test_a_bomb_is_refused_by_what_it_says(forged: Forged, rule_of: RuleOf, size: int) -> None:
    forged.members[3].raw = zeros(8 * MIB)
    forged.members[3].both(size=size)
    content = forged.build()
    with at_most(MIB):
        assert rule_of(content) == ("ratio" if size == 64 * MIB else "member-bytes")


@pytest.mark.parametrize("size", [0, 1, 1000, 65_536])
def test_a_bomb_that_lies_is_inflated_to_a_byte_more_than_it_says(
    forged: Forged, rule_of: RuleOf, size: int
) -> None:
    forged.members[3].raw = zeros(64 * MIB)
    forged.members[3].both(size=size)
    content = forged.build()
    with at_most(MIB):
        assert rule_of(content) == "size"


def test_a_large_bomb_that_lies_is_inflated_to_a_byte_more_than_it_says(
    forged: Forged, opened: Opened
) -> None:
    forged.members[3].raw = zeros(64 * MIB) + bytes(2 * MIB)
    forged.members[3].both(size=0)
    archive = opened(forged.build())
    # A piece that was read, and a copy of what is left of it.
    with at_most(5 * MIB // 2), pytest.raises(ArchiveError, match="more than the 0 bytes"):
        archive.read("data/objects/ab.json")


def test_a_bomb_whose_every_limit_was_raised_still_costs_what_it_says_and_little_more(
    forged: Forged, opened: Opened
) -> None:
    allowed = Limits(ratio=2000)
    member = forged.members[3]
    member.raw = zeros(64 * MIB)
    member.both(size=64 * MIB, crc=zlib.crc32(bytes(64 * MIB)))
    content = forged.build()
    with at_most(80 * MIB):
        assert len(opened(content, allowed).read("data/objects/ab.json")) == 64 * MIB
    with at_most(80 * MIB):
        for _, data in opened(content, allowed).each():
            del data
    member.both(size=10 * MIB)
    lying = opened(forged.build(), allowed)
    with at_most(15 * MIB), pytest.raises(ArchiveError, match="more than the 10,485,760 bytes"):
        lying.verify()


@pytest.mark.parametrize("method", [0, 8])
def test_a_member_that_does_not_get_smaller_is_in_memory_once(forged: Forged, method: int) -> None:
    member = forged.members[3]
    member.method = method
    blocks = [bytes([index % 251]) * 65_535 for index in range(512)]
    member.data = b"".join(blocks)
    if method == 8:
        member.raw = b"".join(b"\0\xff\xff\0\0" + block for block in blocks) + b"\3\0"
    file = BytesIO(forged.build())
    with at_most(len(member.data) + 8 * MIB):
        assert len(open_archive(file).read("data/objects/ab.json")) == len(member.data)


def test_compressed_data_that_makes_nothing_is_bounded_by_the_file(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.members[3].raw = b"\0\0\0\xff\xff" * 2_000_000  # blocks of nothing, and no last one
    content = forged.build()
    with at_most(8 * MIB):
        assert rule_of(content) == "deflate"


def test_the_ratio_is_that_of_members_beyond_64_kib_and_of_all_together(
    forged: Forged, forged_member: type[ForgedMember], opened: Opened, rule_of: RuleOf
) -> None:
    small = forged_member(b"data/y.json", bytes(64 << 10))
    filling = forged_member(b"data/z.json", bytes(10_000), method=0)
    forged.members += [small, filling]
    opened(forged.build()).verify()
    small.data += b"\0"
    assert rule_of(forged) == "ratio"
    forged.members = [*forged.members[:3], forged_member(b"data/y.json", bytes(64 << 10))]
    assert rule_of(forged) == "ratio"
    opened(forged.build(), Limits(ratio=2000)).verify()


def test_a_hundred_thousand_overlapping_members_are_refused_at_the_first(
    forged: Forged, opened: Opened
) -> None:
    entry = forged.members[0].entry_record(0)
    forged.directory = entry * 60_000
    forged.end.update(here=60_000, members=60_000)
    with pytest.raises(ArchiveError) as caught:
        opened(forged.build())
    assert caught.value.rule == "overlap"
