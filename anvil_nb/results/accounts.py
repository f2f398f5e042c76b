"""Results about who may use a store from elsewhere: tokens, members, the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import text_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anvil_nb.domain.digest import Json


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is shown: everything but itself.

    Args:
        id, name: Of the token.
        user: On whose behalf it acts.
        scopes: What it may do.
        created_at, expires_at, revoked_at, last_used_at: UTC; ``None`` for never.
        holds: Whether it was neither revoked nor over when it was listed.
    """

    id: str
    name: str
    user: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    holds: bool

    @property
    def state(self) -> str:
        """Until when it holds, or why no more."""
        if self.revoked_at is not None:
            return f"revoked {shown(self.revoked_at)}"
        if self.expires_at is None:
            return "holds"
        return f"{'holds until' if self.holds else 'over since'} {shown(self.expires_at)}"

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "id": self.id,
            "name": self.name,
            "user": self.user,
            "scopes": list(self.scopes),
            "created_at": self.created_at.isoformat(),
            "expires_at": _time(self.expires_at),
            "revoked_at": _time(self.revoked_at),
            "last_used_at": _time(self.last_used_at),
        }


@dataclass(frozen=True, slots=True)
class Tokens(Result):
    """The tokens of an organisation, the newest first."""

    organisation: str
    tokens: tuple[Token, ...]

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    def to_text(self) -> str:
        """Return the tokens as a table."""
        if not self.tokens:
            return f"@{self.organisation} has no tokens. To make one: anvil token create NAME"
        return text_table(_TOKEN_HEADER, map(_token_row, self.tokens), whole=[0, 5])

    def to_html(self) -> html.Html:
        """Return the tokens as a table."""
        if not self.tokens:
            return html.section(self.to_text())
        table = html.table(_TOKEN_HEADER, map(_token_row, self.tokens))
        return html.section("Tokens", table, address=f"@{self.organisation}")

    def to_json(self) -> Json:
        """Return the organisation and every token."""
        return {
            "organisation": self.organisation,
            "tokens": [one.to_json() for one in self.tokens],
        }


@dataclass(frozen=True, slots=True, repr=False)
class NewToken(Result):
    """A token that was made: the one time that it is shown.

    Args:
        token: What is known of it.
        secret: The token itself; neither its ``repr`` nor a log has it.
    """

    token: Token
    secret: str

    def __repr__(self) -> str:
        return f"<NewToken {self.token.name}>"

    def to_text(self) -> str:
        """Return the token, and what to know about it."""
        return "\n".join([*self._said(), self.secret])

    def to_html(self) -> html.Html:
        """Return the token to copy."""
        lines = [html.element("div", one) for one in self._said()[1:]]
        return html.section(f"Token {self.token.name}", *lines, html.code_block(self.secret))

    def to_json(self) -> Json:
        """Return the token and what is known of it."""
        return {**self.token.to_json(), "token": self.secret}

    def _said(self) -> list[str]:
        scopes = ", ".join(self.token.scopes)
        return [
            f"Token {self.token.name}: {scopes}; {self.token.state}",
            "It is shown this once and kept nowhere. Put it where secrets are kept:",
        ]


_TOKEN_HEADER = ("token", "scopes", "acts for", "state", "last used", "id")


def _token_row(one: Token) -> tuple[str, ...]:
    used = shown(one.last_used_at) if one.last_used_at else "never"
    return one.name, ", ".join(one.scopes), one.user, one.state, used, one.id


@dataclass(frozen=True, slots=True)
class Member:
    """A user of an organisation."""

    id: str
    name: str
    created_at: datetime

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {"id": self.id, "name": self.name, "created_at": self.created_at.isoformat()}


@dataclass(frozen=True, slots=True)
class Members(Result):
    """The users of an organisation, in order of their names."""

    organisation: str
    members: tuple[Member, ...]
    cursor: str | None

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def to_text(self) -> str:
        """Return the members as a table."""
        return text_table(_MEMBER_HEADER, map(_member_row, self.members), whole=[0])

    def to_html(self) -> html.Html:
        """Return the members as a table."""
        table = html.table(_MEMBER_HEADER, map(_member_row, self.members))
        return html.section("Members", table, address=f"@{self.organisation}")

    def to_json(self) -> Json:
        """Return organisation, members and cursor."""
        return {
            "organisation": self.organisation,
            "members": [one.to_json() for one in self.members],
            "cursor": self.cursor,
        }


_MEMBER_HEADER = ("member", "since", "id")


def _member_row(one: Member) -> tuple[str, ...]:
    return one.name, shown(one.created_at), one.id


@dataclass(frozen=True, slots=True)
class Organisation(Result):
    """An organisation.

    Args:
        id, slug, title: Of it.
        personal: Whether it was made with a workspace, for its owner.
        created_at: UTC.
    """

    id: str
    slug: str
    title: str
    personal: bool
    created_at: datetime

    def to_text(self) -> str:
        """Return its name and title."""
        return visible(f"@{self.slug}  {self.title}", keep="")

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        facts = [("title", self.title), ("since", shown(self.created_at)), ("id", self.id)]
        return html.section("Organisation", html.definition(facts), address=f"@{self.slug}")

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "id": self.id,
            "slug": self.slug,
            "title": self.title,
            "personal": self.personal,
            "created_at": self.created_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One write through a server.

    Args:
        id, at: Of the entry; UTC.
        actor: On whose behalf it was done.
        token_id, token: The token that was used, and its name.
        action, resource: What was done, to what.
        before, after: Digests, where there are any.
        request_id: Of the request, as the server's log has it.
    """

    id: str
    at: datetime
    actor: str
    token_id: str | None
    token: str | None
    action: str
    resource: str
    before: str | None
    after: str | None
    request_id: str

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "actor": self.actor,
            "token_id": self.token_id,
            "token": self.token,
            "action": self.action,
            "resource": self.resource,
            "digest_before": self.before,
            "digest_after": self.after,
            "request_id": self.request_id,
        }


@dataclass(frozen=True, slots=True)
class Audit(Result):
    """What was written through servers, the newest first."""

    entries: tuple[AuditEntry, ...]
    cursor: str | None

    def __iter__(self) -> Iterator[AuditEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def to_text(self) -> str:
        """Return the entries as a table."""
        if not self.entries:
            return "Nothing was written through a server yet."
        table = text_table(_AUDIT_HEADER, map(_audit_row, self.entries), whole=[0])
        return f"{table}\nMore: add --cursor {self.cursor}" if self.cursor else table

    def to_html(self) -> html.Html:
        """Return the entries as a table."""
        if not self.entries:
            return html.section(self.to_text())
        return html.section("Audit", html.table(_AUDIT_HEADER, map(_audit_row, self.entries)))

    def to_json(self) -> Json:
        """Return entries and cursor."""
        return {"entries": [one.to_json() for one in self.entries], "cursor": self.cursor}


_AUDIT_HEADER = ("when", "who", "token", "what", "resource", "before", "after")


def _audit_row(one: AuditEntry) -> tuple[str, ...]:
    before, after = (short(digest) if digest else "–" for digest in (one.before, one.after))
    return shown(one.at), one.actor, one.token or "–", one.action, one.resource, before, after


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
