"""On what terms bundles are exchanged: who signs ours, whose theirs must be, what is followed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anvil_nb.bundles.trusting import signing_with
from anvil_nb.domain.sync.following import Following
from anvil_nb.errors import SettingsError, SignatureError, UntrustedSignerError
from anvil_nb.keys import KeyRing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anvil_nb.keys import Signer


@dataclass(frozen=True, slots=True)
class Terms:
    """How bundles are exchanged with a server.

    Args:
        signers: Names of the keys that sign what is pushed; the only own key where there are none.
        passphrase: Is asked for that of a key that is locked, by its name.
        signatures: Whether what is pulled must be signed by a key that is trusted here.
        following: Which versions there are wanted here.
    """

    signers: tuple[str, ...] = ()
    passphrase: Callable[[str], str] | None = None
    signatures: str = "required"
    following: Following = field(default_factory=Following)

    def signing(self) -> tuple[Signer, ...]:
        """Return the keys to sign with.

        Raises:
            SettingsError: where there is no key, or nobody said which of several.
            NotFoundError: for one that is not there.
            PassphraseError: for one that stays locked.
        """
        ring = KeyRing.open()
        names = self.signers
        if not names:
            names = tuple(key.name for key in ring.ls() if key.own and key.revoked_at is None)
        if not names:
            msg = "published versions travel signed, and there is no key to sign them with"
            hint = (
                "Make one: anvil keys generate NAME\n"
                "Then let the server trust it: anvil keys export NAME"
            )
            raise SettingsError(msg, hint)
        if len(names) > 1 and not self.signers:
            msg = f"several keys could sign what is pushed: {', '.join(names)}"
            raise SettingsError(msg, f'Say which: sign = "{names[0]}" in anvil.toml')
        return signing_with(ring, names, self.passphrase)


@contextmanager
def from_server() -> Iterator[None]:
    """Say of a bundle that a server made, and that is not signed, what can be done here.

    Raises:
        SignatureError: in the place of one with a hint for files.
    """
    try:
        yield
    except UntrustedSignerError:
        raise
    except SignatureError as error:
        raise SignatureError(
            f"what the server sends is refused: {error.message}",
            "Let it sign: anvil serve --sign KEY, and trust that key here: anvil keys trust LINE\n"
            'Or take unsigned ones from now on: signatures = "optional" in anvil.toml',
        ) from error
