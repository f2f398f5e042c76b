"""Archives of as many members as need ZIP64, and of one fewer: F5."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from anvil_nb.archive import ArchiveWriter, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.archive.conftest import Opened, RuleOf

LEAST = 65_536
END, LOCATOR, END64 = 22, 20, 56


def members(count: int) -> Iterator[tuple[str, bytes]]:
    yield "manifest.json", b"{}"
    yield "meta/checksums.json", b"{}"
    for index in range(count - 2):
        yield f"data/{index:05}", b"%d" % index


def archive_of(count: int) -> bytes:
    file = BytesIO()
    writer = ArchiveWriter(file)
    for name, data in members(count):
        writer.add(name, data)
    assert writer.finish() == len(file.getvalue())
    return file.getvalue()


@pytest.fixture(scope="module")
def least() -> bytes:
    """An archive of the fewest members that need ZIP64."""
    return archive_of(LEAST)


@pytest.fixture(scope="module")
def one_fewer() -> bytes:
    """An archive of the most members that must do without ZIP64."""
    return archive_of(LEAST - 1)


def test_what_is_written_with_zip64_is_read_here_and_by_the_standard_library(
    opened: Opened,
) -> None:
    content = archive_of(70_000)
    assert content[-END - LOCATOR - END64 :].startswith(b"PK\6\6")
    assert [(member.name, data) for member, data in opened(content).each()] == [*members(70_000)]
    with zipfile.ZipFile(BytesIO(content)) as other:
        assert other.namelist() == [name for name, _ in members(70_000)]
        assert other.read("data/69997") == b"69997"


def test_what_the_standard_library_writes_with_zip64_is_read(opened: Opened) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as other:
        for name, data in members(70_000):
            other.writestr(zipfile.ZipInfo(name), data)
    found = [(member.name, data) for member, data in opened(file.getvalue()).each()]
    assert found == [*members(70_000)]


def test_one_member_fewer_has_no_zip64(one_fewer: bytes, opened: Opened) -> None:
    assert b"PK\6\6" not in one_fewer
    assert b"PK\6\7" not in one_fewer
    assert struct.unpack_from("<2H", one_fewer, len(one_fewer) - END + 8) == (0xFFFF, 0xFFFF)
    assert len(opened(one_fewer).members) == LEAST - 1
    with zipfile.ZipFile(BytesIO(one_fewer)) as other:
        assert len(other.namelist()) == LEAST - 1


@pytest.mark.parametrize("at", [0, 1, 2, 3, LEAST // 2, LEAST - 3, LEAST - 2])
def test_a_member_is_found_by_its_name_wherever_it_stands(
    at: int, one_fewer: bytes, opened: Opened
) -> None:
    archive = opened(one_fewer)
    name, data = [*members(LEAST - 1)][at]
    assert archive.read(name) == data
    assert archive.members[name] == [*archive.members.each()][at]


@pytest.mark.parametrize("name", ["", "a", "data", "data/0", "data/000005", "data/65534", "z", "é"])
def test_a_name_that_no_member_has_is_not_found(
    name: str, one_fewer: bytes, opened: Opened
) -> None:
    archive = opened(one_fewer)
    assert name not in archive.members
    with pytest.raises(KeyError):
        archive.read(name)


def test_an_open_archive_takes_little_more_memory_than_its_directory(
    one_fewer: bytes, opened: Opened
) -> None:
    directory = len(one_fewer) - one_fewer.index(b"PK\1\2")
    opened(one_fewer)  # what the first one loads is not counted
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        archive = opened(one_fewer)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(archive.members) == LEAST - 1
    assert after - before < len(one_fewer) + 1.5 * directory  # the file is in memory here


def test_many_members_without_zip64_are_refused(least: bytes, rule_of: RuleOf) -> None:
    assert rule_of(least[: -END - LOCATOR - END64] + least[-END:]) == "zip64"


@pytest.mark.parametrize("count", [0, 1])
def test_a_count_that_is_cut_to_16_bits_is_refused(
    least: bytes, rule_of: RuleOf, count: int
) -> None:
    end = least[-END:-14] + struct.pack("<2H", count, count) + least[-10:]
    assert rule_of(least[: -END - LOCATOR - END64] + end) == "directory"
    assert rule_of(least[:-END] + end) == "zip64"


def test_zip64_with_one_member_fewer_is_refused(one_fewer: bytes, rule_of: RuleOf) -> None:
    size, offset = struct.unpack_from("<2L", one_fewer, len(one_fewer) - 10)
    count = LEAST - 1
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
    assert rule_of(one_fewer[:-END] + end64 + locator + one_fewer[-END:]) == "zip64"


@pytest.mark.parametrize(
    ("at", "layout", "value", "rule"),
    [
        (0, "4s", b"PK\6\5", "bytes-between"),
        (4, "Q", 43, "zip64"),
        (4, "Q", 45, "zip64"),
        (4, "Q", 2**63, "zip64"),
        (16, "L", 1, "disks"),
        (20, "L", 1, "disks"),
        (24, "Q", LEAST - 1, "disks"),
        (32, "Q", LEAST + 1, "disks"),
        (24, "2Q", (LEAST - 1, LEAST - 1), "zip64"),
        (24, "2Q", (LEAST + 1, LEAST + 1), "directory"),
        (24, "2Q", (100_001, 100_001), "members"),
        (24, "2Q", (2**64 - 1, 2**64 - 1), "members"),
        (40, "Q", 0, "zip64"),
        (40, "Q", 2**64 - 1, "zip64"),
        (48, "Q", 0, "zip64"),
        (48, "Q", 2**64 - 1, "zip64"),
        (56, "4s", b"PK\6\6", "zip64"),
        (60, "L", 1, "zip64"),
        (64, "Q", 0, "zip64"),
        (64, "Q", 2**64 - 1, "zip64"),
        (72, "L", 0, "zip64"),
        (72, "L", 2, "zip64"),
        (76 + 4, "2H", (0xFFFF, 0xFFFF), "disks"),
        (76 + 8, "H", 0xFFFE, "zip64"),
        (76 + 10, "H", 0xFFFE, "zip64"),
        (76 + 12, "L", 0xFFFFFFFF, "zip64"),
        (76 + 16, "L", 0xFFFFFFFF, "zip64"),
        (76 + 12, "L", 5, "bytes-between"),
        (76 + 16, "L", 5, "bytes-between"),
    ],
)
def test_end_records_that_do_not_agree_are_refused(
    least: bytes, rule_of: RuleOf, at: int, layout: str, value: object, rule: str
) -> None:
    content = bytearray(least)
    values = value if isinstance(value, tuple) else (value,)
    struct.pack_into(f"<{layout}", content, len(content) - 98 + at, *values)
    assert rule_of(bytes(content)) == rule


@pytest.mark.parametrize("extensible", [b"\0", b"x" * 20])
def test_a_zip64_record_with_more_in_it_is_refused(
    least: bytes, rule_of: RuleOf, extensible: bytes
) -> None:
    at = len(least) - END - LOCATOR
    longer = bytearray(least[:at] + extensible + least[at:])
    struct.pack_into("<Q", longer, len(least) - 98 + 4, 44 + len(extensible))
    assert rule_of(bytes(longer)) == "bytes-between"


def test_too_many_members_are_refused_though_all_are_sound(rule_of: RuleOf) -> None:
    file = BytesIO()
    writer = ArchiveWriter(file, Limits(members=100_001))
    for name, data in members(100_001):
        writer.add(name, data, compress=False)
    writer.finish()
    assert rule_of(file.getvalue()) == "members"
