"""Tarballs made to deceive: each is refused by the rule that it breaks."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from typing import TYPE_CHECKING

import pytest

from anvil_nb.archive.limits import Limits
from anvil_nb.archive.tar_reader import TarFile, read_tarball
from anvil_nb.archive.tar_writer import write_tarball
from anvil_nb.errors import TarballError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 512
END = bytes(2 * BLOCK)


def header(
    name: str | bytes = "a.md", size: int = 0, kind: bytes = b"0", mode: int = 0o644
) -> bytes:
    """One ustar header, written by hand: what the code under test reads it did not write."""
    raw = name if isinstance(name, bytes) else name.encode()
    block = bytearray(BLOCK)
    block[0 : len(raw)] = raw
    block[100:108] = b"%07o\0" % mode
    block[108:124] = b"0000000\0" * 2
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def member(name: str | bytes = "a.md", data: bytes = b"", **said: object) -> bytes:
    return header(name, len(data), **said) + data + bytes(-len(data) % BLOCK)  # type: ignore[arg-type]


def read(content: bytes, limits: Limits | None = None) -> list[TarFile]:
    return list(read_tarball(io.BytesIO(content), limits or Limits()))


def rule_of(tar: bytes) -> str:
    with pytest.raises(TarballError) as caught:
        read(gzip.compress(tar))
    assert caught.value.to_json()["rule"] == caught.value.rule
    assert caught.value.message.isprintable()
    return caught.value.rule


def test_the_forger_forges_sound_ones() -> None:
    assert read(gzip.compress(member(data=b"abc") + END)) == [TarFile("a.md", b"abc", False)]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.md",
        "a/../../evil.md",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "a\\b",
        "C:evil",
        "a:b",
        "con",
        "a/NUL.txt",
        "a.",
        "a ",
        " a",
        "a\x01b",
        "a\x7fb",
        "a\u202eb",
        "cafe\u0301.md",
        ".git/hooks/post-checkout",
        "a/.GIT/config",
        ".anvil/pair.json",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert rule_of(member(name, b"x") + END) == "name"


@pytest.mark.parametrize("folder", ["../", "/etc/", "a/../../b/"])
def test_a_folder_that_leads_elsewhere_is_refused(folder: str) -> None:
    assert rule_of(member(folder, kind=b"5") + END) == "name"


def test_a_name_that_goes_on_behind_its_end_is_refused() -> None:
    assert rule_of(member(b"good\0.txt") + END) == "name"


def test_a_name_that_is_not_utf_8_is_refused() -> None:
    assert rule_of(member(b"\xff\xfe") + END) == "name"


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (b"1", "link"),
        (b"2", "link"),
        (b"K", "link"),
        (b"3", "device"),
        (b"4", "device"),
        (b"6", "device"),
        (b"S", "sparse"),
        (b"7", "file-type"),
        (b"D", "file-type"),
        (b"M", "file-type"),
        (b"V", "file-type"),
        (b"Z", "file-type"),
    ],
)
def test_what_is_no_plain_file_is_refused(kind: bytes, rule: str) -> None:
    assert rule_of(member(kind=kind) + END) == rule


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755])
def test_a_program_that_runs_as_somebody_else_is_refused(mode: int) -> None:
    assert rule_of(member(mode=mode) + END) == "file-type"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.md", "a.md"),
        ("a.md", "A.md"),
        ("stra\u00dfe.md", "strasse.md"),
        ("a", "a/b"),
        ("A/b", "a"),
    ],
)
def test_two_files_that_are_one_somewhere_are_refused(one: str, other: str) -> None:
    assert rule_of(member(one, b"1") + member(other, b"2") + END) == "duplicate-name"


def test_an_archive_that_ends_at_a_member_is_cut_off() -> None:
    assert rule_of(member(data=b"abc")) == "cut-off"
    assert rule_of(member(data=b"abc") + bytes(BLOCK)) == "cut-off"


@pytest.mark.parametrize("cut", [1, 200, 511, 513, 600, 1023, 1500])
def test_an_archive_cut_anywhere_is_refused(cut: int) -> None:
    tar = (member("a.md", b"x" * 700) + member("b.md", b"y"))[:cut]
    assert rule_of(tar) == "cut-off"


def test_compressed_bytes_cut_anywhere_are_refused() -> None:
    whole = b"".join(write_tarball([TarFile("a.md", b"abc" * 500, executable=False)]))
    for cut in range(len(whole)):
        with pytest.raises(TarballError) as caught:
            read(whole[:cut])
        assert caught.value.rule in {"cut-off", "gzip"}


def test_an_end_by_half_is_refused() -> None:
    assert rule_of(member() + bytes(BLOCK) + member()) == "end"


def test_bytes_behind_the_end_are_refused() -> None:
    assert rule_of(member() + END + member("b.md")) == "bytes-after"
    assert rule_of(member() + END + bytes(4096) + b"x") == "bytes-after"


def test_the_filling_of_a_tapes_block_passes() -> None:
    assert len(read(gzip.compress(member() + END + bytes(10240)))) == 1


@pytest.mark.parametrize(
    "after", [b"x", b"\0", gzip.compress(member("b.md") + END, mtime=0)], ids=["x", "0", "gzip"]
)
def test_bytes_behind_the_compressed_ones_are_refused(after: bytes) -> None:
    with pytest.raises(TarballError) as caught:
        read(gzip.compress(member() + END) + after)
    assert caught.value.rule == "bytes-after"


def test_several_compressed_members_are_refused() -> None:
    tar = member("a.md", b"1") + member("b.md", b"2") + END
    with pytest.raises(TarballError) as caught:
        read(gzip.compress(tar[:512]) + gzip.compress(tar[512:]))
    assert caught.value.rule == "cut-off"


def test_a_wrong_checksum_of_gzip_is_refused() -> None:
    whole = bytearray(gzip.compress(member() + END))
    whole[-6] ^= 1
    with pytest.raises(TarballError) as caught:
        read(bytes(whole))
    assert caught.value.rule == "gzip"


def test_a_damaged_header_is_refused() -> None:
    block = bytearray(member())
    block[3] ^= 1
    assert rule_of(bytes(block) + END) == "checksum"


@pytest.mark.parametrize(
    ("what", "limits"),
    [
        (lambda: member("a.md", bytes(3000)) + END, Limits(member_bytes=2999)),
        (lambda: member("a", bytes(900)) + member("b", bytes(900)) + END, Limits(total_bytes=1000)),
        (lambda: b"".join(member(f"f{i}") for i in range(11)) + END, Limits(members=10)),
        (
            lambda: b"".join(member(f"f{i}/", kind=b"5") for i in range(40)) + END,
            Limits(members=10),
        ),
    ],
)
def test_what_is_too_much_is_refused(what: Callable[[], bytes], limits: Limits) -> None:
    with pytest.raises(TooLargeError):
        read(gzip.compress(what()), limits)


class Endless(io.RawIOBase):
    """A gzip stream of zeros that never ends; it counts what is taken from it."""

    def __init__(self, size: int) -> None:
        self._packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        self._begin = self._packer.compress(header("bomb.bin", size))
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        del size
        made = self._begin or b""
        self._begin = b""
        while len(made) < 1000:
            made += self._packer.compress(bytes(1 << 20))
        self.taken += len(made)
        return made


def test_a_bomb_is_refused_while_it_is_inflated() -> None:
    bomb = Endless(1 << 30)
    with pytest.raises(TooLargeError, match="times as large as compressed"):
        list(read_tarball(bomb, Limits(member_bytes=1 << 30)))
    assert bomb.taken < 1 << 20


def test_a_file_that_says_it_is_too_large_is_refused_before_it_is_read() -> None:
    bomb = Endless(1 << 40)
    with pytest.raises(TooLargeError, match="are allowed"):
        list(read_tarball(bomb))
    assert bomb.taken < 1 << 16


def pax(said: dict[str, str]) -> bytes:
    lines = b""
    for name, value in said.items():
        rest = f" {name}={value}\n".encode()
        size = len(rest) + 1
        while size != len(str(size)) + len(rest):
            size = len(str(size)) + len(rest)
        lines += str(size).encode() + rest
    return member("pax", lines, kind=b"x")


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"path": "../evil"}, "name"),
        ({"path": "a\0b"}, "name"),
        ({"linkpath": "/etc"}, "link"),
        ({"GNU.sparse.major": "1"}, "sparse"),
        ({"GNU.sparse.name": "/etc/passwd"}, "sparse"),
        ({"size": "-1"}, "header"),
        ({"size": "9" * 30}, "header"),
        ({"unknown": "x"}, "header"),
    ],
)
def test_an_extended_header_does_not_get_round_the_rules(said: dict[str, str], rule: str) -> None:
    assert rule_of(pax(said) + member() + END) == rule


def test_an_extended_header_about_all_files_is_refused() -> None:
    tar = pax({"path": "b.md"})
    assert rule_of(bytes(tar[:156]) + b"g" + bytes(tar[157:])) == "checksum"
    everywhere = member("pax", b"13 path=b.md\n", kind=b"g")
    assert rule_of(everywhere + member() + END) == "header"


def test_an_extended_header_without_a_file_is_refused() -> None:
    assert rule_of(pax({"path": "b.md"}) + END) == "header"


def test_two_extended_headers_for_one_file_are_refused() -> None:
    assert rule_of(pax({"path": "b.md"}) + pax({"path": "c.md"}) + member() + END) == "header"


@pytest.mark.parametrize(
    "lines", [b"9 path", b"0 a=b\n", b"x path=b\n", b"99 path=b.md\n", b"5 a=b\nz"]
)
def test_an_extended_header_that_is_none_is_refused(lines: bytes) -> None:
    assert rule_of(member("pax", lines, kind=b"x") + member() + END) == "header"


def test_a_link_of_pythons_making_is_refused() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        link = tarfile.TarInfo("agents")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("agents/passwd"))
    with pytest.raises(TarballError) as caught:
        read(file.getvalue())
    assert caught.value.rule == "link"


def test_what_is_not_compressed_is_refused() -> None:
    with pytest.raises(TarballError) as caught:
        read(member() + END)
    assert caught.value.rule == "gzip"
