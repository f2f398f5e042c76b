"""The shapes of the routes of bundles and deployments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from anvil_nb.deploying.images import IMAGE_PATTERN
from anvil_nb.domain.naming import NAME_PATTERN
from anvil_nb.server.models import Digest, Given, Taken

VersionKey: TypeAlias = Annotated[
    str,
    Field(
        pattern=rf"^{NAME_PATTERN}/{NAME_PATTERN}@[0-9A-Za-z.-]{{1,256}}$",
        description="A set, and one of its versions.",
        examples=["desk/emails@1.2.0"],
    ),
]


class VersionOrigin(Given):
    """Under which number a version was published where it came from."""

    version: str
    digest: Digest


class PublishedVersion(Given):
    """A version."""

    set: str = Field(examples=["desk/emails"])
    version: str
    digest: Digest
    published_at: datetime
    origin: VersionOrigin | None = Field(
        description="Of a version that came by a bundle; null for one published here."
    )


class PublishedVersions(Given):
    """All that is published."""

    versions: list[PublishedVersion]


class VersionsToExport(Taken):
    """Versions that are asked for."""

    versions: list[VersionKey] = Field(min_length=1, max_length=100_000)


class BundleTaken(Given):
    """A bundle that was imported, or checked."""

    import_id: str | None = Field(default=None, description="Empty where nothing was to be done.")
    plan_id: str | None = Field(default=None, description="Of a dry run.")
    bundle: Digest
    changed: bool | None = None
    counts: dict[str, int]
    steps: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    open: int = Field(default=0, description="Conflicts that are still to be decided.")


class Deploy(Taken):
    """What is to be deployed."""

    image: str = Field(
        pattern=f"^{IMAGE_PATTERN}$", examples=["registry.example.org/acme/app:deploy-1-a1b2c3d"]
    )


class Deployment(Given):
    """A deployment, and how it went."""

    id: str
    image: str
    status: Literal["running", "live", "failed"]
    detail: str = Field(description="Why it failed.")
    app_url: str | None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None


class Deployments(Given):
    """The latest deployments."""

    deployments: list[Deployment]
