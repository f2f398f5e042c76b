"""Export: what was gathered, written as a bundle: signed, perhaps encrypted, whole or not at all.

docs/bundle-format.md says how it lies in the file. Contents are read from the store a few at a
time, so that the size of a bundle is not a matter of memory.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from anvil_nb import __version__
from anvil_nb.archive import ArchiveWriter
from anvil_nb.bundles.documents import (
    CHECKSUMS,
    FOLDERS,
    MANIFEST,
    OBJECTS,
    SIGNATURE,
    Maker,
    Manifest,
)
from anvil_nb.bundles.gathering import gather
from anvil_nb.bundles.information import information
from anvil_nb.bundles.staging import parts
from anvil_nb.domain.digest import PREFIX, canonical_json, digest_of_bytes
from anvil_nb.domain.prose import MAX_DESCRIPTION, check_prose
from anvil_nb.errors import ConflictError, InvalidInputError
from anvil_nb.files.whole import whole_file
from anvil_nb.results.bundles import SignerInfo
from anvil_nb.results.moving import Counting
from anvil_nb.store import transfer
from anvil_nb.store.sparing import sparing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.bundles.gathering import Gathered, Selection
    from anvil_nb.domain.digest import Json
    from anvil_nb.keys import PublicKey, Signer
    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.results.moving import Moving

    Progress = Callable[[Moving], None]

_AT_ONCE = 2_000
_AT_ONCE_BYTES = 1024 * 1024
_FEW_BYTES = 64 * 1024 * 1024
"""Contents that are no more than this together are read in fewer and larger parts."""
MAX_TAGS = 50
MAX_TAG = 64


@dataclass(frozen=True, slots=True)
class Options:
    """How a bundle is made.

    Args:
        signers: Whose signatures it gets.
        recipients: Whose keys open it; it is encrypted when there are any, or a passphrase.
        passphrase: What opens it too.
        description: For people.
        tags: For people.
        force: Whether a file that stands there is replaced.
    """

    signers: Sequence[Signer] = ()
    recipients: Sequence[PublicKey] = ()
    passphrase: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    force: bool = False

    def __post_init__(self) -> None:
        check_prose("description", self.description, MAX_DESCRIPTION)
        if len(self.tags) > MAX_TAGS or any(not 0 < len(tag) <= MAX_TAG for tag in self.tags):
            msg = f"tags are at most {MAX_TAGS} texts of 1 to {MAX_TAG} characters"
            raise InvalidInputError(msg, "Shorten them.")
        for tag in self.tags:
            check_prose("tag", tag, MAX_TAG)

    @property
    def encrypted(self) -> bool:
        """Whether the bundle is encrypted."""
        return bool(self.recipients) or self.passphrase is not None


def preview(
    access: Access,
    selection: Selection,
    options: Options,
    path: str | Path,
    *,
    progress: Progress | None = None,
) -> BundleInfo:
    """Return what an export would write, with sizes; nothing is written."""
    gathered = gather(access, selection, progress)
    return _Export(access, gathered, options).information(None, path)


def export(
    access: Access,
    selection: Selection,
    path: str | Path,
    options: Options,
    *,
    progress: Progress | None = None,
) -> BundleInfo:
    """Write a bundle to ``path``; the file is whole, or not there.

    Raises:
        NotFoundError: for an address at which there is nothing.
        RefusedError: where nothing is published.
        ExistsError: when there is a file at ``path`` and it may not be replaced.
    """
    with whole_file(path, force=options.force) as file:
        made = _Export(access, gather(access, selection, progress), options)
        if options.encrypted:
            from anvil_nb.bundles.encryption import encrypt  # noqa: PLC0415 - loads the ciphers

            with tempfile.TemporaryFile() as plain:
                made.write(plain, progress)
                plain.seek(0)
                encrypt(plain, file, options.recipients, options.passphrase)
        else:
            made.write(file, progress)
        return made.information(file, path)


class _Export:
    """One bundle in the making."""

    def __init__(self, access: Access, gathered: Gathered, options: Options) -> None:
        self.access, self.gathered, self.options = access, gathered, options
        self.documents = dict(self._documents())
        self.checksums = canonical_json(
            {"algorithm": "sha256", "members": {**self._objects(), **self._listed()}}
        )
        self.manifest = self._manifest()
        manifest = canonical_json(self.manifest.to_json())
        self.head = {MANIFEST: manifest, CHECKSUMS: self.checksums}
        if options.signers:
            from anvil_nb.bundles.signing import sign  # noqa: PLC0415 - loads the curves

            self.head[SIGNATURE] = sign(manifest, options.signers)

    @property
    def total(self) -> int:
        """How many bytes the members have together, uncompressed."""
        whole = (*self.head.values(), *self.documents.values())
        return sum(map(len, whole)) + sum(self.gathered.sizes.values())

    def information(self, file: BinaryIO | None, path: str | Path = "") -> BundleInfo:
        """Return what the bundle is; ``file`` is what was written."""
        return information(
            self.manifest,
            self.gathered.projects,
            self.gathered.sets,
            self.gathered.versions,
            sizes=self.gathered.sizes,
            total=self.total,
            manifest_digest=digest_of_bytes(self.head[MANIFEST]),
            path=str(path),
            file_size=None if file is None else _size(file),
            signers=[
                SignerInfo(one.key_id, one.name, trusted=True) for one in self.options.signers
            ],
            encrypted=self.options.encrypted,
        )

    def write(self, file: BinaryIO, progress: Progress | None) -> None:
        """Write the archive."""
        archive = ArchiveWriter(file)
        items = len(self.head) + len(self.gathered.sizes) + len(self.documents)
        counting = Counting(progress, "written", items, self.total)
        for name, data in chain(self.head.items(), self._bodies(), self.documents.items()):
            archive.add(name, data)
            counting.add(1, len(data))
        archive.finish()

    def _documents(self) -> Iterator[tuple[str, bytes]]:
        """Return all documents but objects, in order of their names (F7)."""
        members = [
            (f"{FOLDERS[kind]}{one.id}.json", canonical_json(one.to_json()))
            for kind, documents in self.gathered.documents.items()
            for one in documents
        ]
        yield from sorted(members)

    def _objects(self) -> dict[str, Json]:
        return {
            _member(digest): {"size": size, "sha256": digest.removeprefix(PREFIX)}
            for digest, size in self.gathered.sizes.items()
        }

    def _listed(self) -> dict[str, Json]:
        return {
            name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in self.documents.items()
        }

    def _manifest(self) -> Manifest:
        found, actor = self.gathered, self.access.actor
        contents = {
            kind: tuple(one.id for one in documents) for kind, documents in found.documents.items()
        }
        return Manifest(
            created_at=_now(self.access.now()),
            created_by=Maker(actor.user_id, actor.name, actor.organisation),
            bundle_type=found.bundle_type,
            contents=contents,
            external=found.external,
            anvil_version=__version__,
            description=self.options.description,
            tags=self.options.tags,
            checksums=digest_of_bytes(self.checksums),
        )

    def _bodies(self) -> Iterator[tuple[str, bytes]]:
        """Read the contents, a few at a time: what a digest names stays as it is."""
        sizes = self.gathered.sizes
        with sparing(self.access.engine, max(sizes.values(), default=0)):
            larger = 16 if sum(sizes.values()) <= _FEW_BYTES else 1
            for part in parts(sizes, sizes, larger * _AT_ONCE_BYTES, larger * _AT_ONCE):
                with self.access.read() as tx:
                    bodies = transfer.bodies(tx, self.access.organisation_id, part)
                for digest in part:
                    if digest not in bodies:
                        msg = f"the content {digest} was removed while it was exported"
                        raise ConflictError(msg, "Try again.")
                    yield _member(digest), bodies[digest].encode()


def _member(digest: str) -> str:
    return f"{OBJECTS}{digest.removeprefix(PREFIX)}.json"


def _now(now: datetime) -> datetime:
    """Return the time for ``created_at``: that of the environment where it is set (F13)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return now
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        msg = f"SOURCE_DATE_EPOCH is seconds since 1970, found '{epoch}'"
        raise InvalidInputError(msg, "Unset it, or give it a whole number.") from error


def _size(file: BinaryIO) -> int:
    file.flush()
    return os.fstat(file.fileno()).st_size
