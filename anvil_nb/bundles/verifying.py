"""Verifying: from a file that somebody sent to a ``VerifiedBundle``, the only thing imported.

The order is that of docs/bundle-format.md (F33): nothing is parsed before it is known to be what
its maker signed, beyond what finding that out needs. Contents are checked one by one and not kept,
so that the size of a bundle is not a matter of memory.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from anvil_nb.archive import Limits, open_archive
from anvil_nb.bundles.documents import (
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
    read_checksums,
    read_document,
    read_manifest,
)
from anvil_nb.bundles.information import information
from anvil_nb.bundles.trusting import told
from anvil_nb.domain.digest import PREFIX, digest_of_bytes, digest_of_tree, from_canonical_json
from anvil_nb.domain.prompt import content_from_json
from anvil_nb.errors import AnvilError, BundleError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from uuid import UUID

    from anvil_nb.archive import Archive
    from anvil_nb.bundles.documents import Document, Manifest
    from anvil_nb.bundles.signing import Signers
    from anvil_nb.domain.prompt import Content
    from anvil_nb.results.bundles import BundleInfo, SignerInfo

    Progress = Callable[[int, int], None]
    Known = Callable[[Collection[str]], Collection[str]]
    Check = Callable[[bytes, bytes | None], Signers]

_D = TypeVar("_D", ProjectDocument, SetDocument, PromptDocument, VersionDocument)
_AGAIN = "Ask its maker to export it again."
_HEADS = (MANIFEST, CHECKSUMS, SIGNATURE)


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

    def body(self, digest: str) -> str:
        """Return the canonical JSON of a content.

        Raises:
            BundleError: when the file was changed since it was verified.
        """
        data = self.archive.read(_member(digest))
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
            total=sum(one.size for one in self.archive.members.values()),
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
        progress: Is told how many bytes are checked, of how many.
        contents: Whether contents are looked into. That they are what was signed is checked
            in any case; to show what a bundle holds no more is needed.

    Raises:
        BundleError: for the first thing that is not as it must be.
    """
    archive = open_archive(file, limits)
    manifest_bytes = _head(archive, MANIFEST)
    signature = archive.read(SIGNATURE) if SIGNATURE in archive.members else None
    signed = check(manifest_bytes, signature)  # before anything is parsed (F27)
    manifest = read_manifest(manifest_bytes)
    checksums = _head(archive, CHECKSUMS)
    if digest_of_bytes(checksums) != manifest.checksums:
        raise BundleError(f"{CHECKSUMS} is not the one that the manifest names", _AGAIN)
    sums = read_checksums(checksums)
    _check_members(archive, sums)
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
    _check_contents(manifest, (projects, sets, prompts, versions))
    _check_references(verified)
    signed.check_scope(one.name for one in projects.values())
    _check_digests(verified)
    if contents:
        _check_partials(verified, reading.with_partials)
    return verified


class _Reading:
    """One pass over the members, in the order of the file."""

    def __init__(
        self,
        archive: Archive,
        sums: Mapping[str, tuple[int, str]],
        known: Known | None,
        progress: Progress | None,
        *,
        contents: bool,
    ) -> None:
        self.contents = contents
        self.archive, self.sums, self.progress = archive, sums, progress
        self.documents: dict[UUID, Document] = {}
        self.sizes: dict[str, int] = {}
        self.with_partials: set[str] = set()
        digests = [_digest(name) for name in sums if name.startswith(OBJECTS)]
        self.known = frozenset(known(digests)) if known is not None else frozenset()

    def read(self) -> None:
        """Check every member against its checksum, and every document by itself."""
        done, total = 0, sum(size for size, _ in self.sums.values())
        for member, data in self.archive.each():
            if member.name in _HEADS:
                continue
            if self.sums[member.name] != (len(data), hashlib.sha256(data).hexdigest()):
                raise BundleError(f"{member.name} is not what its checksum says", _AGAIN)
            self._take(member.name, data)
            done += len(data)
            if self.progress is not None:
                self.progress(done, total)

    def of(self, kind: type[_D]) -> dict[UUID, _D]:
        """Return the documents of one kind by id."""
        return {one.id: one for one in self.documents.values() if isinstance(one, kind)}

    def _take(self, name: str, data: bytes) -> None:
        if name.startswith(OBJECTS):
            self._object(name, data)
            return
        folder = name.rpartition("/")[0] + "/"
        kind = next((one for one, where in FOLDERS.items() if where == folder), None)
        if kind is None:
            return  # a newer minor version may have more (F12)
        document = read_document(kind, name, data)
        if document.id in self.documents:
            raise BundleError(f"two documents have the id {document.id}", _AGAIN)
        self.documents[document.id] = document

    def _object(self, name: str, data: bytes) -> None:
        """Check a content: canonical, sound, and its template parses (F20)."""
        digest = _digest(name)
        if self.sums[name][1] != digest.removeprefix(PREFIX):
            raise BundleError(f"{name} is not what its name says", _AGAIN)
        self.sizes[digest] = len(data)
        if not self.contents:
            return
        if digest in self.known and b"render" not in data:
            return
        try:
            content = content_from_json(from_canonical_json(data.decode()))
            canonical = content.body.encode() == data
            partials = partials_of(content)
        except (AnvilError, ValueError, KeyError, TypeError, RecursionError) as error:
            said = (
                error.message if isinstance(error, AnvilError) else "it is no content of a prompt"
            )
            raise BundleError(f"{name} is not sound: {said}", _AGAIN) from error
        _must(canonical, f"{name} is not canonical JSON")
        if partials:
            self.with_partials.add(digest)


def partials_of(content: Content) -> tuple[str, ...]:
    """Return the partials that a content renders, if it parses.

    Raises:
        TemplateSyntaxError: when it does not.
    """
    if content.syntax != "liquid":
        return ()
    from anvil_nb.domain.template import partials_in  # noqa: PLC0415 - loads the parser

    return partials_in(content.template)


def _head(archive: Archive, name: str) -> bytes:
    if name not in archive.members:
        raise BundleError(f"it has no {name}, so it is no bundle", "See that it is the right file.")
    return archive.read(name)


def _member(digest: str) -> str:
    return f"{OBJECTS}{digest.removeprefix(PREFIX)}.json"


def _digest(name: str) -> str:
    return PREFIX + name.removeprefix(OBJECTS).removesuffix(".json")


def _check_members(archive: Archive, sums: Mapping[str, object]) -> None:
    """See that the archive holds exactly what its checksums name, in order (F7, F16)."""
    names = list(archive.members)
    rest = [name for name in names if name not in _HEADS]
    if extra := [name for name in rest if name not in sums]:
        raise BundleError(f"it holds {extra[0]}, which its checksums do not name", _AGAIN)
    if len(rest) != len(sums):
        lost = min(sums.keys() - set(rest))
        raise BundleError(f"it lacks {lost}, which its checksums name", _AGAIN)
    if names != [*(head for head in _HEADS if head in archive.members), *sorted(rest)]:
        raise BundleError("its members are not in the order of the format", _AGAIN)


def _check_contents(manifest: Manifest, found: Iterable[Mapping[UUID, object]]) -> None:
    """See that the manifest names exactly the documents (F15)."""
    for (kind, ids), documents in zip(manifest.contents.items(), found, strict=True):
        if list(ids) != sorted(documents):
            what = kind.replace("_", " ")
            raise BundleError(f"its manifest names other {what}s than it holds", _AGAIN)


def _check_references(bundle: VerifiedBundle) -> None:
    """See that every id leads to the right kind of document, and names are unique (F17-F22)."""
    _check_unique("project", (one.name for one in bundle.projects.values()))
    for in_set in bundle.sets.values():
        _must(in_set.project_id in bundle.projects, f"the set {in_set.name} is of no project here")
        for name, at in in_set.labels.items():
            version = bundle.versions.get(at)
            sound = version is not None and version.set_id == in_set.id and version.complete
            _must(sound, f"the label {name} of {in_set.name} points to no version of it here")
    _check_unique("set", map(bundle.path_of, bundle.sets.values()))
    for prompt in bundle.prompts.values():
        _must(prompt.set_id in bundle.sets, f"the prompt {prompt.name} is of no set here")
    for one in bundle.versions.values():
        _must(one.set_id in bundle.sets, f"the version {one.id} is of no set here")
        for name, leaf in one.tree.items():
            prompt_of = bundle.prompts.get(leaf.prompt_id)
            if prompt_of is None or prompt_of.set_id != one.set_id:
                raise BundleError(f"the prompt {name} of version {one.id} is not here", _AGAIN)
            if leaf.digest not in bundle.sizes:
                raise BundleError(f"the content of {name} in {one.id} is not here", _AGAIN)
    for set_id, versions in bundle.by_set.items():
        _must(bool(versions), f"the set {bundle.sets[set_id].name} has no version here")
        _check_unique("version", (one.number for one in versions))
    used = {leaf.digest for one in bundle.versions.values() for leaf in one.tree.values()}
    _must(used == bundle.sizes.keys(), "it holds contents that no version uses")
    has = {leaf.prompt_id for one in bundle.versions.values() for leaf in one.tree.values()}
    _must(has == bundle.prompts.keys(), "it holds prompts that no version has")
    held = {one.project_id for one in bundle.sets.values()}
    _must(held == bundle.projects.keys(), "it holds projects without sets")


def _check_unique(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    _must(not twice, f"it has two {what}s '{twice[0] if twice else ''}'")


def _where(bundle: VerifiedBundle, version: VersionDocument) -> str:
    return f"{bundle.path_of(bundle.sets[version.set_id])}@{version.number}"


def _check_digests(bundle: VerifiedBundle) -> None:
    """See that whole versions have the digests that they name (F21)."""
    for one in bundle.versions.values():
        if one.complete:
            digest = digest_of_tree({name: leaf.digest for name, leaf in one.tree.items()})
            if digest != one.digest:
                where = _where(bundle, one)
                raise BundleError(f"{where} is not the tree that its digest names", _AGAIN)


def _check_partials(bundle: VerifiedBundle, with_partials: Collection[str]) -> None:
    """See that the partials of all versions lead somewhere, and end."""
    from anvil_nb.catalog.validation import check  # noqa: PLC0415 - loads the parser

    for one in bundle.versions.values() if with_partials else ():
        where = _where(bundle, one)
        suspects = [name for name, leaf in one.tree.items() if leaf.digest in with_partials]
        if not suspects:
            continue
        contents = {name: bundle.content(leaf.digest) for name, leaf in one.tree.items()}
        left = {ref.address.rpartition("/")[2] for ref in bundle.manifest.external}
        for name in suspects:
            errors = check(contents[name], contents).errors
            if not one.complete:
                errors = tuple(text for text in errors if not _is_left_out(text, left))
            _must(not errors, f"{where}: {name} is not sound: {errors[0] if errors else ''}")


def _is_left_out(error: str, names: Collection[str]) -> bool:
    return any(f"renders '{name}', and" in error for name in names)


def _must(sound: bool, otherwise: str) -> None:  # noqa: FBT001 - the condition itself
    if not sound:
        raise BundleError(otherwise, _AGAIN)
