"""Tarballs, read strictly: regular files alone, one after the other, and nothing unpacked.

A tarball is one gzip member (RFC 1952) that holds one tar archive (POSIX.1-2017, pax, "ustar
Interchange Format"), whose end is marked. Folders are passed over. Whatever else tar knows is
refused: links, devices, sparse files, files twice, paths that lead elsewhere, bytes after the
end. Nothing is known to be sound before the last member was read, so whoever uses the members
keeps them apart until then.

Own code and not the standard library's: ``tarfile`` takes all that is refused here, and an
archive that ends at a member as if it ended there.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from anvil_nb.archive.limits import DEFAULT_LIMITS, Limits
from anvil_nb.archive.refusals import shown
from anvil_nb.archive.tar_headers import BLOCK, Header, parse_header, parse_pax, refused
from anvil_nb.domain.filesets import collision, tenant_path_fault
from anvil_nb.errors import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE: Final = 1 << 16
_GZIP: Final = 31
"""What zlib calls a stream with gzip's header and trailer."""
_MOST_PADDING: Final = 1 << 20
_MOST_EXTENSION: Final = 64 << 10
_RATIO_FROM: Final = 16 << 20
"""So many bytes may come out of any few; a bomb is told by what comes after."""
_LESS: Final = "Send less at once."


class Readable(Protocol):
    """A file that is open for reading binary."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes; fewer at its end."""


@dataclass(frozen=True, slots=True)
class TarFile:
    """A file of a tarball."""

    path: str
    data: bytes
    executable: bool


def read_tarball(file: Readable, limits: Limits = DEFAULT_LIMITS) -> Iterator[TarFile]:
    """Return the files of a tarball, in its order.

    Args:
        file: Open for reading binary, at its beginning. Bytes are read as they are needed.
        limits: How large it may be, unpacked.

    Raises:
        TarballError: at what breaks a rule; the files before it are to be dropped too.
        TooLargeError: when it is too large.
    """
    return _Tarball(_Inflated(file, limits), limits).files()


class _Tarball:
    def __init__(self, stream: _Inflated, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._members = self._total = 0
        self._extension: dict[str, str] = {}
        self._paths: list[str] = []

    def files(self) -> Iterator[TarFile]:
        while (header := self._next()) is not None:
            if header.kind in {"pax", "long-name"}:
                self._extend(header)
                continue
            if header.kind == "global":
                self._check_global(header)
                continue
            path, size = self._named(header)
            if header.kind == "folder":
                self._folder(path, size)
                continue
            self._count(path, size)
            data = self._stream.exactly(size)
            self._stream.padding(size)
            yield TarFile(path, data, header.executable)
        if self._extension:
            raise refused("header", "its last header is about a file that does not follow")
        self._check_together()
        self._stream.end()

    def _next(self) -> Header | None:
        block = self._stream.exactly(BLOCK)
        if not block.strip(b"\0"):
            if self._stream.exactly(BLOCK).strip(b"\0"):
                raise refused("end", "its end is marked by half")
            return None
        self._members += 1
        if self._members > 3 * self._limits.members:
            raise self._many()
        return parse_header(block)

    def _extend(self, header: Header) -> None:
        """Take in what is said of the file that follows."""
        if header.size > _MOST_EXTENSION:
            raise refused("header", "a header has more than 64 KiB of names")
        data = self._stream.exactly(header.size)
        self._stream.padding(header.size)
        said = {"path": parse_name(data)} if header.kind == "long-name" else parse_pax(data)
        if not self._extension.keys().isdisjoint(said):
            raise refused("header", "two headers name the same file")
        self._extension |= said

    def _check_global(self, header: Header) -> None:
        """Let a comment pass, as `git archive` writes one, and nothing that changes files."""
        if header.size > _MOST_EXTENSION:
            raise refused("header", "a header has more than 64 KiB of names")
        data = self._stream.exactly(header.size)
        self._stream.padding(header.size)
        if parse_pax(data):
            raise refused("header", "a header is about all files at once")

    def _named(self, header: Header) -> tuple[str, int]:
        said, self._extension = self._extension, {}
        path = said.get("path", header.path).removeprefix("./")
        return path, int(said.get("size", header.size))

    def _folder(self, path: str, size: int) -> None:
        path = path.removesuffix("/")
        fault = tenant_path_fault(path) if path not in {"", "."} else ""
        if fault or size:
            msg = f"the folder '{shown(path)}' {fault or 'has bytes'}"
            raise refused("name" if fault else "header", msg)

    def _count(self, path: str, size: int) -> None:
        fault = tenant_path_fault(path)
        if fault:
            raise refused("name", f"the name '{shown(path)}' {fault}")
        limits = self._limits
        if size > limits.member_bytes:
            msg = f"{shown(path)} is {size:,} bytes large; {limits.member_bytes:,} are allowed"
            raise TooLargeError(msg, _LESS)
        self._paths.append(path)
        self._total += size
        if len(self._paths) > limits.members:
            raise self._many()
        if self._total > limits.total_bytes:
            msg = f"its files are more than {limits.total_bytes:,} bytes large together"
            raise TooLargeError(msg, _LESS)

    def _many(self) -> TooLargeError:
        return TooLargeError(f"it has more than {self._limits.members:,} files", _LESS)

    def _check_together(self) -> None:
        if len(set(self._paths)) < len(self._paths):
            seen: set[str] = set()
            twice = next(one for one in self._paths if one in seen or seen.add(one))  # type: ignore[func-returns-value]
            raise refused("duplicate-name", f"it has the file {shown(twice)} twice")
        found = collision(self._paths)
        if found is not None:
            one, other = map(shown, found)
            raise refused("duplicate-name", f"{other} and {one} are the same file on some systems")


class _Inflated:
    """The bytes of the one gzip member, counted as they come."""

    def __init__(self, file: Readable, limits: Limits) -> None:
        self._file = file
        self._inflater = zlib.decompressobj(_GZIP)
        self._ratio = limits.ratio
        # What tar itself adds: a header and a filled block for each, and long names.
        self._most = limits.total_bytes + limits.members * 8 * BLOCK + _MOST_PADDING
        self._raw = self._made = 0
        self._held = bytearray()
        self._begun = False

    def exactly(self, size: int) -> bytes:
        while len(self._held) < size:
            if not self._more(size - len(self._held)):
                raise refused("cut-off", "it ends in the middle")
        data = bytes(self._held[:size])
        del self._held[:size]
        return data

    def padding(self, size: int) -> None:
        """Pass over what fills the last block of a file."""
        self.exactly(-size % BLOCK)

    def end(self) -> None:
        """See that after the end stands nothing but what fills a tape's block."""
        room = _MOST_PADDING
        while True:
            room -= len(self._held)
            if room < 0 or self._held.strip(b"\0"):
                raise refused("bytes-after", "bytes follow its end")
            self._held.clear()
            if not self._more(_PIECE):
                break
        if self._inflater.unused_data or self._file.read(1):
            raise refused("bytes-after", "bytes follow the compressed ones")

    def _more(self, wanted: int) -> bool:
        """Inflate some more; tell whether anything came."""
        inflater = self._inflater
        while not inflater.eof:
            raw = inflater.unconsumed_tail
            if not raw:
                raw = self._file.read(_PIECE)
                self._raw += len(raw)
                self._check_begin(raw)
                if not raw:
                    raise refused("cut-off", "its compressed bytes end in the middle")
            try:
                piece = inflater.decompress(raw, max(wanted, _PIECE))
            except zlib.error as error:
                raise refused("gzip", "it cannot be decompressed") from error
            if piece:
                self._count(len(piece))
                self._held += piece
                return True
        return False

    def _check_begin(self, raw: bytes) -> None:
        if not self._begun and raw[:2] != b"\x1f\x8b":
            raise refused("gzip", "it is not compressed by gzip")
        self._begun = True

    def _count(self, size: int) -> None:
        self._made += size
        if self._made > self._most:
            raise TooLargeError("it is larger than it may be, unpacked", _LESS)
        if self._made > max(_RATIO_FROM, self._raw * self._ratio):
            msg = f"it is more than {self._ratio:,} times as large as compressed"
            raise TooLargeError(msg, "Send files that are not made to fill a disk.")


def parse_name(data: bytes) -> str:
    """Return the name that a GNU header for long names holds."""
    name, _, rest = data.partition(b"\0")
    if rest.strip(b"\0"):
        raise refused("name", "a name goes on behind its end")
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise refused("name", "a name is not UTF-8") from error
