"""The shapes of the cloud API: what a sync takes and gives (docs/http-sync.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from anvil_nb.cloud.records import STRATEGIES
from anvil_nb.server.models import Given, Taken, Yes

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
    executable: Yes = False


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

    packed: Yes = Field(default=False, description="Whether blobs may come packed by zlib.")


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
    """What other programs add to it is kept."""

    model_config = ConfigDict(extra="allow")


_DIGEST = "^sha256:[0-9a-f]{64}$"
_TEXT = r"^[^\x00]*$"
Digest: TypeAlias = Annotated[str, Field(pattern=_DIGEST)]
RecordName: TypeAlias = Annotated[str, Field(min_length=1, max_length=300, pattern=_TEXT)]


class AnyRecord(Open):
    """What all records have."""

    id: UUID
    name: RecordName
    created_at: datetime | None = None
    updated_at: datetime | None = None
    key: str | None = Field(default=None, max_length=200, description="By which it is found.")
    digest: str | None = Field(default=None, description="Of everything that counts.")
    place: dict[str, Any] | None = Field(default=None, description="Where it belongs on disk.")
    extra: dict[str, Any] | None = Field(default=None, description="What nobody here knows.")
    files: list[dict[str, Any]] | None = Field(
        default=None,
        description="Each has `path`, perhaps `executable`, and `text`, `base64`, or the "
        "`checksum` and `size` of a blob that was sent before.",
    )
    if_digest: Digest | None = Field(
        default=None, description="The digest that must stand; null for none at all."
    )

    def said(self) -> dict[str, Any]:
        """Return what was sent, and nothing that was not; for thousands of records."""
        fields, sent = self.__dict__, self.model_fields_set
        said = {name: value for name, value in fields.items() if name in sent}
        return said | self.model_extra if self.model_extra else said


class AgentRecord(AnyRecord):
    """An agent."""

    system_prompt: str | None = None


class SkillRecord(AnyRecord):
    """A skill."""

    agent_id: UUID | None = None
    description: str | None = None


class ContextRecord(AnyRecord):
    """A context."""

    description: str | None = None


class DatabaseExport(Open):
    """Records of all kinds."""

    agents: list[AgentRecord] = Field(default_factory=list)
    skills: list[SkillRecord] = Field(default_factory=list)
    contexts: list[ContextRecord] = Field(default_factory=list)
    timestamp: str | None = None


class RecordToDelete(Taken):
    """A record to delete."""

    kind: Literal["agent", "skill", "context"]
    id: UUID
    if_digest: Digest | None = None


class DatabaseImport(DatabaseExport):
    """Records to put and to delete, all or nothing."""

    delete: list[RecordToDelete] = Field(default_factory=list)
    merge_strategy: str = Field(
        default="merge",
        max_length=100,
        description="`replace` needs `If-Match`.",
        json_schema_extra={"enum": list(STRATEGIES)},
    )


class RecordIds(Taken):
    """Records that are asked for."""

    ids: list[UUID] = Field(max_length=100_000)


class RecordInformation(Given):
    """One record of the manifest."""

    id: str
    kind: str
    key: str
    name: str
    digest: str
    updated_at: str
    created_at: str
    place: dict[str, Any]
    extra: dict[str, Any]
    files: list[Any] = Field(description="Each a list: path, digest, size, executable.")


class RecordCounts(Given):
    """What became of the records of one kind."""

    created: int
    updated: int
    skipped: int
    deleted: int


class ImportResults(Given):
    """What became of the records of each kind."""

    agents: RecordCounts
    skills: RecordCounts
    contexts: RecordCounts


class ImportResult(RecordCounts):
    """What became of an import."""

    imported_at: str
    results: ImportResults
