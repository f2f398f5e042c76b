"""Files as content: what a file of a tree is, and the digest of several files together.

Raw bytes are the truth: a digest covers each file's path, its bytes, and whether it may be
executed, and nothing of when or by whom it was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.domain.digest import Json

KIND = "files/1"
"""What the digested form of several files calls itself."""

_text = json.encoder.encode_basestring
"""Writes a text as JSON, what is beyond ASCII as it is."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One file.

    Args:
        path: Relative, with ``/`` between its segments.
        digest: Of its bytes, ``sha256:`` and 64 hex digits.
        size: In bytes.
        executable: Whether its owner may execute it.
    """

    path: str
    digest: str
    size: int
    executable: bool = False

    def to_json(self) -> list[Json]:
        """Return the form in which leaves are kept: path, digest, size, executable."""
        return [self.path, self.digest, self.size, self.executable]


class Leaves(Mapping[str, Leaf]):
    """Thousands of files by path, each made a ``Leaf`` when it is asked for.

    Few of them ever are, and to make all takes longer than all else that is done with them.

    Args:
        states: Digest, size, and whether it may be executed, of each file by path.
    """

    __slots__ = ("states",)

    def __init__(self, states: Mapping[str, tuple[str, int, bool]]) -> None:
        self.states = states

    def __getitem__(self, path: str) -> Leaf:
        return Leaf(path, *self.states[path])

    def __contains__(self, path: object) -> bool:
        return path in self.states

    def __iter__(self) -> Iterator[str]:
        return iter(self.states)

    def __len__(self) -> int:
        return len(self.states)

    def digests(self) -> dict[str, str]:
        """Return the digest of each file by itself, by path; see ``digest_of_file``."""
        return {
            path: f"{digest}+x" if executable else digest
            for path, (digest, _, executable) in self.states.items()
        }

    def digest(self) -> str:
        """Return the digest of all of them together; see ``digest_of_leaves``."""
        return _digest([
            [path, "x" if executable else "-", digest]
            for path, (digest, _, executable) in self.states.items()
        ])  # fmt: skip


def leaves_to_json(leaves: Iterable[Leaf]) -> str:
    """Return leaves as they are kept in the store: a list of ``Leaf.to_json``, written."""
    return "[" + ",".join([
        f"[{_text(leaf.path)},{_text(leaf.digest)},{leaf.size},"
        f"{'true' if leaf.executable else 'false'}]"
        for leaf in leaves
    ]) + "]"  # fmt: skip


def leaf_from_json(said: list[Json]) -> Leaf:
    """Return the leaf that ``Leaf.to_json`` wrote."""
    return Leaf(*said)  # type: ignore[arg-type]  # these, in this order


def digest_of_leaves(leaves: Iterable[Leaf]) -> str:
    """Return the digest of files together: of each one's path, bytes and executable bit."""
    return _digest([[leaf.path, "x" if leaf.executable else "-", leaf.digest] for leaf in leaves])


def _digest(files: list[list[str]]) -> str:
    files.sort()
    # Texts in lists are canonical (RFC 8785) as they are written here, and one after the other in
    # half of the time that a writer of any JSON takes to look what they are.
    written = ",".join([
        f'[{_text(path)},"{runs}",{_text(digest)}]' for path, runs, digest in files
    ])  # fmt: skip
    return digest_of_bytes(f'{{"files":[{written}],"kind":"{KIND}"}}'.encode())


def digest_of_file(leaf: Leaf) -> str:
    """Return the digest of one file by itself: of its bytes, marked where it is executable."""
    return f"{leaf.digest}+x" if leaf.executable else leaf.digest
