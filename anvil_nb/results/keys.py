"""Keys, as they are shown: public parts only, for no result has any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from anvil_nb.domain.digest import Json
    from anvil_nb.keys import TrustedKey

_HEADER = ("key", "state", "may sign", "fingerprint")


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what is known of it; the fields are those of ``anvil_nb.keys.TrustedKey``."""

    name: str
    key_id: str
    own: bool
    locked: bool
    scope: tuple[str, ...]
    trusted_at: datetime
    revoked_at: datetime | None
    reason: str

    @classmethod
    def of(cls, key: TrustedKey) -> Key:
        """Return what is shown of a key."""
        return cls(
            key.name,
            key.key_id,
            key.own,
            key.locked,
            key.scope,
            key.trusted_at,
            key.revoked_at,
            key.reason,
        )

    @property
    def state(self) -> str:
        """Whose it is, and since when it is trusted or not."""
        since = f"{self.revoked_at or self.trusted_at:%Y-%m-%d}"
        whose = ["yours"] if self.own else []
        locked = ["with a passphrase"] if self.locked else []
        if self.revoked_at is None:
            return ", ".join([*whose, *locked, f"trusted since {since}"])
        why = f": {self.reason}" if self.reason else ""
        return ", ".join([*whose, f"revoked on {since}{why}"])

    @property
    def may_sign(self) -> str:
        """What it may sign."""
        if self.revoked_at is not None:
            return "nothing"
        return ", ".join(self.scope) or "everything"

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "name": self.name,
            "key_id": self.key_id,
            "own": self.own,
            "locked": self.locked,
            "scope": list(self.scope),
            "trusted_at": self.trusted_at.isoformat(),
            "revoked_at": None if self.revoked_at is None else self.revoked_at.isoformat(),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Keys(Result):
    """The keys in a folder."""

    folder: str
    keys: tuple[Key, ...]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def to_text(self) -> str:
        """Return two lines for each key; fingerprints are whole, for they are compared."""
        if not self.keys:
            return visible(f"No keys yet in {self.folder}", keep="")
        return "\n".join(
            visible(f"{one.name}: {one.state}; signs {one.may_sign}", keep="") + f"\n  {one.key_id}"
            for one in self.keys
        )

    def to_html(self) -> html.Html:
        """Return a table."""
        if not self.keys:
            return html.section(self.to_text())
        rows = [
            (one.name, one.state, one.may_sign, html.element("code", one.key_id))
            for one in self.keys
        ]
        return html.section("Keys", html.muted(self.folder), html.table(_HEADER, rows))

    def to_json(self) -> Json:
        """Return the folder and every key."""
        return {"folder": self.folder, "keys": [one.to_json() for one in self.keys]}


@dataclass(frozen=True, slots=True)
class KeyLine(Result):
    """A public key in one line, to send to others."""

    name: str
    key_id: str
    line: str

    def to_text(self) -> str:
        """Return the line, and nothing else: it may go into a file."""
        return self.line

    def to_html(self) -> html.Html:
        """Return the line to copy."""
        fingerprint = html.muted(f"fingerprint {self.key_id}")
        return html.section(f"Public key {self.name}", html.code_block(self.line), fingerprint)

    def to_json(self) -> Json:
        """Return name, fingerprint and line."""
        return {"name": self.name, "key_id": self.key_id, "line": self.line}


@dataclass(frozen=True, slots=True)
class KeyDone(Result):
    """A key was made, trusted, revoked or renamed.

    Args:
        message: What was done.
        key: As it is now.
        notes: What deserves attention, or is to be done next.
    """

    message: str
    key: Key
    notes: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the message, the fingerprint and the notes, each on its line."""
        lines = [self.message, f"  {self.key.key_id}", *self.notes]
        return "\n".join(visible(one, keep="") for one in lines)

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        return html.section(self.message, html.element("code", self.key.key_id), *self._notes())

    def to_json(self) -> Json:
        """Return the message, the key and the notes."""
        return {"message": self.message, "key": self.key.to_json(), "notes": list(self.notes)}

    def _notes(self) -> Iterable[html.Html]:
        return (html.muted(one) for one in self.notes)
