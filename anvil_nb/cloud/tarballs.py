"""A tenant's files as one tarball: taken in whole or not at all, and handed out.

What a plain client sends (`tar -cz . | curl …`) and gets. Every member is read and checked before
the first of them stands anywhere: their bytes go to the store as blobs, which nobody sees, and
the files change in one step at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.archive.limits import Limits
from anvil_nb.archive.tar_headers import refused
from anvil_nb.archive.tar_reader import TarFile, read_tarball
from anvil_nb.archive.tar_writer import MANIFEST, write_tarball
from anvil_nb.cloud import blobs, files
from anvil_nb.cloud.limits import DEFAULT_LIMITS
from anvil_nb.cloud.manifests import below, leaf_of, manifest_json, summed, written
from anvil_nb.domain.digest import PREFIX, digest_of_bytes
from anvil_nb.domain.filetree import Leaf, digest_of_leaves
from anvil_nb.domain.frames import framed
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.store.blobs import need_blobs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from anvil_nb.access import Access
    from anvil_nb.archive.tar_reader import Readable
    from anvil_nb.cloud.limits import TenantLimits
    from anvil_nb.domain.frames import Frame
    from anvil_nb.store.tenant_files import ManifestRow

_PORTION_BYTES: Final = 16 << 20
_PORTION_FILES: Final = 2_000
_MOST_SHOWN: Final = 20
"""The most folders that an error lists."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A tarball that was taken in, or would be.

    Args:
        leaves: Its files.
        row: What these are together in a dry run; what all files of the tenant are now otherwise.
    """

    leaves: tuple[Leaf, ...]
    row: ManifestRow


def take(
    access: Access,
    file: Readable,
    *,
    expected: str | None = None,
    dry_run: bool = False,
    limits: TenantLimits = DEFAULT_LIMITS,
) -> Taken:
    """Put the files of a tarball at their paths; other files stay as they are.

    Args:
        access: Whose files, and who acts.
        file: The tarball, from its beginning.
        expected: The digest that all files must have before; ``None`` for any.
        dry_run: Whether to check it only.
        limits: How large it may be.

    Raises:
        FilesMovedError: when the files have another digest.
        InvalidInputError: for a tarball that breaks a rule, or is not what its manifest says.
        TooLargeError: when it is too large.
    """
    taking = _Taking(access, limits, store=not dry_run)
    taking.read(file)
    leaves = taking.leaves
    if dry_run:
        with access.read("sync"):
            files.check_paths(leaves, ())
        return Taken(tuple(leaves), summed(leaves, 0, access.now()))
    return Taken(tuple(leaves), files.change(access, expected, leaves, (), limits))


@dataclass(frozen=True, slots=True)
class Offered:
    """Files that are handed out.

    Args:
        row: What they are together.
        leaves: Each of them.
    """

    row: ManifestRow
    leaves: tuple[Leaf, ...]

    def manifest(self) -> dict[str, Any]:
        """Return their manifest as a JSON object."""
        return manifest_json(self.row, self.leaves)


def offer(access: Access, tops: Collection[str] | None = None) -> Offered:
    """Return what there is to hand out.

    Args:
        access: Whose files.
        tops: Folders at the top; ``None`` for everything.

    Raises:
        InvalidInputError: where no folder is named.
        NotFoundError: for a folder in which there is nothing.
    """
    found = files.manifest(access)
    assert found is not None  # nothing was said to be known
    if tops is not None:
        _check_tops(tops, {leaf.path.partition("/")[0] for leaf in found.leaves})
    row, leaves = below(found.row, found.leaves, tops)
    return Offered(row, tuple(leaves))


def _check_tops(tops: Collection[str], there: Collection[str]) -> None:
    """Refuse a filter that leaves nothing: who gets an empty archive may take it for everything."""
    if not tops:
        raise InvalidInputError("the filter names no folder", "Name some, or leave it out.")
    if empty := sorted(set(tops) - set(there)):
        some = ", ".join(sorted(there)[:_MOST_SHOWN])
        hint = f"There is: {some}" if there else "There are no files yet: leave the filter out."
        raise NotFoundError(f"the filter {empty[0]!r} matches nothing", hint)


def pieces(access: Access, offered: Offered, *, manifest: bool = False) -> Iterator[bytes]:
    """Return what is offered as a tarball, a piece at a time.

    Args:
        access: Whose files.
        offered: The files as they were when they were listed; later changes do not show.
        manifest: Whether the manifest stands before them.
    """
    first = written(offered.manifest()) if manifest else None
    return write_tarball(_members(access, offered.leaves), first)


def _members(access: Access, leaves: Sequence[Leaf]) -> Iterator[TarFile]:
    for portion in _portions(leaves):
        with access.read("sync") as tx:
            found = need_blobs(tx, access.organisation_id, {leaf.digest for leaf in portion})
        for leaf in portion:
            yield TarFile(leaf.path, found[leaf.digest], leaf.executable)


def _portions(leaves: Sequence[Leaf]) -> Iterator[list[Leaf]]:
    portion: list[Leaf] = []
    size = 0
    for leaf in leaves:
        if portion and (size + leaf.size > _PORTION_BYTES or len(portion) == _PORTION_FILES):
            yield portion
            portion, size = [], 0
        portion.append(leaf)
        size += leaf.size
    if portion:
        yield portion


class _Taking:
    """A tarball that is read: its bytes to the store, its files to a list."""

    def __init__(self, access: Access, limits: TenantLimits, *, store: bool) -> None:
        self._access = access
        self._limits = limits
        self._store = store
        self._frames: list[Frame] = []
        self._held = 0
        self._said: list[Leaf] | None = None
        self.leaves: list[Leaf] = []

    def read(self, file: Readable) -> None:
        allowed = Limits(
            members=self._limits.files,
            member_bytes=self._limits.file_bytes,
            total_bytes=self._limits.total_bytes,
        )
        for number, one in enumerate(read_tarball(file, allowed)):
            said = _manifest(one) if number == 0 else None
            if said is None:
                self._add(one)
            self._said = said or self._said
        if self._said is not None and _sorted(self._said) != _sorted(self.leaves):
            raise refused("manifest", "its files are not those of its manifest")
        self._keep()

    def _add(self, one: TarFile) -> None:
        digest = digest_of_bytes(one.data)
        self.leaves.append(Leaf(one.path, digest, len(one.data), one.executable))
        if not self._store:
            return
        self._frames.append(framed(digest, one.data))
        self._held += len(one.data)
        if self._held > _PORTION_BYTES or len(self._frames) == _PORTION_FILES:
            self._keep()

    def _keep(self) -> None:
        frames, self._frames, self._held = self._frames, [], 0
        blobs.take(self._access, frames, self._limits)


def _manifest(first: TarFile) -> list[Leaf] | None:
    """Return the files that a manifest before them says; ``None`` where it is just a file."""
    if first.path != MANIFEST:
        return None
    try:
        said = strict_json(first.data)
    except InvalidInputError:
        return None
    if not isinstance(said, Mapping) or not isinstance(said.get("checksum"), str):
        return None
    listed = said.get("files")
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        return None
    leaves = [leaf_of(one) for one in listed]
    if digest_of_leaves(leaves) != PREFIX + said["checksum"]:
        raise refused("manifest", "the checksum of its manifest is another")
    return leaves


def _sorted(leaves: Sequence[Leaf]) -> list[Leaf]:
    return sorted(leaves, key=lambda leaf: leaf.path)
