"""The wire's shapes of versions, what differs between them, and labels."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from anvil_nb.server.models import Digest, Given, Message, Selector, Taken, Yes
from anvil_nb.server.patterns import VERSION


class Version(Given):
    """A published version."""

    version: str
    digest: Digest
    message: str
    bump: str
    reasons: list[str]
    source: str | None = Field(description="The version that it goes back to.")
    published_by: str
    published_at: datetime
    labels: list[str]


class VersionTree(Version):
    """A published version with what is in it."""

    address: str
    prompts: dict[str, str] = Field(description="Digest by name.")


_NOT_BOTH: JsonDict = {
    "not": {
        "required": ["bump", "version"],
        "properties": {"bump": {"type": "string"}, "version": {"type": "string"}},
    }
}


class Publish(Taken):
    """A version to publish from the draft: a bump or a version, not both."""

    model_config = ConfigDict(json_schema_extra=_NOT_BOTH)

    version: str | None = Field(
        default=None,
        max_length=200,
        json_schema_extra={"pattern": VERSION},
        description="Exactly this number.",
    )
    bump: Literal["major", "minor", "patch"] | None = Field(
        default=None, description="At least this; what the changes call for when left out."
    )
    message: Message = ""
    expect: str | None = Field(
        default=None,
        max_length=200,
        description="The latest version that is known, or `none`: a race is refused with 409.",
    )


class Rollback(Taken):
    """A version to go back to, as a new version: with a bump or a version, not both."""

    model_config = ConfigDict(json_schema_extra=_NOT_BOTH)

    to: Selector
    version: str | None = Field(
        default=None, max_length=200, json_schema_extra={"pattern": VERSION}
    )
    bump: Literal["major", "minor", "patch"] | None = None
    message: Message = ""
    draft: Yes = Field(default=False, description="Reset the draft to it, too.")


class Published(Given):
    """A version that was published, or that was there already."""

    address: str
    version: str
    digest: Digest
    previous: str | None
    bump: str
    reasons: list[str]
    created: bool
    source: str | None
    reset: bool


class Difference(Given):
    """How one prompt differs."""

    prompt: str
    change: Literal["added", "removed", "changed"]
    text: str
    words: Any
    parameters: list[dict[str, Any]]
    metadata: list[dict[str, Any]]
    reasons: list[dict[str, Any]]


class Comparison(Given):
    """How two states of a set differ."""

    old: str
    new: str
    bump: str
    prompts: list[Difference]


class Label(Given):
    """A label, and the version that it points to."""

    label: str
    version: str


class PointLabel(Taken):
    """Where a label is to point."""

    version: Selector
    message: Message = ""
    expect: str | None = Field(
        default=None,
        max_length=200,
        description="The version it points to now, or `none`: a race is refused with 409.",
    )


class LabelDone(Given):
    """A label that was moved or removed."""

    address: str
    label: str
    version: str | None
    previous: str | None
