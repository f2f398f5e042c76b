"""What a bundle is, for people: made of its documents, by export and by inspection alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.semver import Version
from anvil_nb.results.bundles import BundledSet, BundledVersion, BundleInfo, SignerInfo
from anvil_nb.results.result import utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from anvil_nb.bundles.documents import Manifest, ProjectDocument, SetDocument, VersionDocument


def information(  # noqa: PLR0913 - what there is to say
    manifest: Manifest,
    projects: Iterable[ProjectDocument],
    sets: Iterable[SetDocument],
    versions: Iterable[VersionDocument],
    *,
    sizes: Mapping[str, int],
    total: int,
    manifest_digest: str,
    path: str,
    file_size: int | None,
    signers: Iterable[SignerInfo],
    encrypted: bool,
) -> BundleInfo:
    """Return what a bundle is.

    Args:
        manifest: Of the bundle.
        projects: In it.
        sets: In it.
        versions: In it.
        sizes: Bytes of the contents by digest.
        total: Bytes of all members, uncompressed.
        manifest_digest: What names the bundle, however it is packed or encrypted.
        path: Of the file.
        file_size: Of the file, in bytes; ``None`` when it was not written.
        signers: Whose signatures it has.
        encrypted: Whether the file is encrypted.
    """
    by_set: dict[UUID, list[VersionDocument]] = {}
    for one in versions:
        by_set.setdefault(one.set_id, []).append(one)
    names = {one.id: one.name for one in projects}
    found = [
        BundledSet(
            address=f"{names[one.project_id]}/{one.name}",
            title=one.title,
            versions=tuple(
                _version(each, sizes)
                for each in sorted(by_set.get(one.id, ()), key=lambda v: Version.parse(v.number))
            ),
            labels=_labels(one, by_set.get(one.id, ())),
        )
        for one in sets
    ]
    return BundleInfo(
        path=path,
        file_size=file_size,
        digest=manifest_digest,
        format_version=manifest.format_version,
        created_at=utc(manifest.created_at),
        created_by=manifest.created_by.name,
        organisation=manifest.created_by.organisation,
        bundle_type=manifest.bundle_type,
        sets=tuple(sorted(found, key=lambda one: one.address)),
        counts={
            "projects": len(manifest.contents["project"]),
            "prompt_sets": len(manifest.contents["prompt_set"]),
            "prompts": len(manifest.contents["prompt"]),
            "versions": len(manifest.contents["version"]),
            "contents": len(sizes),
        },
        total=total,
        external=tuple(one.address for one in manifest.external),
        signers=tuple(signers),
        encrypted=encrypted,
        description=manifest.description,
        tags=manifest.tags,
    )


def _version(version: VersionDocument, sizes: Mapping[str, int]) -> BundledVersion:
    return BundledVersion(
        version.number,
        version.digest,
        tuple(version.tree),
        sum(sizes[leaf.digest] for leaf in version.tree.values()),
        complete=version.complete,
    )


def _labels(in_set: SetDocument, versions: Iterable[VersionDocument]) -> dict[str, str]:
    numbers = {one.id: one.number for one in versions}
    return {name: numbers[at] for name, at in sorted(in_set.labels.items())}
