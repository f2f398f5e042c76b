"""The directory of an archive: which members it has and where they lie, checked before any is read.

Each entry must begin where the one before it ends, and so must the members that they describe: no
two members overlap, and no byte of the archive belongs to none.
"""

from __future__ import annotations

import stat
import struct
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.archive.end import read_end
from anvil_nb.archive.limits import Tally
from anvil_nb.archive.members import Members
from anvil_nb.archive.names import LONGEST, check_member_name, check_no_folders
from anvil_nb.archive.records import (
    DEFLATED,
    ENTRY,
    ENTRY_SIGNATURE,
    EPOCH,
    FULL_16,
    FULL_32,
    LOCAL,
    LOCAL_SIGNATURE,
    SHARED,
    STORED,
    UTF8_FLAG,
    ZIP_4_5,
    EntryRecord,
)
from anvil_nb.archive.refusals import Rule, refusal, shown

if TYPE_CHECKING:
    from anvil_nb.archive.end import End, Read
    from anvil_nb.archive.limits import Limits
    from anvil_nb.archive.members import Member
    from anvil_nb.errors import ArchiveError

_HINT: Final = "Ask its maker for several smaller ones, or allow more if you trust its maker."
_ENOUGH: Final = ENTRY.size + LONGEST + 1  # for an entry, or to see that its name is too long
_FIRST: Final = ["manifest.json", "meta/checksums.json"]
_THIRD: Final = ["meta/signature.json"]

_PLAIN: Final = (UTF8_FLAG, *EPOCH)
_NONE: Final = (0, 0, 0, False)
_METHODS: Final = (STORED, DEFLATED)
_ENCRYPTED: Final = 1 << 0 | 1 << 6 | 1 << 13
_DATA_DESCRIPTOR: Final = 1 << 3
# F4: what remains of a regular file's attributes without its permissions. Writers that set
# permissions alone leave its type at zero.
_PERMISSIONS: Final = 0o777 << 16
_REGULAR: Final = (0, stat.S_IFREG << 16)


@dataclass(frozen=True, slots=True)
class Directory:
    """The bytes of all entries, and the members that they state, in the order of the file."""

    data: bytes
    members: Members

    def local_header(self, member: Member) -> bytes:
        """Return the only local header that agrees with the member's entry (F2)."""
        data, at = self.data, member.entry
        name = at + ENTRY.size
        return (
            LOCAL_SIGNATURE
            + data[at + SHARED.start : at + SHARED.stop]
            + data[name : name + len(member.name)]
        )


def read_directory(read: Read, size: int, limits: Limits) -> Directory:
    """Return the directory of an archive of ``size`` bytes.

    Raises:
        ArchiveError: when the archive is not sound; ``ArchiveLimitError`` when it is too large.
    """
    end = read_end(read, size)
    tally = Tally(limits, _HINT)
    tally.expect(end.members)  # F9, before memory is taken for them
    # The first entry that is longer is refused before this ends, or the directory is too long.
    data = read(end.offset, min(end.size, end.members * _ENOUGH))
    return Directory(data, _read_members(data, end, tally))


def _read_members(data: bytes, end: End, tally: Tally) -> Members:
    entries = array("L")
    names: dict[str, None] = {}
    at = due = 0
    for _ in range(end.members):
        name, size, compressed_size = _read_entry(data, at, due)
        if name in names:  # F6
            raise refusal("duplicate-name", f"it has two members of the name {name}")
        names[name] = None
        entries.append(at)
        tally.add(name, size, compressed_size)
        at += ENTRY.size + len(name)
        due += LOCAL.size + len(name) + compressed_size
    if at != end.size:
        raise _more_entries(end)
    if due != end.offset:  # F1
        raise _misplaced("its directory", end.offset, due)
    heads = _check_order(list(names))
    check_no_folders(names)  # F6
    tally.close()
    return Members(data, entries, heads)


def _read_entry(data: bytes, at: int, due: int) -> tuple[str, int, int]:
    """Check the entry ``at`` a place, of the member whose local header must be at ``due``.

    Returns:
        Its name, size and compressed size.
    """
    try:
        entry = EntryRecord._make(ENTRY.unpack_from(data, at))
    except struct.error as error:
        raise refusal("directory", "its directory ends before its last entry") from error
    if entry.signature != ENTRY_SIGNATURE:  # F2
        raise refusal("directory", "its directory has something else where an entry must be")
    name_at = at + ENTRY.size
    if len(data) - name_at < min(entry.name_length, LONGEST + 1):
        raise refusal("directory", "its directory ends within the name of its last entry")
    name = data[name_at : name_at + entry.name_length].decode(errors="replace")
    check_member_name(name)  # F6
    size, compressed_size, offset = entry.size, entry.compressed_size, entry.offset
    if (
        (entry.flags | UTF8_FLAG, entry.time, entry.date) != _PLAIN
        or (entry.extra_length, entry.comment_length, entry.disk, entry.needed > ZIP_4_5) != _NONE
        or entry.external & ~_PERMISSIONS not in _REGULAR
        or (entry.method != DEFLATED and (entry.method != STORED or size != compressed_size))
        or max(size, compressed_size, offset) == FULL_32
    ):
        raise _fault(name, entry)
    if offset != due:  # F1, F2
        raise _misplaced(name, offset, due)
    return name, size, compressed_size


def _fault(name: str, entry: EntryRecord) -> ArchiveError:
    """Return which clause an entry breaks."""
    sizes = {entry.compressed_size, entry.size, entry.offset}
    rules: tuple[tuple[Rule, bool, str], ...] = (
        ("encrypted", bool(entry.flags & _ENCRYPTED), "is encrypted; members must not be"),
        ("data-descriptor", bool(entry.flags & _DATA_DESCRIPTOR), "has a data descriptor"),
        ("flags", bool(entry.flags & ~UTF8_FLAG), "has flags that no member may have"),
        ("method", entry.method not in _METHODS, f"is compressed by method {entry.method}"),
        ("version", entry.needed > ZIP_4_5, "needs a newer version of ZIP than 4.5"),
        ("extra-field", bool(entry.extra_length), "has an extra field"),
        ("comment", bool(entry.comment_length), "has a comment"),
        ("disks", bool(entry.disk), "lies on another disk"),
        ("file-type", entry.external & ~_PERMISSIONS not in _REGULAR, _kind(entry.external)),
        ("zip64", FULL_32 in sizes, "leaves its size or its place to ZIP64"),
        ("time", (entry.time, entry.date) != EPOCH, "has a time other than 1980-01-01"),
        ("size", True, "is stored, and says that it has two sizes"),
    )
    rule, words = next((rule, words) for rule, broken, words in rules if broken)
    return refusal(rule, f"{shown(name)} {words}")


def _kind(external: int) -> str:
    mode = external >> 16
    if stat.S_ISLNK(mode):
        return "is a symbolic link"
    if stat.S_ISREG(mode) or not stat.S_IFMT(mode):
        return "has attributes that no member may have"
    return "is not a regular file"


def _more_entries(end: End) -> ArchiveError:
    if end.members == FULL_16:  # F5
        return refusal("zip64", "it has more than 65,535 members, and no ZIP64 end record")
    return refusal("directory", f"its directory has more than the {end.members:,} entries it says")


def _misplaced(what: str, found: int, due: int) -> ArchiveError:
    if found < due:
        return refusal("overlap", f"{what} begins at byte {found:,}, within what ends at {due:,}")
    rule: Rule = "bytes-between" if due else "bytes-before"
    return refusal(rule, f"{what} begins at byte {found:,}, and must begin at byte {due:,}")


def _check_order(names: list[str]) -> int:
    """Check the order of members (F7); return how many stand before those in order of names."""
    if names[: len(_FIRST)] != _FIRST:
        raise refusal("order", f"its first members are not {' and '.join(_FIRST)}")
    rest = names[len(_FIRST) :]
    rest = rest[1:] if rest[:1] == _THIRD else rest
    if _THIRD[0] in rest or rest != sorted(rest):
        raise refusal("order", "its members are not in the order of their names")
    return len(names) - len(rest)
