"""The wire's shapes of an organisation, its members, tokens and audit."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from anvil_nb.accounts.tokens import EXPIRES
from anvil_nb.domain.rights import Right
from anvil_nb.server.models import Given, Name, Taken, Title


class Organisation(Given):
    """The organisation of the token."""

    id: str
    slug: str
    title: str
    personal: bool
    created_at: datetime


class OrganisationChanges(Taken):
    """What is to be changed of the organisation."""

    title: Title


class Member(Given):
    """A user of the organisation."""

    id: str
    name: str
    created_at: datetime


class Token(Given):
    """A token: everything but itself."""

    id: str
    name: str
    user: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class CreatedToken(Token):
    """A token that was made."""

    token: str | None = Field(description="The token: shown this once; null when asked again.")


class NewToken(Taken):
    """A token to make."""

    name: Name
    scopes: list[Right] = Field(min_length=1, max_length=20)
    expires: str = Field(
        default=EXPIRES,
        pattern=r"^([1-9][0-9]{0,2}[mhdw]|never)$",
        description="How long it holds, such as 90d or 12h, or never.",
    )


class AuditEntry(Given):
    """One write through a server."""

    id: str
    at: datetime
    actor: str
    token_id: str | None
    token: str | None
    action: str
    resource: str
    digest_before: str | None
    digest_after: str | None
    request_id: str
