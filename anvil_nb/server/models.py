"""The shapes of the wire: what the API takes and gives, as its specification describes them.

They live here alone: a route makes domain values of what it takes, and gives results as JSON.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from anvil_nb.domain.naming import NAME_PATTERN
from anvil_nb.domain.prompt import MAX_TEMPLATE
from anvil_nb.domain.prose import MAX_DESCRIPTION, MAX_MESSAGE, MAX_TITLE
from anvil_nb.server.patterns import SELECTOR

_TEXT = r"^[^\x00]*$"

Name: TypeAlias = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$", examples=["emails"])]
Title: TypeAlias = Annotated[str, Field(max_length=MAX_TITLE, pattern=_TEXT)]
Description: TypeAlias = Annotated[str, Field(max_length=MAX_DESCRIPTION, pattern=_TEXT)]
Message: TypeAlias = Annotated[
    str, Field(max_length=MAX_MESSAGE, pattern=_TEXT, description="Why, for the history.")
]
Selector: TypeAlias = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        json_schema_extra={"pattern": SELECTOR},
        description="A version, a range, a label, `latest`, `draft`, or `sha256:` and digits.",
        examples=["latest", "1.2.0", "^1.2", "production", "draft"],
    ),
]
Yes: TypeAlias = Annotated[bool, Field(strict=True)]
"""``true`` or ``false``, and not what might mean one of them."""
Digest: TypeAlias = Annotated[str, Field(examples=["sha256:" + "0" * 64])]

_Item = TypeVar("_Item")


class Taken(BaseModel):
    """What is sent; a field that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """What is answered."""


class ErrorDetail(Given):
    """One field, and what is wrong with it."""

    field: str
    message: str


class Error(Given):
    """What went wrong, and what to do."""

    type: str = Field(examples=["validation_error"])
    code: str = Field(examples=["invalid-address"])
    message: str
    hint: str
    details: list[ErrorDetail]
    context: dict[str, Any]
    request_id: str


class ErrorBody(Given):
    """The one shape of all errors."""

    error: Error


class Meta(Given):
    """Where a page ends: pass ``cursor`` to get the next one."""

    cursor: str | None
    has_more: bool


class Page(Given, Generic[_Item]):
    """A page of a list."""

    data: list[_Item]
    meta: Meta


def page_of(items: list[Any], cursor: str | None) -> dict[str, Any]:
    """Return a page as it is answered."""
    return {"data": items, "meta": {"cursor": cursor, "has_more": cursor is not None}}


class ProjectItem(Given):
    """A project in a list."""

    address: str
    title: str
    description: str
    count: int = Field(description="How many prompt sets it has.")


class Project(Given):
    """A project."""

    id: str
    address: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime


class NewProject(Taken):
    """A project to make."""

    name: Name
    title: Title = ""
    description: Description = ""


class Changes(Taken):
    """What is to be changed of a project or set; what is left out stays."""

    name: Name | None = None
    title: Title | None = None
    description: Description | None = None


class SetItem(Given):
    """A prompt set in a list."""

    address: str
    title: str
    description: str
    count: int = Field(description="How many prompts its draft has.")
    version: str | None = Field(description="The highest stable version.")


class PromptSet(Given):
    """A prompt set."""

    id: str
    address: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    revision: int = Field(description="How often it was written to.")
    count: int = Field(description="How many prompts its draft has.")
    versions: int
    latest: str | None
    labels: dict[str, str] = Field(description="Version by label.")


class NewSet(Taken):
    """A prompt set to make."""

    name: Name
    title: Title = ""
    description: Description = ""


class PromptItem(Given):
    """A prompt of a draft in a list."""

    address: str
    description: str
    state: str = Field(description="`new`, `changed` or `published`.")
    version: str | None
    digest: Digest


class Prompt(Given):
    """A prompt."""

    address: str
    version: str | None = Field(description="None for the draft.")
    digest: Digest
    version_digest: str | None = Field(description="Digest of the whole version.")
    kind: Literal["chat", "text"]
    syntax: Literal["liquid", "plain"]
    template: str
    metadata: dict[str, Any]
    parameters: list[dict[str, Any]]
    problem: str | None


class SavedPrompt(Taken):
    """A prompt to save in the draft."""

    template: str = Field(max_length=MAX_TEMPLATE)
    parameters: list[dict[str, Any]] | dict[str, Any] | None = Field(
        default=None, description="Declarations; what was declared before stays when left out."
    )
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        description="description, tags and model settings to set; null removes one.",
    )
    syntax: Literal["liquid", "plain"] | None = None
    message: Message = ""


class Saved(Given):
    """What stands in a draft now."""

    address: str
    digest: Digest
    previous: Digest | None
    changed: bool
    notes: list[str]


class Rename(Taken):
    """Another name for a prompt of the draft."""

    name: Name
    message: Message = ""


class Copy(Taken):
    """Where a prompt is copied to."""

    to: str = Field(
        pattern=rf"^(@{NAME_PATTERN}/)?{NAME_PATTERN}/{NAME_PATTERN}/{NAME_PATTERN}$",
        description="project/set/prompt",
        examples=["desk/emails/hi"],
    )
    at: Selector = "draft"
    message: Message = ""


class Restore(Taken):
    """A content that the draft once had."""

    digest: str = Field(
        pattern=r"^(sha256:)?[0-9a-f]{6,64}$", description="The digest, or how it begins."
    )
    message: Message = ""


class Render(Taken):
    """Values to render a prompt with."""

    variables: dict[str, Any] = Field(default_factory=dict)
    at: Selector = "latest"


class ChatMessage(Given):
    """One message of a chat."""

    role: str
    content: str


class RenderMetadata(Given):
    """What was rendered, and when."""

    address: str
    template_version: str | None
    digest: Digest
    rendered_at: datetime


class Rendered(Given):
    """What a prompt rendered to."""

    rendered: str
    messages: list[ChatMessage] | None = Field(description="None for a prompt that is no chat.")
    metadata: RenderMetadata


class Hit(Given):
    """One thing that was found."""

    kind: Literal["project", "set", "prompt"]
    address: str
    title: str
    description: str
    snippet: str
    score: int
    digest: str | None


class DraftChange(Given):
    """One change of a draft."""

    sequence: int
    prompt: str
    action: str
    digest: str | None
    previous: str | None
    message: str
    actor: str
    at: datetime


class Finding(Given):
    """What was found in a prompt."""

    prompt: str
    message: str


class Validation(Given):
    """Whether prompts are sound."""

    address: str
    valid: bool
    checked: int
    errors: list[Finding]
    notes: list[Finding]


class Health(Given):
    """Whether the server runs, or may be sent requests."""

    status: Literal["ok", "stopping", "unavailable"]
    version: str
