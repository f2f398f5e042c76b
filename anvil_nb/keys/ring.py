"""The key ring: a user's own keys and those of others, with what each is trusted with.

Whose name is whose stands in ``trusted.json``; a private key that is not in it (its file was
brought back from a backup) is taken in by the name in its own file. Whether a key is one's own is
told by its private key being here. Every call reads the folder anew, and every change is made
while no other process changes anything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import nacl.utils

from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.naming import slug_from_title
from anvil_nb.domain.prose import check_prose
from anvil_nb.errors import InvalidInputError, NotFoundError, RefusedError
from anvil_nb.keys import trust
from anvil_nb.keys.folder import KeyFolder, key_folder
from anvil_nb.keys.locking import USUAL
from anvil_nb.keys.lookup import check_free, check_key_name, named
from anvil_nb.keys.own import OwnKeys
from anvil_nb.keys.private import PrivateKey
from anvil_nb.keys.public import fingerprint_digits, parse_line
from anvil_nb.keys.trust import TrustedKey, check_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from anvil_nb.keys.locking import Cost
    from anvil_nb.keys.private import Opener, Signer
    from anvil_nb.keys.public import PublicKey

    Clock = Callable[[], datetime]

MAX_REASON = 1_000
"""Longest reason for a revocation, in characters."""

_HEX_DIGITS = 64


def _now() -> datetime:
    return datetime.now(UTC)


class KeyRing:
    """The keys in one folder; made by ``KeyRing.open``."""

    def __init__(self, folder: KeyFolder, clock: Clock) -> None:
        self._folder = folder
        self._own = OwnKeys(folder)
        self._clock = clock

    @classmethod
    def open(cls, folder: Path | None = None, *, clock: Clock = _now) -> KeyRing:
        """Open the user's keys. Where there is no folder there are none, and none is made yet.

        Args:
            folder: Where they are, if not where the environment says.
            clock: Returns the time, with its zone.

        Raises:
            KeyStoreError: when others may see into the folder, or it cannot be used.
        """
        opened = KeyFolder(key_folder() if folder is None else folder)
        opened.check()
        return cls(opened, clock)

    @property
    def folder(self) -> Path:
        """Where the keys are."""
        return self._folder.path

    # Reading

    def ls(self) -> list[TrustedKey]:
        """Return all keys, one's own first, by name; revoked ones too.

        Raises:
            KeyStoreError: when a file is open to others or not sound.
        """
        return sorted(self._read().values(), key=lambda one: (not one.own, one.name))

    def find(self, key_id: str) -> TrustedKey | None:
        """Return the key with a fingerprint, revoked or not; ``None`` where it is not known."""
        return self._read().get(key_id)

    def get(self, name_or_fingerprint: str) -> TrustedKey:
        """Return the key of a name or a fingerprint; 12 of its hex digits do where they are clear.

        Raises:
            NotFoundError: where there is none.
            InvalidInputError: where there are several.
        """
        return named(self._read().values(), name_or_fingerprint)

    def signing(self) -> list[TrustedKey]:
        """Return the keys that ``signer`` takes, by name; those that are locked among them."""
        return [one for one in self.receiving() if one.own]

    def receiving(self) -> list[TrustedKey]:
        """Return the keys that ``recipient`` takes, one's own first, by name."""
        return [one for one in self.ls() if one.revoked_at is None]

    def export(self, name: str) -> str:
        """Return a public key as a line to send to others."""
        found = self.get(name)
        return found.public_key.line(found.name)

    def signer(self, name: str, passphrase: str | None = None) -> Signer:
        """Return one's own key of that name, to sign with.

        Raises:
            NotFoundError: when there is no such key, or its private key is not here.
            RevokedKeyError: when it was revoked.
            PassphraseError: when it is locked, and this does not unlock it.
        """
        found = self.get(name)
        found.check_not_revoked()
        return self._own.get(found).signer(passphrase)

    def opener(self, name: str, passphrase: str | None = None) -> Opener:
        """Return one's own key of that name, to open with; a revoked one opens what it could.

        Raises:
            NotFoundError: when there is no such key, or its private key is not here.
            PassphraseError: when it is locked, and this does not unlock it.
        """
        return self._own.get(self.get(name)).opener(passphrase)

    def recipient(self, name: str) -> PublicKey:
        """Return the public key of that name, to encrypt to.

        Raises:
            NotFoundError: where there is none.
            RevokedKeyError: when it was revoked.
        """
        found = self.get(name)
        found.check_not_revoked()
        return found.public_key

    # Changing

    def generate(
        self, name: str, passphrase: str | None = None, *, cost: Cost = USUAL
    ) -> TrustedKey:
        """Make a key of one's own.

        Args:
            name: A name that no key here has.
            passphrase: What locks it; ``None`` leaves it to the rights of its file.
            cost: What each try of the passphrase costs.

        Raises:
            ExistsError: when the name is taken.
            InvalidInputError: for a passphrase that is empty.
        """
        check_key_name(name)
        check_free(self._read().values(), name)  # before the passphrase takes its time
        seed = nacl.utils.random()
        key = PrivateKey.make(name, seed, self._now(), passphrase=passphrase, cost=cost)
        with self._folder.turn():
            known = self._read()
            check_free(known.values(), name)
            self._own.add(key)
            return self._keep(known, _entry(key, None))

    def trust(self, text: str, name: str | None = None, scope: Iterable[str] = ()) -> TrustedKey:
        """Trust a key, or say anew what a trusted key may sign.

        Args:
            text: The line that ``export`` gives; or the fingerprint of a key that is known.
            name: What to call it, if not as the line does.
            scope: The projects it may sign; all of them unless said.

        Raises:
            InvalidInputError: when the line is not sound, or there is no name.
            NotFoundError: for the fingerprint of a key that is not known here.
            ExistsError: when the name is another key's.
            RevokedKeyError: when the key was revoked.
            RefusedError: for a scope of one's own key, or another name of one that is known.
        """
        if fingerprint_digits(text) is None:
            key, said = parse_line(text)
            return self._trust(key, name, scope, said)
        try:
            key = self.get(text).public_key
        except NotFoundError as error:
            hint = f"Name a bundle that it signed: anvil keys trust {text.strip()} --from FILE"
            raise NotFoundError(error.message, f"{hint}\nOr give the line with the key.") from None
        return self._trust(key, name, scope)

    def trust_key(
        self,
        key: PublicKey,
        fingerprint: str,
        name: str | None = None,
        scope: Iterable[str] = (),
    ) -> TrustedKey:
        """Trust a key that came with a bundle, by the fingerprint that was typed.

        Args:
            key: The key that signed the bundle.
            fingerprint: All 64 digits: a key whose fingerprint begins the same can be made.
            name: What to call it, if it is not known yet.
            scope: The projects it may sign; all of them unless said.

        Raises:
            InvalidInputError: when the fingerprint is not whole, or there is no name.
            RefusedError: when it is another key's.
        """
        digits = fingerprint_digits(fingerprint) or ""
        if len(digits) < _HEX_DIGITS:
            msg = "the fingerprint is not whole, and a key that begins the same can be made"
            raise InvalidInputError(msg, f"Type sha256: and all {_HEX_DIGITS} digits.")
        if key.key_id != PREFIX + digits:
            msg = f"the key has another fingerprint: {key.key_id}"
            raise RefusedError(msg, "Trust it only if its owner says that this one is theirs.")
        return self._trust(key, name, scope)

    def revoke(self, name_or_fingerprint: str, reason: str = "") -> TrustedKey:
        """Trust a key no longer, for ever; one that was revoked before stays as it was.

        Raises:
            NotFoundError: where there is no such key.
        """
        check_prose("reason", reason, MAX_REASON)
        with self._folder.turn():
            known = self._read()
            found = named(known.values(), name_or_fingerprint)
            if found.revoked_at is not None:
                return found
            return self._keep(known, found.revoked(self._now(), reason))

    def rename(self, old: str, new: str) -> TrustedKey:
        """Call a key otherwise.

        Raises:
            NotFoundError: where there is no such key.
            ExistsError: when the name is taken.
        """
        check_key_name(new)
        with self._folder.turn():
            known = self._read()
            found = named(known.values(), old)
            if found.name == new:
                return found
            check_free(known.values(), new)
            if found.own:
                self._own.rename(found, new)
            return self._keep(known, replace(found, name=new))

    # The folder

    def _trust(
        self, key: PublicKey, name: str | None, scope: Iterable[str], said: str = ""
    ) -> TrustedKey:
        """Trust ``key`` under ``name``, or else under the name that its line said."""
        scope = check_scope(scope)
        if name is not None:
            check_key_name(name)
        with self._folder.turn():
            known = self._read()
            found = known.get(key.key_id)
            if found is not None:
                return self._trust_again(known, found, name, scope)
            chosen = said if name is None else name
            if not chosen:
                raise InvalidInputError("the key has no name yet", "Give it one: --name ada")
            check_free(known.values(), check_key_name(chosen), key)
            return self._keep(known, TrustedKey(key, chosen, scope, self._now()))

    def _trust_again(
        self,
        known: dict[str, TrustedKey],
        found: TrustedKey,
        name: str | None,
        scope: tuple[str, ...],
    ) -> TrustedKey:
        found.check_not_revoked()
        if name not in {None, found.name}:
            msg = f"this key is known here, as {found.name}"
            raise RefusedError(msg, f"Try: anvil keys rename {found.name} {name}")
        if found.own and scope:
            msg = f"{found.name} is a key of your own: it may sign everything"
            raise RefusedError(msg, "Leave out the scope.")
        return self._keep(known, replace(found, scope=scope))

    def _read(self) -> dict[str, TrustedKey]:
        """Return all keys by fingerprint."""
        data = self._folder.read(trust.FILE)
        listed = [] if data is None else trust.from_bytes(data, str(self.folder / trust.FILE))
        known = {one.key_id: one for one in listed}
        for key in self._own.all().values():
            key_id = key.public_key.key_id
            if key_id in known:
                known[key_id] = _entry(key, known[key_id])
            else:
                free = slug_from_title(key.name, taken={one.name for one in known.values()})
                known[key_id] = _entry(key.renamed(free), None)
        return known

    def _keep(self, known: dict[str, TrustedKey], key: TrustedKey) -> TrustedKey:
        known[key.key_id] = key
        kept = sorted(known.values(), key=lambda one: (one.trusted_at, one.key_id))
        self._folder.write(trust.FILE, trust.to_bytes(kept))
        return key

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)


def _entry(key: PrivateKey, entry: TrustedKey | None) -> TrustedKey:
    """Return the entry of a private key that is here: it may sign everything."""
    if entry is None:
        entry = TrustedKey(key.public_key, key.name, (), key.created_at)
    return replace(entry, own=True, locked=key.locked is not None, scope=())
