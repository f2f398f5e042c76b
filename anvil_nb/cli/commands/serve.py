"""Serving a store over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.listening import Listening, listening
from anvil_nb.cli.options import FILE
from anvil_nb.cli.passphrases import KEY, passphrase
from anvil_nb.errors import SettingsError

if TYPE_CHECKING:
    from anvil_nb.cli.surface import Surface
    from anvil_nb.keys import Signer
    from anvil_nb.results.done import Done


@command(
    "serve",
    examples=(
        "serve",
        "serve --port 0 --json",
        "serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
    ),
)
@listening(port=8321)
@click.option("--sign", metavar="KEY", help="Sign bundles that are fetched with this key of yours.")
@click.option("--uploads", type=FILE, metavar="DIR", help="A folder for what is being uploaded.")
@click.pass_obj
def serve(surface: Surface, /, *, sign: str | None, uploads: str | None, **said: Any) -> Done:
    """Serve the store over HTTP, until it is interrupted.

    The first line of the output is the URL; what it can do stands below it at /docs. Whoever asks
    needs a token: anvil token create NAME --scope read:prompts. The log goes to standard error.
    """
    import os  # noqa: PLC0415 - help needs none
    from dataclasses import replace  # noqa: PLC0415 - as above

    from anvil_nb.deploying.hooks import parse_hooks  # noqa: PLC0415 - late, on purpose
    from anvil_nb.results.done import Done  # noqa: PLC0415 - late, on purpose

    try:
        from anvil_nb.server import create_app, serving  # noqa: PLC0415 - may be missing
    except ModuleNotFoundError as error:
        msg = f"a server needs packages that are not installed: {error.name}"
        raise SettingsError(msg, 'Try: pip install "anvil-nb[server]"') from error
    where = Listening(**said)
    settings = surface.workspace.settings
    options = replace(
        where.limits(),
        uploads=None if uploads is None else Path(uploads),
        signers=_signers(sign or settings.sign),
        signatures=settings.signatures,
        deploy_hooks=parse_hooks(settings.deploy_hooks, settings.root or Path.cwd()),
    )

    def announce(url: str) -> None:
        facts = f'{{"url": "{url}", "pid": {os.getpid()}}}'
        # The one command that has something to say before it is done.
        click.echo(facts if surface.json else f"Serving at {url}   (its API: {url}/docs)")

    url = serving.serve(lambda: create_app(settings.store, options), where.binding(), announce)
    return Done(f"Stopped serving at {url}", {"url": url})


def _signers(name: str | None) -> tuple[Signer, ...]:
    """Return the key to sign with, opened now: later nobody could be asked for its passphrase."""
    if name is None:
        return ()
    from anvil_nb.bundles.trusting import signing_with  # noqa: PLC0415 - only where it signs
    from anvil_nb.keys import KeyRing  # noqa: PLC0415 - see above

    return signing_with(KeyRing.open(), [name], lambda key: passphrase(f"the key {key}", KEY))
