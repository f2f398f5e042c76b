"""The shapes of the cloud API: what a sync takes and gives (docs/http-sync.md)."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from anvil_nb.server.models import Given, Taken

Checksum: TypeAlias = Annotated[
    str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, hex.", examples=["0" * 64])
]
FilePath: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=1000, examples=["agents/research.yaml"])
]


class TenantInformation(Given):
    """A tenant: the organisation of the token."""

    id: str
    slug: str
    replica: str = Field(description="By which this store knows itself, whatever its address.")


class ManifestFile(Given):
    """One file."""

    path: str
    checksum: str
    size: int
    executable: bool


class ManifestSummary(Given):
    """All files together."""

    checksum: str = Field(description="Of all paths, checksums and executable bits.")
    total_size: int
    timestamp: str
    revision: int


class FileManifest(ManifestSummary):
    """All files."""

    files: list[ManifestFile]
    deleted: dict[str, str] = Field(
        default_factory=dict,
        description="Checksums of files deleted in the last 90 days, by path; `+x` behind "
        "one says that it was executable.",
    )


class FileToPut(Taken):
    """A file to stand at a path; its bytes were sent before, as a blob."""

    path: FilePath
    checksum: Checksum
    size: int = Field(ge=0)
    executable: bool = False


class FileChanges(Taken):
    """Files to put and to delete, all or nothing."""

    put: list[FileToPut] = Field(default_factory=list, max_length=100_000)
    delete: list[FilePath] = Field(default_factory=list, max_length=100_000)


class FilesChanged(ManifestSummary):
    """All files together, after a change."""

    files: int = Field(description="How many files there are.")


class Checksums(Taken):
    """Blobs that are asked about."""

    checksums: list[Checksum] = Field(max_length=100_000)


class WantedBlobs(Checksums):
    """Blobs that are asked for."""

    packed: bool = Field(default=False, description="Whether blobs may come packed by zlib.")


class MissingBlobs(Given):
    """Blobs that are not here."""

    missing: list[str]


class BlobsTaken(Given):
    """Blobs that were taken in."""

    received: int
    stored: int = Field(description="How many of them were not here before.")


class FilesUploaded(Given):
    """A tarball that was taken in, or checked."""

    files_uploaded: int
    uploaded_at: str
    manifest: FileManifest | None = Field(default=None, description="Of a dry run.")


class Open(BaseModel):
    """What other programs' records may add to is kept."""

    model_config = ConfigDict(extra="allow")

    def said(self) -> dict[str, Any]:
        """Return all that was sent."""
        return self.model_dump(mode="json", exclude_unset=True)
