"""A tenant's files: what there is, and changes of it, all or nothing, on the digest of the whole.

The bytes come first, as blobs (``cloud.blobs``); a change names them. So whoever reads in between
sees all files as they were, or all as they are, and never half.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from anvil_nb.access import MovedError, again
from anvil_nb.cloud.limits import DEFAULT_LIMITS
from anvil_nb.cloud.manifests import summed
from anvil_nb.domain.filepaths import printable
from anvil_nb.domain.filesets import collision, tenant_path_fault
from anvil_nb.domain.filetree import digest_of_leaves
from anvil_nb.errors import BlobsMissingError, FilePathError, FilesMovedError, TooLargeError
from anvil_nb.store import tenant_files
from anvil_nb.store.blobs import blob_sizes
from anvil_nb.store.tenant_files import ManifestRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.cloud.limits import TenantLimits
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.store.engine import Transaction

EMPTY: Final = digest_of_leaves(())
"""The digest of no files at all."""

REMEMBERED: Final = timedelta(days=90)
"""How long it is said that a file was deleted."""

MOST_KEPT: Final = 200_000
"""How many files of all tenants together are kept in memory."""

_AGAIN: Final = "Read the manifest again, and send its checksum as If-Match."


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files of a tenant.

    Args:
        row: What they are together.
        leaves: Each, in the order of the paths.
        gone: Digests of those deleted lately, by path.
    """

    row: ManifestRow
    leaves: tuple[Leaf, ...]
    gone: Mapping[str, str]


def state(access: Access) -> ManifestRow:
    """Return what all files are together."""
    with access.read("sync") as tx:
        return _row(access, tx)


def manifest(access: Access, *, unless: str | None = None) -> Manifest | None:
    """Return all files; ``None`` when their digest is ``unless``."""
    with access.read("sync") as tx:
        row = _row(access, tx)
        if row.digest == unless:
            return None
        files = _listed(tx, access, row)
        gone = tenant_files.gone(tx, access.organisation_id, access.now() - REMEMBERED)
    return Manifest(row, tuple(files.values()), gone)


def change(
    access: Access,
    expected: str | None,
    put: Sequence[Leaf],
    delete: Sequence[str],
    limits: TenantLimits = DEFAULT_LIMITS,
) -> ManifestRow:
    """Put and delete files, all or nothing.

    Args:
        access: Whose files, and who acts.
        expected: The digest that all files must have before; ``None`` for any.
        put: To stand at their paths; their bytes are here already.
        delete: Paths; those without a file are passed over.
        limits: How much may be there afterwards.

    Returns:
        What all files are now.

    Raises:
        BlobsMissingError: when the bytes of a file are not here.
        FilePathError: for a path that cannot be, and two that cannot be together.
        FilesMovedError: when the files have another digest.
        TooLargeError: when there would be too many, or too large ones.
    """
    check_paths(put, delete)
    return again(lambda _: _change(access, expected, put, delete, limits))


def check_paths(put: Sequence[Leaf], delete: Sequence[str]) -> None:
    """Refuse paths that cannot be, or are named twice.

    Raises:
        FilePathError: for the first of them.
    """
    seen: set[str] = set()
    for path in (*(leaf.path for leaf in put), *delete):
        fault = tenant_path_fault(path)
        if fault:
            msg = f"the path '{printable(path)[:200]}' {fault}"
            raise FilePathError(msg, "Rename the file, or leave it out.")
        if path in seen:
            raise FilePathError(f"the path {path} is named twice", "Name each path once.")
        seen.add(path)


def _change(
    access: Access,
    expected: str | None,
    put: Sequence[Leaf],
    delete: Sequence[str],
    limits: TenantLimits,
) -> ManifestRow:
    now, organisation_id = access.now(), access.organisation_id
    with access.write("sync") as tx:
        before = _row(access, tx)
        wanted = before.digest if expected is None else expected
        if not tenant_files.begin(tx, organisation_id, wanted, EMPTY, now):
            raise MovedError if expected is None else _moved(tx, access)
        before = _row(access, tx)
        there = _listed(tx, access, before)
        changed = [leaf for leaf in put if leaf.path in there and there[leaf.path] != leaf]
        fresh = [leaf for leaf in put if leaf.path not in there]
        removed = [there[path] for path in delete if path in there]
        _check_blobs(tx, access, [*fresh, *changed])
        after = dict(there)
        for leaf in removed:
            del after[leaf.path]
        if fresh:
            _check_together(after, fresh)
        after.update((leaf.path, leaf) for leaf in put)
        row = summed(after.values(), before.revision, now)
        _check_limits(row, put, limits)
        tenant_files.delete(tx, access.actor, removed, now)
        tenant_files.put(tx, access.actor, fresh, changed, now)
        tenant_files.record(tx, organisation_id, row)
        access.note("change", "files", before.digest, row.digest)
    _recent.keep(row.digest, dict(sorted(after.items())))
    return row


def _row(access: Access, tx: Transaction) -> ManifestRow:
    found = tenant_files.manifest(tx, access.organisation_id)
    return found or ManifestRow(EMPTY, 0, 0, 0, access.now())


def _moved(tx: Transaction, access: Access) -> FilesMovedError:
    found = _row(access, tx).digest
    msg = "the files were changed since they were read, and nothing was written"
    return FilesMovedError(msg, _AGAIN, found=found)


def _listed(tx: Transaction, access: Access, row: ManifestRow) -> Mapping[str, Leaf]:
    """Return all files by path, in order; from memory where they were listed lately."""
    found = _recent.find(row.digest)
    if found is None:
        leaves = tenant_files.leaves(tx, access.organisation_id)
        found = {leaf.path: leaf for leaf in leaves}
        _recent.keep(row.digest, found)
    return found


class _Recent:
    """Files listed lately, by their digest; what a digest names never changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Mapping[str, Leaf]] = OrderedDict()
        self._lock = Lock()

    def find(self, digest: str) -> Mapping[str, Leaf] | None:
        return self._kept.get(digest)

    def keep(self, digest: str, files: Mapping[str, Leaf]) -> None:
        with self._lock:
            self._kept[digest] = files
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > MOST_KEPT:
                self._kept.popitem(last=False)


_recent = _Recent()


def _check_blobs(tx: Transaction, access: Access, leaves: Sequence[Leaf]) -> None:
    sizes = blob_sizes(tx, access.organisation_id, {leaf.digest for leaf in leaves})
    missing = sorted({leaf.digest for leaf in leaves if leaf.digest not in sizes})
    if missing:
        msg = f"the bytes of {len(missing):,} files are not here, and nothing was written"
        raise BlobsMissingError(msg, "Send them as blobs first.", missing=tuple(missing[:1000]))
    for leaf in leaves:
        if sizes[leaf.digest] != leaf.size:
            msg = f"{leaf.path} has {sizes[leaf.digest]:,} bytes, and not {leaf.size:,}"
            raise FilePathError(msg, "Send the size that goes with the checksum.")


def _check_together(there: Mapping[str, Leaf], fresh: Sequence[Leaf]) -> None:
    found = collision((leaf.path for leaf in fresh), there)
    if found is not None:
        msg = f"{found[1]} and {found[0]} cannot stand side by side on every system"
        raise FilePathError(msg, "Rename one of the two.")


def _check_limits(row: ManifestRow, put: Sequence[Leaf], limits: TenantLimits) -> None:
    large = next((leaf for leaf in put if leaf.size > limits.file_bytes), None)
    hint = "Leave files out: name them in .anvilignore."
    if large is not None:
        msg = f"{large.path} is {large.size:,} bytes large; {limits.file_bytes:,} are allowed"
        raise TooLargeError(msg, hint)
    if row.files > limits.files:
        msg = f"there would be {row.files:,} files; {limits.files:,} are allowed"
        raise TooLargeError(msg, hint)
    if row.size > limits.total_bytes:
        msg = f"the files would be {row.size:,} bytes large; {limits.total_bytes:,} are allowed"
        raise TooLargeError(msg, hint)
