"""Archives written and read: what goes in comes out, here and in the standard library."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.archive import Archive, ArchiveWriter, Limits, open_archive
from anvil_nb.errors import ArchiveError, ArchiveLimitError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.archive.conftest import Opened

FIRST = {"manifest.json": b"{}", "meta/checksums.json": b"{}"}
KIB, MIB = 1 << 10, 1 << 20


def written(members: dict[str, bytes], limits: Limits | None = None, **options: bool) -> bytes:
    file = BytesIO()
    writer = ArchiveWriter(file, limits or Limits())
    for name, data in members.items():
        writer.add(name, data, **options)
    assert writer.finish() == len(file.getvalue())
    return file.getvalue()


def noise(size: int, seed: int = 1) -> bytes:
    return hashlib.shake_256(b"%d" % seed).digest(size)


def text(size: int, seed: int = 1) -> bytes:
    words = [noise(3, word).hex() for word in range(256)]
    return " ".join([words[byte] for byte in noise(size // 7 + 1, seed)]).encode()[:size]


def in_zipfile(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@given(
    st.dictionaries(
        st.from_regex(r"data/[b-z]{1,9}", fullmatch=True),
        st.binary(max_size=300)
        | st.integers(0, 9_000).map(text)
        | st.integers(0, 9_000).map(bytes),
    )
)
def test_what_is_written_is_read_here_and_by_the_standard_library(
    members: dict[str, bytes],
) -> None:
    whole = {**FIRST, **dict(sorted(members.items()))}
    for compress in (True, False):
        content = written(whole, compress=compress)
        archive = open_archive(BytesIO(content))
        assert {member.name: data for member, data in archive.each()} == whole
        assert {name: archive.read(name) for name in reversed([*archive.members])} == whole
        assert in_zipfile(content) == whole
        assert written(whole, compress=compress) == content


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_the_standard_library_writes_plainly_is_read(opened: Opened, method: int) -> None:
    whole = {**FIRST, "data/a.json": text(5000), "data/b.json": b"", "data/c.json": text(2 * MIB)}
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in whole.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    found = opened(file.getvalue())
    assert {member.name: data for member, data in found.each()} == whole


def test_what_the_standard_library_writes_to_a_pipe_is_refused(opened: Opened) -> None:
    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    file = Pipe()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("manifest.json"), b"{}")
    with pytest.raises(ArchiveError) as caught:
        opened(file.getvalue())
    assert caught.value.rule == "data-descriptor"


def test_what_the_standard_library_writes_with_the_time_of_today_is_refused(
    opened: Opened,
) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", b"{}")
    with pytest.raises(ArchiveError) as caught:
        opened(file.getvalue())
    assert caught.value.rule == "time"


def test_members_lie_in_the_order_in_which_they_were_added(opened: Opened) -> None:
    whole = {**FIRST, "meta/signature.json": b"{}", "assets/a": b"x", "data/z": b"", "data/zz": b""}
    archive = opened(written(whole))
    assert [*archive.members] == [*whole]
    offsets = [member.offset for member in archive.members.values()]
    assert offsets == sorted(offsets)
    assert offsets[0] == 0


def test_a_member_says_what_the_directory_does(opened: Opened) -> None:
    member = opened(written({**FIRST, "data/a": text(4000)})).members["data/a"]
    assert (member.size, member.method) == (4000, 8)
    assert member.compressed_size < 4000
    assert opened(written({**FIRST, "data/a": b"a"})).members["data/a"].method == 0


def test_a_member_that_is_not_there_is_a_key_error(opened: Opened) -> None:
    with pytest.raises(KeyError):
        opened(written(FIRST)).read("meta/signature.json")


def test_reading_by_name_does_not_disturb_reading_in_order(opened: Opened) -> None:
    whole = {**FIRST, **{f"data/{index:04}": text(900, index) for index in range(3000)}}
    archive = opened(written(whole))
    found = {}
    for member, data in archive.each():
        found[member.name] = data
        assert archive.read("data/2999") == whole["data/2999"]
    assert found == whole


def test_reading_in_order_takes_many_members_at_a_time() -> None:
    whole = {**FIRST, **{f"data/{index:04}": text(900, index) for index in range(3000)}}
    taken = []

    class Counting(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            taken.append(size)
            return super().read(size)

    archive = open_archive(Counting(written(whole)))
    taken.clear()
    archive.verify()
    assert len(taken) <= 3


def test_an_unbuffered_file_is_read_and_left_open(tmp_path: Path) -> None:
    whole = {**FIRST, "data/a": noise(3 * MIB), "data/b": b"b"}
    (tmp_path / "bundle").write_bytes(written(whole))
    with (tmp_path / "bundle").open("rb", buffering=0) as file:
        archive: Archive = open_archive(file)
        assert {member.name: data for member, data in archive.each()} == whole
        assert not file.closed


# Writing.


def test_the_same_members_give_these_same_bytes_for_ever() -> None:
    content = written({**FIRST, "data/a": b"not smaller when deflated"})
    assert hashlib.sha256(content).hexdigest() == (
        "46831d0a6913f849813034f964ec07d6d2c23bafb1e88047246007ffaa88a388"
    )


@pytest.mark.parametrize("size", [2047, 2048, 2049, 4096, 4097, 8192, 8193, 70_000, 3 * MIB])
def test_members_of_all_sizes_are_compressed_about_as_well_as_the_standard_library_does(
    opened: Opened, size: int
) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(zipfile.ZipInfo("a"), text(size), zipfile.ZIP_DEFLATED)
        theirs = archive.getinfo("a").compress_size
    ours = opened(written({**FIRST, "data/a": text(size)}))
    assert ours.members["data/a"].compressed_size <= theirs * 1.01
    assert ours.read("data/a") == text(size)


def test_what_does_not_get_smaller_is_stored(opened: Opened) -> None:
    whole = {
        **FIRST,
        "data/a": b"",
        "data/b": b"abc",
        "data/bb": b"a" * 5,  # five bytes, deflated
        "data/c": noise(2 * MIB),
    }
    assert {member.method for member in opened(written(whole)).members.values()} == {0}


def test_what_would_look_like_a_bomb_is_stored(opened: Opened) -> None:
    whole = {**FIRST, "data/a": bytes(60 * KIB), "data/b": b" " * MIB, "data/c": bytes(3 * MIB)}
    archive = opened(written(whole))
    assert {name for name, one in archive.members.items() if one.method} == set()
    assert {member.name: data for member, data in archive.each()} == whole


def test_it_writes_to_a_pipe() -> None:
    reading, writing = os.pipe()
    found: list[bytes] = []

    def drain() -> None:
        with os.fdopen(reading, "rb") as file:
            found.append(file.read())

    thread = threading.Thread(target=drain)
    thread.start()
    with os.fdopen(writing, "wb") as file:
        writer = ArchiveWriter(file)
        for name, data in FIRST.items():
            writer.add(name, data)
        writer.finish()
    thread.join()
    assert found == [written(FIRST)]


def test_a_name_is_not_written_twice() -> None:
    file = BytesIO()
    writer = ArchiveWriter(file)
    writer.add("data/a", b"1")
    with pytest.raises(ArchiveError) as caught:
        writer.add("data/a", b"2")
    assert caught.value.rule == "duplicate-name"


def test_a_file_and_a_folder_of_one_name_are_not_written() -> None:
    writer = ArchiveWriter(BytesIO())
    for name in ("data/a", "data/a-b", "data/a/b"):
        writer.add(name, b"1")
    with pytest.raises(ArchiveError) as caught:
        writer.finish()
    assert caught.value.rule == "file-and-folder"


def test_no_more_is_written_than_a_reader_would_take() -> None:
    for rule, limits in {
        "members": Limits(members=1),
        "member-bytes": Limits(member_bytes=1),
        "total-bytes": Limits(total_bytes=3),
    }.items():
        with pytest.raises(ArchiveLimitError) as caught:
            written(FIRST, limits)
        assert caught.value.rule == rule
        assert caught.value.hint.startswith("Export less")


def test_no_archive_of_four_gib_is_written() -> None:
    writer = ArchiveWriter(BytesIO())
    writer._offset = (1 << 32) - 1000  # as if so much had been written
    with pytest.raises(ArchiveError) as caught:
        writer.add("data/a", bytes(1000), compress=False)
    assert caught.value.rule == "four-gib"
    writer.add("data/a", bytes(700), compress=False)
    assert (1 << 32) - 1000 + 700 < writer.finish() < 1 << 32


def test_nothing_follows_the_end() -> None:
    writer = ArchiveWriter(BytesIO())
    writer.finish()
    for write in (writer.finish, lambda: writer.add("data/a", b"")):
        with pytest.raises(ArchiveError) as caught:
            write()
        assert caught.value.rule == "bytes-after"


def test_a_program_that_unpacks_it_makes_readable_files(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(written(FIRST))
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        for info in archive.infolist():
            assert stat.filemode(info.external_attr >> 16) == "-rw-r--r--"
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.extra, info.comment) == (3, b"", b"")
