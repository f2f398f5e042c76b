"""Archives that are built to be read in two ways, or to hide something: F1 to F5, F7 and F8."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from anvil_nb.archive import open_archive
from anvil_nb.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.archive.conftest import Forged, ForgedMember, Opened, RuleOf


def test_the_archive_that_all_others_here_are_made_of_is_sound(
    forged: Forged, opened: Opened, sound: dict[str, bytes]
) -> None:
    archive = opened(forged.build())
    assert {member.name: data for member, data in archive.each()} == sound
    assert {name: archive.read(name) for name in archive.members} == sound


# F1: nothing before, between or after.


@pytest.mark.parametrize("before", [b"\0", b"#!/bin/sh\n", b"PK", b"GIF89a" * 9])
def test_bytes_before_the_first_member_are_refused(
    forged: Forged, rule_of: RuleOf, before: bytes
) -> None:
    forged.before = before
    assert rule_of(forged) == "bytes-before"


def test_bytes_before_an_archive_that_does_not_count_them_are_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    assert rule_of(b"#!/bin/sh\n" + forged.build()) == "bytes-before"


@pytest.mark.parametrize("index", [1, 2, 5])
def test_bytes_between_members_are_refused(forged: Forged, rule_of: RuleOf, index: int) -> None:
    forged.members[index].before = b"\0"
    assert rule_of(forged) == "bytes-between"


def test_a_member_that_the_directory_does_not_name_is_refused(
    forged: Forged, rule_of: RuleOf, forged_member: type[ForgedMember]
) -> None:
    hidden = forged_member(b"data/prompts/hidden.json", b"hidden")
    forged.members[3].before = hidden.local_header() + hidden.packed_data
    assert rule_of(forged) == "bytes-between"


def test_bytes_between_members_and_directory_are_refused(forged: Forged, rule_of: RuleOf) -> None:
    forged.between = b"\0"
    assert rule_of(forged) == "bytes-between"


@pytest.mark.parametrize("size", [1, 20, 56, 76, 77])
def test_bytes_between_directory_and_end_are_refused(
    forged: Forged, rule_of: RuleOf, size: int
) -> None:
    forged.gap = b"x" * size
    assert rule_of(forged) == "bytes-between"


@pytest.mark.parametrize("after", [b"\0", b"\n", b"x" * 22, b"PK\5\6" + b"\0" * 17])
def test_bytes_after_the_end_are_refused(forged: Forged, rule_of: RuleOf, after: bytes) -> None:
    forged.after = after
    assert rule_of(forged) == "bytes-after"


def test_more_bytes_after_the_end_than_a_comment_could_have_are_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.after = b"x" * 70_000
    assert rule_of(forged) == "cut-off"


def test_a_second_end_record_is_refused(forged: Forged, rule_of: RuleOf) -> None:
    content = forged.build()
    assert rule_of(content + content[-22:]) == "bytes-between"


def test_an_end_record_of_no_members_after_the_end_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    assert rule_of(forged.build() + b"PK\5\6" + b"\0" * 18) == "bytes-between"


def test_two_archives_one_after_the_other_are_refused(forged: Forged, rule_of: RuleOf) -> None:
    content = forged.build()
    assert rule_of(content + content) == "bytes-between"


def test_an_archive_that_counts_another_one_before_it_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.before = forged.build()
    assert rule_of(forged) == "bytes-before"


def test_an_archive_in_the_comment_of_another_is_refused(forged: Forged, rule_of: RuleOf) -> None:
    forged.comment = forged.build()
    assert rule_of(forged) == "bytes-between"


def test_an_archive_within_a_member_is_data_and_nothing_else(
    forged: Forged, opened: Opened
) -> None:
    inner = forged.build()
    forged.members[3].data, forged.members[3].method = inner, 0
    assert opened(forged.build()).read("data/objects/ab.json") == inner


@pytest.mark.parametrize(
    "content", [b"\0" * 21, b"PK", b"{}" * 40, b"anvil-encrypted-bundle 1\n" * 3, b"PK\5\6"]
)
def test_what_is_no_zip_archive_is_refused_as_that(rule_of: RuleOf, content: bytes) -> None:
    assert rule_of(content) == "not-an-archive"


def test_an_empty_file_is_said_to_be_empty(opened: Opened) -> None:
    with pytest.raises(ArchiveError, match="it is empty"):
        opened(b"")


def test_an_archive_of_nothing_is_refused(forged: Forged, rule_of: RuleOf) -> None:
    forged.members = []
    assert rule_of(forged) == "order"


def test_a_file_of_four_gib_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("w+b") as file:
        for size, rule in ((2**32, "four-gib"), (2**32 - 1, "not-an-archive")):
            file.truncate(size)  # a sparse one
            with pytest.raises(ArchiveError) as caught:
                open_archive(file)
            assert caught.value.rule == rule


# F1, F2: overlapping members (Fifield, "A better zip bomb", 2019).


def test_members_that_share_one_data_are_refused(forged: Forged, rule_of: RuleOf) -> None:
    forged.members[4].entry["offset"] = 0
    assert rule_of(forged) == "overlap"


def test_members_that_quote_the_headers_of_others_are_refused(
    forged: Forged, rule_of: RuleOf, forged_member: type[ForgedMember]
) -> None:
    kernel = forged_member(b"data/z.json", b"\0" * 1000)
    header = kernel.local_header()
    quote = b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF)  # a block not compressed
    quoting = forged_member(b"data/y.json", header + kernel.data)
    quoting.raw = quote + header + kernel.packed_data
    before = forged.build().index(b"PK\1\2")
    forged.members.append(quoting)
    content = forged.build()
    directory_at = content.index(b"PK\1\2")
    kernel_at = before + len(quoting.local_header()) + len(quote)
    forged.directory = content[directory_at:-22] + kernel.entry_record(kernel_at)
    forged.end.update(here=8, members=8)
    assert rule_of(forged) == "overlap"


def test_a_member_whose_data_reaches_into_the_directory_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    last = forged.members[-1]
    last.both(size=len(last.data) + 46, compressed_size=len(last.data) + 46)
    assert rule_of(forged) == "overlap"


def test_a_directory_that_begins_within_the_last_member_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    content = forged.build()
    at = content.index(b"PK\1\2")
    forged.end.update(offset=at - 1, size=len(content) - 22 - at + 1)
    assert rule_of(forged) == "directory"


def test_a_directory_that_reaches_into_the_end_record_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    size = len(forged.build()) - 22 - forged.build().index(b"PK\1\2")
    forged.end["size"] = size + 1
    assert rule_of(forged) == "overlap"


# F2: the directory, and headers that agree with it.


def test_a_directory_in_another_order_than_the_file_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.directory_order = [0, 1, 2, 4, 3, 5]
    assert rule_of(forged) == "bytes-between"


@pytest.mark.parametrize("fewer", [1, 3, 6])
def test_an_end_record_that_counts_fewer_members_is_refused(
    forged: Forged, rule_of: RuleOf, fewer: int
) -> None:
    forged.end.update(here=6 - fewer, members=6 - fewer)
    assert rule_of(forged) == "directory"


@pytest.mark.parametrize("members", [7, 100, 65_535])
def test_an_end_record_that_counts_more_members_is_refused(
    forged: Forged, rule_of: RuleOf, members: int
) -> None:
    forged.end.update(here=members, members=members)
    assert rule_of(forged) == "directory"


def test_a_directory_that_is_cut_within_an_entry_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    content = forged.build()
    whole = content[content.index(b"PK\1\2") : -22]
    for length in range(len(whole)):
        forged.directory = whole[:length]
        assert rule_of(forged) == "directory"


def test_a_directory_that_names_a_member_more_is_refused(
    forged: Forged, rule_of: RuleOf, forged_member: type[ForgedMember]
) -> None:
    content = forged.build()
    entries = content[content.index(b"PK\1\2") : -22]
    more = forged_member(b"data/zz.json", b"").entry_record(content.index(b"PK\1\2"))
    forged.directory = entries + more
    assert rule_of(forged) == "directory"
    forged.end.update(here=7, members=7)
    assert rule_of(forged) == "overlap"


def test_something_else_in_the_directory_is_refused(forged: Forged, rule_of: RuleOf) -> None:
    forged.members[2].entry["signature"] = b"PK\5\5"  # a digital signature of the directory
    assert rule_of(forged) == "directory"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signature", b"PK\3\5"),
        ("needed", 10),
        ("flags", 0x800),
        ("flags", 1),
        ("flags", 8),
        ("method", 0),
        ("method", 99),
        ("time", 1),
        ("date", 0x22),
        ("crc", 0),
        ("compressed_size", 0),
        ("compressed_size", 1),
        ("compressed_size", 0xFFFFFFFF),
        ("size", 0),
        ("size", 28),
        ("size", 30),
        ("size", 0xFFFFFFFF),
        ("name_length", 0),
        ("name_length", 19),
        ("name_length", 21),
        ("extra_length", 1),
    ],
)
def test_a_local_header_that_says_otherwise_in_a_field_is_refused(
    forged: Forged, rule_of: RuleOf, field: str, value: int | bytes
) -> None:
    forged.members[3].local[field] = value
    assert rule_of(forged) == "headers-differ"


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("needed", 10, "headers-differ"),
        ("flags", 0x800, "headers-differ"),
        ("method", 0, "size"),
        ("method", 99, "method"),
        ("time", 1, "time"),
        ("date", 0x22, "time"),
        ("crc", 0, "headers-differ"),
        ("compressed_size", 1, "bytes-between"),
        ("compressed_size", 1000, "overlap"),
        ("size", 0, "headers-differ"),
        ("size", 30, "headers-differ"),
        ("name_length", 13, "name"),
        ("name_length", 14, "directory"),
        ("name_length", 21, "name"),
        ("extra_length", 1, "extra-field"),
        ("comment_length", 1, "comment"),
        ("disk", 1, "disks"),
        ("offset", 0, "overlap"),
        ("offset", 1000, "bytes-between"),
    ],
)
def test_an_entry_that_says_otherwise_in_a_field_is_refused(
    forged: Forged, rule_of: RuleOf, field: str, value: int, rule: str
) -> None:
    forged.members[3].entry[field] = value
    assert rule_of(forged) == rule


@pytest.mark.parametrize(
    "name", [b"data/objects/ac.json", b"../../../etc/passwds", b"DATA/objects/ab.json"]
)
def test_a_local_header_of_another_name_is_refused(
    forged: Forged, rule_of: RuleOf, name: bytes
) -> None:
    forged.members[3].local_name = name
    assert rule_of(forged) == "headers-differ"


# F3: what a member may be like.


@pytest.mark.parametrize("flags", [1 << 0, 1 << 0 | 1 << 6, 1 << 13, 1 << 0 | 1 << 3])
def test_encrypted_members_are_refused(forged: Forged, rule_of: RuleOf, flags: int) -> None:
    forged.members[3].both(flags=flags)
    assert rule_of(forged) == "encrypted"


@pytest.mark.parametrize("signature", [b"PK\7\10", b""])
def test_data_descriptors_are_refused(forged: Forged, rule_of: RuleOf, signature: bytes) -> None:
    member = forged.members[3]
    true = struct.unpack_from("<3L", member.local_header(), 14)
    member.after = signature + struct.pack("<3L", *true)
    member.both(flags=8)
    member.local.update(crc=0, compressed_size=0, size=0)
    assert rule_of(forged) == "data-descriptor"


@pytest.mark.parametrize("bit", [1, 2, 4, 5, 7, 8, 9, 10, 12, 14, 15])
def test_all_other_flags_are_refused(forged: Forged, rule_of: RuleOf, bit: int) -> None:
    forged.members[3].both(flags=1 << bit)
    assert rule_of(forged) == "flags"


def test_the_flag_of_utf8_names_is_taken(
    forged: Forged, opened: Opened, sound: dict[str, bytes]
) -> None:
    for member in forged.members:
        member.both(flags=0x800)
    assert {member.name: data for member, data in opened(forged.build()).each()} == sound


@pytest.mark.parametrize("method", [*range(1, 8), *range(9, 21), 93, 95, 98, 99, 0xFFFF])
def test_all_other_methods_of_compression_are_refused(
    forged: Forged, rule_of: RuleOf, method: int
) -> None:
    forged.members[3].both(method=method)
    assert rule_of(forged) == "method"


@pytest.mark.parametrize("needed", [46, 63, 99, 0x0114, 0xFFFF])
def test_members_for_newer_versions_of_zip_are_refused(
    forged: Forged, rule_of: RuleOf, needed: int
) -> None:
    forged.members[3].both(needed=needed)
    assert rule_of(forged) == "version"


@pytest.mark.parametrize("needed", [0, 10, 20, 45])
def test_members_for_these_versions_of_zip_are_taken(
    forged: Forged, opened: Opened, needed: int
) -> None:
    forged.members[3].both(needed=needed)
    opened(forged.build()).verify()


@pytest.mark.parametrize(
    "extra",
    [
        b"\x01\x00\x10\x00" + b"\0" * 16,  # ZIP64 sizes
        b"\x75\x70\x09\x00\x01" + b"\0" * 4 + b"evil",  # another name, in Unicode
        b"\x55\x54\x05\x00\x03" + b"\0" * 4,  # times
        b"\0",
    ],
)
def test_extra_fields_are_refused_in_either_header(
    forged: Forged, rule_of: RuleOf, extra: bytes
) -> None:
    member = forged.members[3]
    member.entry_extra = extra
    assert rule_of(forged) == "extra-field"
    member.local_extra = extra
    assert rule_of(forged) == "extra-field"
    member.entry_extra = b""
    assert rule_of(forged) == "bytes-between"


def test_comments_are_refused_of_members_and_of_the_archive(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.members[3].comment = b"hello"
    assert rule_of(forged) == "comment"
    forged.members[3].comment = b""
    for comment in (b"hello", b"x" * 0xFFFF):
        forged.comment = comment
        assert rule_of(forged) == "comment"


def test_a_comment_that_is_announced_and_missing_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.end["comment_length"] = 5
    assert rule_of(forged) == "comment"


@pytest.mark.parametrize("fields", [{"disk": 1}, {"first_disk": 1}, {"here": 5}, {"disk": 0xFFFF}])
def test_an_archive_on_several_disks_is_refused(
    forged: Forged, rule_of: RuleOf, fields: dict[str, int | bytes]
) -> None:
    forged.end.update(fields)
    assert rule_of(forged) == "disks"


# F4: regular files.


@pytest.mark.parametrize(
    "external",
    [
        *(kind << 16 for kind in (0o120777, 0o040755, 0o010644, 0o140644, 0o060644, 0o020644)),
        *(mode << 16 for mode in (0o104755, 0o102755, 0o101755, 0o004755, 0o110644, 0o170644)),
        *(0o100644 << 16 | dos for dos in (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x8000)),
        0x10,
    ],
)
def test_all_but_regular_files_are_refused(forged: Forged, rule_of: RuleOf, external: int) -> None:
    forged.members[3].entry["external"] = external
    assert rule_of(forged) == "file-type"


def test_a_symbolic_link_is_called_one(forged: Forged, opened: Opened) -> None:
    forged.members[3].entry["external"] = 0o120777 << 16
    with pytest.raises(ArchiveError, match="data/objects/ab.json is a symbolic link"):
        opened(forged.build())


@pytest.mark.parametrize("external", [0, 0o100644 << 16, 0o100000 << 16, 0o600 << 16])
def test_regular_files_are_taken_with_any_permissions(
    forged: Forged, opened: Opened, external: int
) -> None:
    forged.members[3].entry["external"] = external
    opened(forged.build()).verify()


# F5: ZIP64 in a small archive; large ones are in test_many_members.


def test_zip64_records_in_an_archive_of_few_members_are_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.end64, forged.locator = {}, {}
    assert rule_of(forged) == "zip64"
    forged.end.update(here=0xFFFF, members=0xFFFF)
    assert rule_of(forged) == "zip64"
    forged.end.update(size=0xFFFFFFFF, offset=0xFFFFFFFF)
    assert rule_of(forged) == "zip64"


def test_half_of_the_zip64_records_is_refused(forged: Forged, rule_of: RuleOf) -> None:
    forged.end64 = {}
    assert rule_of(forged) == "bytes-between"
    forged.end64, forged.locator = None, {}
    assert rule_of(forged) == "bytes-between"


@pytest.mark.parametrize("field", ["size", "offset"])
def test_an_end_record_that_leaves_a_place_to_zip64_is_refused(
    forged: Forged, rule_of: RuleOf, field: str
) -> None:
    forged.end[field] = 0xFFFFFFFF
    assert rule_of(forged) == "zip64"


@pytest.mark.parametrize("field", ["size", "compressed_size", "offset"])
def test_a_member_that_leaves_a_number_to_zip64_is_refused(
    forged: Forged, rule_of: RuleOf, field: str
) -> None:
    forged.members[3].entry[field] = 0xFFFFFFFF
    assert rule_of(forged) == "zip64"


# F7 and F8: order and times.


@pytest.mark.parametrize(
    "order",
    [
        [1, 0, 2, 3, 4, 5],
        [0, 2, 1, 3, 4, 5],
        [0, 1, 3, 2, 4, 5],
        [0, 1, 2, 4, 3, 5],
        [0, 1, 3, 4, 5, 2],
        [1, 2, 3, 4, 5],
        [0, 2, 3, 4, 5],
        [3],
        [0],
    ],
)
def test_members_in_another_order_are_refused(
    forged: Forged, rule_of: RuleOf, order: list[int]
) -> None:
    forged.members = [forged.members[index] for index in order]
    assert rule_of(forged) == "order"


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 2], [0, 1, 3, 5]])
def test_all_but_the_first_two_members_may_be_missing(
    forged: Forged, opened: Opened, order: list[int]
) -> None:
    forged.members = [forged.members[index] for index in order]
    opened(forged.build()).verify()


@pytest.mark.parametrize("fields", [{"time": 1}, {"date": 0}, {"date": 0x5D75}])
def test_other_times_are_refused(forged: Forged, rule_of: RuleOf, fields: dict[str, int]) -> None:
    forged.members[3].both(**fields)
    assert rule_of(forged) == "time"
