"""Who is trusted with what: an entry for each public key, and the file in which they are kept.

A key may sign all projects, or those that its scope names. One that was revoked stays so for ever.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.naming import LONGEST_NAME, is_name
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.domain.visible import visible
from anvil_nb.errors import AnvilError, InvalidInputError, KeyStoreError, RevokedKeyError
from anvil_nb.keys.moments import moment, moment_text
from anvil_nb.keys.public import KEY_SIZE, PublicKey, from_base64

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

FILE = "trusted.json"
FORMAT = "1.0"

_GLOB = re.compile(rf"[a-z0-9*?-]{{1,{LONGEST_NAME}}}")


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key and what is known of it here.

    Args:
        public_key: The key.
        name: What it is called here.
        scope: Names of projects that it may sign, with ``*`` and ``?`` for what may vary; all
            where there are none.
        trusted_at: Since when.
        revoked_at: Since when it is not, if it was revoked.
        reason: Why it was revoked.
        own: Whether its private key is here.
        locked: Whether that takes a passphrase.
    """

    public_key: PublicKey
    name: str
    scope: tuple[str, ...]
    trusted_at: datetime
    revoked_at: datetime | None = None
    reason: str = ""
    own: bool = False
    locked: bool = False

    @property
    def key_id(self) -> str:
        """The fingerprint."""
        return self.public_key.key_id

    def may_sign(self, project: str) -> bool:
        """Tell whether the scope has a project; revoked or not is another matter."""
        return not self.scope or any(fnmatchcase(project, glob) for glob in self.scope)

    def revoked(self, when: datetime, reason: str) -> TrustedKey:
        """Return the entry, revoked."""
        return replace(self, revoked_at=when, reason=reason)

    def check_not_revoked(self) -> None:
        """Refuse a key that was revoked.

        Raises:
            RevokedKeyError: says when and why.
        """
        if self.revoked_at is None:
            return
        when = moment_text(self.revoked_at)
        why = f": {visible(self.reason, keep='')}" if self.reason else ""
        raise RevokedKeyError(
            f"the key {self.name} ({self.key_id}) was revoked on {when[:10]}{why}",
            "Ask its owner for a new key: one that was revoked stays so.",
            fingerprint=self.key_id,
            name=self.name,
            revoked_at=when,
            reason=self.reason,
        )


def check_scope(scope: Iterable[str]) -> tuple[str, ...]:
    """Return ``scope`` if all of it are names of projects, or patterns of names.

    Raises:
        InvalidInputError: for what no name can match.
    """
    globs = tuple(dict.fromkeys([scope] if isinstance(scope, str) else scope))
    for glob in globs:
        if not isinstance(glob, str) or not _GLOB.fullmatch(glob):
            msg = f"the scope {glob!r} is no name of a project, and no pattern of names"
            raise InvalidInputError(msg, "For example: --scope desk, or --scope 'desk-*'")
    return globs


def to_bytes(keys: Iterable[TrustedKey]) -> bytes:
    """Return the file that keeps ``keys``."""
    found = {"format_version": FORMAT, "keys": [_to_json(one) for one in keys]}
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()


def from_bytes(data: bytes, place: str) -> list[TrustedKey]:
    """Return the keys in a file.

    Args:
        data: What it holds.
        place: Where it lies, for the error.

    Raises:
        KeyStoreError: when it is not sound. It is never begun anew: it may say that a key was
            revoked.
    """
    try:
        found = strict_json(data)
        if not isinstance(found, dict) or found.get("format_version") != FORMAT:
            msg = f"it is not of format {FORMAT}"
            raise ValueError(msg)  # noqa: TRY301 - one place says what is not sound
        keys = [_from_json(one) for one in found["keys"]]
        for what in ({one.key_id for one in keys}, {one.name for one in keys}):
            if len(what) < len(keys):
                msg = "a key or a name stands there twice"
                raise ValueError(msg)  # noqa: TRY301 - as above
    except (AnvilError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = error.message if isinstance(error, AnvilError) else error
        msg = f"the list of trusted keys, {place}, is not sound: {reason}"
        hint = "Bring it back from a backup, or move it away and trust the keys again."
        raise KeyStoreError(msg, hint) from error
    return keys


def _to_json(key: TrustedKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "key_id": key.key_id,
        "public_key": key.public_key.text,
        "scope": list(key.scope),
        "trusted_at": moment_text(key.trusted_at),
        "revoked_at": None if key.revoked_at is None else moment_text(key.revoked_at),
        "reason": key.reason,
    }


def _from_json(found: dict[str, Any]) -> TrustedKey:
    key = TrustedKey(
        PublicKey(from_base64(found["public_key"], KEY_SIZE)),
        found["name"],
        check_scope(found["scope"]),
        moment(found["trusted_at"]),
        None if found["revoked_at"] is None else moment(found["revoked_at"]),
        found["reason"],
    )
    sound = isinstance(key.reason, str) and isinstance(found["scope"], list)
    if key.key_id != found["key_id"] or not sound or not is_name(key.name):
        msg = f"the entry {str(found['name'])[:LONGEST_NAME]!r} is not sound"
        raise ValueError(msg)
    return key
