"""Verifying: from a file that somebody sent to a ``VerifiedBundle``, the only thing imported.

The order is that of docs/bundle-format.md (F33): nothing is parsed before it is known to be what
its maker signed, beyond what finding that out needs. Contents are checked one by one and not kept,
so that the size of a bundle is not a matter of memory.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from anvil_nb.archive import Limits, open_archive
from anvil_nb.bundles.checksums import HEADS, checksums_of, named
from anvil_nb.bundles.contents import (
    digest_of_member,
    member_of,
    partials_of,
    read_content,
)
from anvil_nb.bundles.document_reading import read_document, read_manifest
from anvil_nb.bundles.documents import (
    ASSETS,
    CHECKSUMS,
    FOLDERS,
    MANIFEST,
    OBJECTS,
    SIGNATURE,
    ProjectDocument,
    PromptDocument,
    SetDocument,
    VersionDocument,
    check_visible,
)
from anvil_nb.bundles.information import information
from anvil_nb.bundles.references import check_digests, check_partials, check_references
from anvil_nb.bundles.trusting import told
from anvil_nb.domain.digest import PREFIX, digest_of_bytes, from_canonical_json
from anvil_nb.domain.prompt import content_from_json
from anvil_nb.errors import BundleError, ChecksumError
from anvil_nb.results.moving import Counting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from uuid import UUID

    from anvil_nb.archive import Archive
    from anvil_nb.bundles.checksums import Checksums
    from anvil_nb.bundles.documents import Document, ExternalReference, Manifest
    from anvil_nb.bundles.signing import Signers
    from anvil_nb.domain.prompt import Content
    from anvil_nb.results.bundles import BundleInfo, SignerInfo
    from anvil_nb.results.moving import Moving

    Progress = Callable[[Moving], None]
    Known = Callable[[Collection[str]], Collection[str]]
    Check = Callable[[bytes, bytes | None], Signers]

_D = TypeVar("_D", ProjectDocument, SetDocument, PromptDocument, VersionDocument)
_AGAIN = "Ask its maker to export it again."
_KINDS = {folder: kind for kind, folder in FOLDERS.items()}


@dataclass(frozen=True)
class VerifiedBundle:
    """A bundle in which everything is what its signers signed and the format allows.

    Made by ``verify`` alone. The contents stay in the file, which is checked again as they are
    read: who changes the file meanwhile changes nothing that is imported.
    """

    archive: Archive
    manifest: Manifest
    digest: str
    projects: Mapping[UUID, ProjectDocument]
    sets: Mapping[UUID, SetDocument]
    prompts: Mapping[UUID, PromptDocument]
    versions: Mapping[UUID, VersionDocument]
    sizes: Mapping[str, int]
    signed: Signers
    encrypted: bool
    path: str
    file_size: int

    @property
    def signers(self) -> tuple[SignerInfo, ...]:
        """Whose signatures it has, for people."""
        return told(self.signed)

    @cached_property
    def by_set(self) -> Mapping[UUID, list[VersionDocument]]:
        """The versions of each set, in the order they were published."""
        found: dict[UUID, list[VersionDocument]] = {one: [] for one in self.sets}
        for version in sorted(self.versions.values(), key=lambda one: (one.published_at, one.id)):
            found[version.set_id].append(version)
        return found

    def path_of(self, in_set: SetDocument) -> str:
        """Return ``project/set`` as the bundle has it."""
        return f"{self.projects[in_set.project_id].name}/{in_set.name}"

    @cached_property
    def external(self) -> Mapping[str, list[ExternalReference]]:
        """The partials that were left out, by the path of their set."""
        found: dict[str, list[ExternalReference]] = {}
        for one in self.manifest.external:
            found.setdefault(one.address.rpartition("/")[0], []).append(one)
        return found

    def body(self, digest: str) -> str:
        """Return the canonical JSON of a content.

        Raises:
            BundleError: when the file was changed since it was verified.
        """
        data = self.archive.read(member_of(digest))
        if hashlib.sha256(data).hexdigest() != digest.removeprefix(PREFIX):
            raise BundleError("the file was changed while it was read", "Try again.")
        return data.decode()

    def content(self, digest: str) -> Content:
        """Return a content."""
        return content_from_json(from_canonical_json(self.body(digest)))

    def information(self) -> BundleInfo:
        """Return what the bundle is, for people."""
        return information(
            self.manifest,
            self.projects.values(),
            self.sets.values(),
            self.versions.values(),
            sizes=self.sizes,
            total=sum(one.size for one in self.archive.members.each()),
            manifest_digest=self.digest,
            path=self.path,
            file_size=self.file_size,
            signers=self.signers,
            encrypted=self.encrypted,
        )


def verify(  # noqa: PLR0913 - what there is to say of a file
    file: BinaryIO,
    *,
    check: Check,
    limits: Limits,
    path: str,
    file_size: int,
    encrypted: bool = False,
    known: Known | None = None,
    progress: Progress | None = None,
    contents: bool = True,
) -> VerifiedBundle:
    """Check all of a bundle.

    Args:
        file: The archive, open for as long as the bundle is used; what was encrypted is decrypted.
        check: Takes the bytes of manifest and signature document; returns whose signatures hold.
        limits: How large it may be.
        path: What the file is called, for people.
        file_size: Of what was sent, in bytes.
        encrypted: Whether that was encrypted.
        known: Takes digests of contents, and returns those that need not be parsed: the store
            has them already.
        progress: Is told how far it is.
        contents: Whether contents are looked into. That they are what was signed is checked
            in any case; to show what a bundle holds no more is needed.

    Raises:
        BundleError: for the first thing that is not as it must be.
    """
    archive = open_archive(file, limits)
    manifest_bytes = archive.read(MANIFEST)
    signature = archive.read(SIGNATURE) if SIGNATURE in archive.members else None
    signed = check(manifest_bytes, signature)  # before anything is parsed (F27)
    manifest = read_manifest(manifest_bytes)
    sums = _checksums(archive, manifest)
    reading = _Reading(archive, sums, known, progress, contents=contents)
    reading.read()
    projects, sets = reading.of(ProjectDocument), reading.of(SetDocument)
    prompts, versions = reading.of(PromptDocument), reading.of(VersionDocument)
    check_visible("the maker's name", manifest.created_by.name)
    check_visible("the maker's organisation", manifest.created_by.organisation)
    verified = VerifiedBundle(
        archive=archive,
        manifest=manifest,
        digest=digest_of_bytes(manifest_bytes),
        projects=projects,
        sets=sets,
        prompts=prompts,
        versions=versions,
        sizes=reading.sizes,
        signed=signed,
        encrypted=encrypted,
        path=path,
        file_size=file_size,
    )
    reading.counting.again()
    check_references(verified)
    signed.check_scope(one.name for one in projects.values())
    check_digests(verified)
    if contents:
        check_partials(verified, reading.with_partials, reading.counting.again)
    return verified


def _checksums(archive: Archive, manifest: Manifest) -> Checksums:
    data = archive.read(CHECKSUMS)
    if digest_of_bytes(data) != manifest.checksums:
        raise ChecksumError(f"{CHECKSUMS} is not the one that the manifest names", _AGAIN)
    return checksums_of(archive, data)


class _Reading:
    """One pass over the members, in the order of the file."""

    def __init__(
        self,
        archive: Archive,
        sums: Checksums,
        known: Known | None,
        progress: Progress | None,
        *,
        contents: bool,
    ) -> None:
        self.contents = contents
        self.archive, self.sums = archive, sums
        self.counting = Counting(progress, "checked", len(sums), sums.total)
        self.documents: dict[UUID, Document] = {}
        self.sizes: dict[str, int] = {}
        self.with_partials: set[str] = set()
        self.known: frozenset[str] = frozenset()
        if known is not None:
            contained = (name for name in named(archive) if name.startswith(OBJECTS))
            digests = [digest_of_member(name) for name in contained]
            self.known = frozenset(known(digests))

    def read(self) -> None:
        """Check every member against its checksum, and every document by itself."""
        at = 0
        for member, data in self.archive.each():
            if member.name in HEADS:
                continue
            digest = hashlib.sha256(data)
            if not self.sums.agree(at, len(data), digest.digest()):
                raise ChecksumError(f"{member.name} is not what its checksum says", _AGAIN)
            self._take(member.name, data, digest.hexdigest())
            self.counting.add(1, len(data))
            at += 1

    def of(self, kind: type[_D]) -> dict[UUID, _D]:
        """Return the documents of one kind by id."""
        return {one.id: one for one in self.documents.values() if isinstance(one, kind)}

    def _take(self, name: str, data: bytes, sha256: str) -> None:
        if name.startswith(OBJECTS):
            self._object(name, data, sha256)
            return
        if name.startswith(ASSETS):
            _must(name == ASSETS + sha256, f"{name} is not what its name says")  # F23
        folder = name.rpartition("/")[0] + "/"
        kind = _KINDS.get(folder)
        if kind is None:
            return  # a newer minor version may have more (F12)
        document = read_document(kind, name, data)
        if document.id in self.documents:
            raise BundleError(f"two documents have the id {document.id}", _AGAIN)
        self.documents[document.id] = document

    def _object(self, name: str, data: bytes, sha256: str) -> None:
        """Check a content: canonical, sound, and its template parses (F20)."""
        digest = intern(PREFIX + sha256)
        _must(member_of(digest) == name, f"{name} is not what its name says")
        self.sizes[digest] = len(data)
        if not self.contents or (digest in self.known and b"render" not in data):
            return
        if partials_of(name, read_content(name, data)):
            self.with_partials.add(digest)


def _must(sound: bool, otherwise: str) -> None:  # noqa: FBT001 - the condition itself
    if not sound:
        raise BundleError(otherwise, _AGAIN)
