"""API tokens: made, listed and revoked by an organisation, and found again when one is used.

A token is ``ank_`` and 32 random bytes in URL-safe base 64. It is shown once; what is kept is its
SHA-256, which is enough for a secret that nobody can guess (a password would need a slow hash).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, TypeAlias

from anvil_nb.domain.durations import parse_duration
from anvil_nb.domain.naming import check_name
from anvil_nb.domain.rights import parse_scopes
from anvil_nb.errors import ExistsError, NotFoundError, RefusedError
from anvil_nb.results.accounts import NewToken, Token, Tokens
from anvil_nb.results.done import Done
from anvil_nb.results.result import utc
from anvil_nb.store import tokens
from anvil_nb.store.identity import new_id
from anvil_nb.store.tokens import TokenRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.store.engine import Engine

Bearer: TypeAlias = TokenRow
"""Whose token was sent."""

PREFIX = "ank_"
_BYTES = 32
_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
EXPIRES = "90d"
"""How long a token holds unless said."""
NEVER = "never"


def create(access: Access, name: str, scopes: Iterable[str], *, expires: str = EXPIRES) -> NewToken:
    """Make a token that acts for the actor, in the actor's organisation.

    Args:
        access: Whose store.
        name: What it is called, for people.
        scopes: What it may do, of ``RIGHTS``.
        expires: How long it holds, such as ``90d``, or ``never``.

    Raises:
        ExistsError: when a token that still holds has that name.
        InvalidInputError: for scopes or a duration that are none.
        ForbiddenError: when the actor may not make tokens.
    """
    check_name(name, "token name")
    granted = parse_scopes(scopes)
    length = None if expires == NEVER else parse_duration(expires)
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    actor = access.actor
    with access.write("admin") as tx:
        now = access.now()
        row = TokenRow(
            id=new_id(),
            organisation_id=actor.organisation_id,
            organisation=actor.organisation,
            user_id=actor.user_id,
            user=actor.name,
            name=name,
            hash=hash_of(secret),
            scopes=tuple(sorted(granted)),
            created_at=now,
            expires_at=None if length is None else now + length,
        )
        for one in tokens.of_organisation(tx, actor.organisation_id):
            if one.name == name and one.holds(now):
                msg = f"there is a token '{name}' already"
                raise ExistsError(msg, f"Choose another name, or: anvil token revoke {name}")
        tokens.insert(tx, row, actor.user_id)
        access.note("create", f"tokens/{row.id}")
    return NewToken(_shown(row, now), secret)


def ls(access: Access) -> Tokens:
    """Return the tokens of the organisation, the newest first."""
    with access.read("admin") as tx:
        rows = tokens.of_organisation(tx, access.organisation_id)
    now = access.now()
    return Tokens(access.actor.organisation, tuple(_shown(row, now) for row in rows))


def revoke(access: Access, token: str) -> Done:
    """End a token, named or by its id, for ever.

    Raises:
        NotFoundError: when there is none.
        RefusedError: when several have that name.
    """
    with access.write("admin") as tx:
        now = access.now()
        known = tokens.of_organisation(tx, access.organisation_id)
        found = [row for row in known if str(row.id) == token]
        found = found or [row for row in known if row.name == token and row.revoked_at is None]
        if not found:
            msg = f"there is no token '{token}' that could be revoked"
            raise NotFoundError(msg, "Try: anvil token ls")
        if len(found) > 1:
            ids = " or ".join(str(row.id) for row in found)
            msg = f"several tokens are called '{token}'"
            raise RefusedError(msg, f"Say which one: {ids}")
        row = found[0]
        tokens.revoke(tx, access.organisation_id, row.id, now)
        access.note("revoke", f"tokens/{row.id}")
    return Done(f"Revoked the token {row.name}", {"id": str(row.id), "name": row.name})


def is_token(text: str) -> bool:
    """Tell whether ``text`` has the form of a token."""
    return _TOKEN.fullmatch(text) is not None


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(engine: Engine, digest: str) -> tuple[Bearer | None, int]:
    """Return the token with a hash, and the generation of the store that says so.

    Whether it holds is for the caller to see, who knows the time.
    """
    with engine.read() as tx:
        row = tokens.by_hash(tx, digest)
        generation = tx.generation
    if row is None or not hmac.compare_digest(row.hash, digest):
        return None, generation
    return row, generation


def record_uses(engine: Engine, uses: Mapping[UUID, datetime]) -> None:
    """Note when tokens were last used."""
    with engine.write() as tx:
        tokens.record_uses(tx, uses)


def _shown(row: TokenRow, now: datetime) -> Token:
    return Token(
        id=str(row.id),
        name=row.name,
        user=row.user,
        scopes=row.scopes,
        created_at=utc(row.created_at),
        expires_at=None if row.expires_at is None else utc(row.expires_at),
        revoked_at=None if row.revoked_at is None else utc(row.revoked_at),
        last_used_at=None if row.last_used_at is None else utc(row.last_used_at),
        holds=row.holds(now),
    )
