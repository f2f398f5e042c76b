"""Serving a store over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
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
@click.option("--host", default="127.0.0.1", metavar="HOST", help="Where to listen; 127.0.0.1.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8321,
    metavar="PORT",
    help="8321 unless said; 0 takes a free one.",
)
@click.option("--tls-cert", type=FILE, metavar="FILE", help="Certificate chain, PEM.")
@click.option("--tls-key", type=FILE, metavar="FILE", help="Its private key, PEM.")
@click.option(
    "--insecure", is_flag=True, help="Serve in clear text beyond this machine, behind a proxy."
)
@click.option("--rate", metavar="RATE", help="Requests of a token; 6000/minute unless said.")
@click.option("--write-rate", metavar="RATE", help="Its writes; 1200/minute unless said.")
@click.option(
    "--failed-rate",
    metavar="RATE",
    help="Requests of a client without a token that holds; 60/minute unless said.",
)
@click.option(
    "--rates-in",
    metavar="PLACE",
    help="Where they are counted: in memory; for several servers database, or redis://HOST:PORT.",
)
@click.option("--sign", metavar="KEY", help="Sign bundles that are fetched with this key of yours.")
@click.option("--uploads", type=FILE, metavar="DIR", help="A folder for what is being uploaded.")
@click.option(
    "--grace",
    type=click.IntRange(0, 3600),
    default=30,
    metavar="SECONDS",
    help="For requests that were taken, at the end; 30 unless said.",
)
@click.pass_obj
def serve(  # noqa: PLR0913 - what a server may be told
    surface: Surface,
    *,
    host: str,
    port: int,
    tls_cert: str | None,
    tls_key: str | None,
    insecure: bool,
    rate: str | None,
    write_rate: str | None,
    failed_rate: str | None,
    rates_in: str | None,
    sign: str | None,
    uploads: str | None,
    grace: int,
) -> Done:
    """Serve the store over HTTP, until it is interrupted.

    The first line of the output is the URL; what it can do stands below it at /docs. Whoever asks
    needs a token: anvil token create NAME --scope read:prompts. The log goes to standard error.
    """
    import os  # noqa: PLC0415 - help needs none

    from anvil_nb.deploying.hooks import parse_hooks  # noqa: PLC0415 - late, on purpose
    from anvil_nb.results.done import Done  # noqa: PLC0415 - late, on purpose

    try:
        from anvil_nb.server import Options, serving  # noqa: PLC0415 - may not be installed
    except ModuleNotFoundError as error:
        msg = f"a server needs packages that are not installed: {error.name}"
        raise SettingsError(msg, 'Try: pip install "anvil-nb[server]"') from error
    settings = surface.workspace.settings
    usual = Options()
    options = Options(
        rate=rate or usual.rate,
        write_rate=write_rate or usual.write_rate,
        failed_rate=failed_rate or usual.failed_rate,
        rates_in=rates_in or usual.rates_in,
        uploads=_path(uploads),
        signers=_signers(sign or settings.sign),
        signatures=settings.signatures,
        deploy_hooks=parse_hooks(settings.deploy_hooks, settings.root or Path.cwd()),
    )
    binding = serving.Binding(host, port, _path(tls_cert), _path(tls_key), insecure, grace)

    def announce(url: str) -> None:
        facts = f'{{"url": "{url}", "pid": {os.getpid()}}}'
        # The one command that has something to say before it is done.
        click.echo(facts if surface.json else f"Serving at {url}   (its API: {url}/docs)")

    url = serving.serve(settings.store, options, binding, announce)
    return Done(f"Stopped serving at {url}", {"url": url})


def _signers(name: str | None) -> tuple[Signer, ...]:
    """Return the key to sign with, opened now: later nobody could be asked for its passphrase."""
    if name is None:
        return ()
    from anvil_nb.bundles.trusting import signing_with  # noqa: PLC0415 - only where it signs
    from anvil_nb.keys import KeyRing  # noqa: PLC0415 - see above

    return signing_with(KeyRing.open(), [name], lambda key: passphrase(f"the key {key}", KEY))


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
