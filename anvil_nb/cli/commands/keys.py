"""Keys that sign bundles and open them. They are the user's, and need no workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import Group, command
from anvil_nb.cli.options import FILE
from anvil_nb.cli.passphrases import BUNDLE, KEY, passphrase, passphrase_file_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from anvil_nb.keys import KeyRing, TrustedKey
    from anvil_nb.results.keys import KeyDone, KeyLine, Keys


class KeyType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5
    """The name or the fingerprint of a key; names are completed."""

    name = "key"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only here

        from anvil_nb.errors import AnvilError  # noqa: PLC0415 - see above

        del ctx, param
        try:
            names = [one.name for one in _ring().ls()]
        except AnvilError:
            return []  # the Tab key does not complain
        return [CompletionItem(one) for one in names if one.startswith(incomplete)]


KEY_NAME = KeyType()

# Of the key that the test vectors are made with; everybody has its private part.
_KEY = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
_FINGERPRINT = "sha256:04df8dbe745eae0759687510c19cf5686decf66a1f378ac4b508f22be89f2ee4"


@command(
    "generate",
    examples=(
        "keys generate ada --passphrase",
        "keys generate ci",
        "keys generate ada --passphrase-file ~/passphrase",
    ),
)
@click.argument("name")
@click.option(
    "--passphrase", "locked", is_flag=True, help="Lock it by a passphrase, which is asked for."
)
@passphrase_file_option
def _generate(*, name: str, locked: bool, passphrase_file: str | None) -> KeyDone:
    """Make a key of your own.

    It signs, and opens what is encrypted to it. A passphrase is asked for, or taken from a file
    or from ANVIL_KEY_PASSPHRASE; without one, whoever can read your files can use the key.
    """
    import os  # noqa: PLC0415 - help needs none

    from anvil_nb.keys.lookup import check_free, check_key_name  # noqa: PLC0415 - loads ciphers

    ring = _ring()
    check_free(ring.ls(), check_key_name(name))  # before anybody thinks of a passphrase
    words = None
    if locked or passphrase_file is not None or os.environ.get(KEY):
        words = passphrase(f"the key {name}", KEY, passphrase_file, twice=True)
    made = ring.generate(name, words)
    notes = [f"Keep a copy of {ring.folder / name}.key in a safe place."]
    if words is None:
        notes.append("It has no passphrase: whoever can read that file can use the key.")
    notes.append(f"Others trust it by this line: {ring.export(name)}")
    return _done(f"Made the key {name}", made, *notes)


@command("ls", examples=("keys ls", "keys ls --json"))
def _ls() -> Keys:
    """List your keys and those of others, with their fingerprints."""
    from anvil_nb.results.keys import Key, Keys  # noqa: PLC0415 - late, on purpose

    ring = _ring()
    return Keys(str(ring.folder), tuple(Key.of(one) for one in ring.ls()))


@command(
    "export",
    examples=("keys export ada", "keys export ada > ada.pub"),
    in_notebook=("keys export ada",),
)
@click.argument("name", type=KEY_NAME)
def _export(*, name: str) -> KeyLine:
    """Give a public key as a line that may be mailed and published."""
    from anvil_nb.results.keys import KeyLine  # noqa: PLC0415 - late, on purpose

    found = _ring().get(name)
    return KeyLine(found.name, found.key_id, found.public_key.line(found.name))


@command(
    "trust",
    examples=(
        "keys trust ada.pub",
        f"keys trust anvil-key-1 {_KEY} ada --scope desk",
        f"keys trust {_FINGERPRINT} --from desk.anvil --name ada",
    ),
)
@click.argument("words", nargs=-1, required=True, metavar="KEY")
@click.option(
    "--from",
    "bundle",
    type=FILE,
    metavar="FILE",
    help="A bundle that it signed, where KEY is its whole fingerprint.",
)
@click.option("--name", metavar="NAME", help="What to call it, if not as its line does.")
@click.option(
    "--scope",
    multiple=True,
    metavar="PROJECT",
    help="A project that it may sign, or a pattern like 'desk-*'; all projects unless said.",
)
def _trust(
    *, words: Sequence[str], bundle: str | None, name: str | None, scope: Sequence[str]
) -> KeyDone:
    """Trust a key: what it signed is what you take for its owner's.

    KEY is the line with a key, a file with that line, or a fingerprint. Ask the owner for the
    fingerprint by another way than the key came, and compare all of it. Said again, it sets
    anew what the key may sign.
    """
    ring, text = _ring(), " ".join(words)
    if bundle is not None:
        trusted = _trusted_from(ring, bundle, text, name, scope)
    else:
        trusted = ring.trust(_line(text), name, scope)
    if trusted.own:
        return _done(f"{trusted.name} is a key of your own, and trusted", trusted)
    what = ", ".join(trusted.scope) or "all projects"
    return _done(f"Trusted {trusted.name} to sign {what}", trusted)


@command(
    "revoke", examples=("keys revoke ada --reason 'Laptop stolen'", "keys revoke 04df8dbe745e")
)
@click.argument("key", type=KEY_NAME)
@click.option("--reason", default="", metavar="TEXT", help="Why, for whoever meets it again.")
def _revoke(*, key: str, reason: str) -> KeyDone:
    """Trust a key no longer, for ever.

    Bundles that it signed are refused from now on; those that were imported stay. A revoked key
    of your own signs nothing more, and still opens what was encrypted to it.
    """
    ring = _ring()
    before, revoked = ring.get(key), ring.revoke(key, reason)
    if before.revoked_at is not None:
        return _done(f"{revoked.name} was revoked before, on {before.revoked_at:%Y-%m-%d}", revoked)
    notes = ["Tell those who trust it to revoke it too."] if revoked.own else []
    return _done(f"Revoked {revoked.name}", revoked, *notes)


@command("rename", examples=("keys rename ada ada-laptop",))
@click.argument("key", type=KEY_NAME)
@click.argument("new")
def _rename(*, key: str, new: str) -> KeyDone:
    """Call a key otherwise, here; it stays the same key."""
    return _done(f"The key is called {new} now", _ring().rename(key, new))


keys = Group(
    "keys",
    help="Make, list, trust and revoke the keys that sign bundles.",
    commands=[_generate, _ls, _export, _trust, _revoke, _rename],
)


def _ring() -> KeyRing:
    from anvil_nb.keys import KeyRing  # noqa: PLC0415 - help loads no curves

    return KeyRing.open()


def _done(message: str, key: TrustedKey, *notes: str) -> KeyDone:
    from anvil_nb.results.keys import Key, KeyDone  # noqa: PLC0415 - late, on purpose

    return KeyDone(message, Key.of(key), notes)


def _line(text: str) -> str:
    """Return the line or the fingerprint that was typed, or the line in the file that was."""
    from anvil_nb.errors import SourceError  # noqa: PLC0415 - late, on purpose
    from anvil_nb.files import read_text_file  # noqa: PLC0415 - late, on purpose
    from anvil_nb.keys.public import LINE_START, fingerprint_digits  # noqa: PLC0415 - see above

    if text.split()[:1] == [LINE_START] or fingerprint_digits(text) is not None:
        return text
    lines = [one for one in read_text_file(text).splitlines() if one.split()[:1] == [LINE_START]]
    if len(lines) != 1:
        msg = f"{text} holds {len(lines) or 'no'} line{'s' * (len(lines) > 1)} with a public key"
        raise SourceError(msg, "Give the line itself: anvil keys trust anvil-key-1 …")
    return lines[0]


def _trusted_from(
    ring: KeyRing, bundle: str, fingerprint: str, name: str | None, scope: Sequence[str]
) -> TrustedKey:
    """Trust the key that signed a bundle and has this fingerprint."""
    from anvil_nb.bundles.opening import Reader  # noqa: PLC0415 - late, on purpose
    from anvil_nb.bundles.signed_by import signed_by  # noqa: PLC0415 - see above

    reader = Reader(
        ring,
        lambda: passphrase("the bundle", BUNDLE),
        lambda key: passphrase(f"the key {key}", KEY),
    )
    found = signed_by(bundle, reader)
    meant = (one for one in found if one.key_id.endswith(fingerprint.strip().lower()))
    return ring.trust_key(next(meant, found[0]), fingerprint, name, scope)
