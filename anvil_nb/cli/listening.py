"""Options of what listens for requests: an address, TLS, how many requests, how long the end."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.grammar import options
from anvil_nb.cli.options import FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.server import Options
    from anvil_nb.server.serving import Binding


@dataclass(frozen=True, slots=True)
class Listening:
    """What was said of it; see the options for what each means."""

    host: str
    port: int
    tls_cert: str | None
    tls_key: str | None
    insecure: bool
    rate: str | None
    write_rate: str | None
    failed_rate: str | None
    rates_in: str | None
    grace: int

    def binding(self) -> Binding:
        """Return where to listen."""
        from anvil_nb.server.serving import Binding  # noqa: PLC0415 - may not be installed

        return Binding(
            self.host,
            self.port,
            None if self.tls_cert is None else Path(self.tls_cert),
            None if self.tls_key is None else Path(self.tls_key),
            self.insecure,
            self.grace,
        )

    def limits(self) -> Options:
        """Return the options of a server that writes its log to standard error."""
        from anvil_nb.server import Options  # noqa: PLC0415 - may not be installed

        usual = Options()
        return Options(
            rate=self.rate or usual.rate,
            write_rate=self.write_rate or usual.write_rate,
            failed_rate=self.failed_rate or usual.failed_rate,
            rates_in=self.rates_in or usual.rates_in,
            log=sys.stderr.write,
        )


def listening(port: int) -> Callable[[Any], Any]:
    """Return a decorator that adds the options, which arrive as the fields of ``Listening``.

    Args:
        port: Where it listens unless said.
    """
    return options(
        click.option(
            "--host", default="127.0.0.1", metavar="HOST", help="Where to listen; 127.0.0.1."
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=port,
            metavar="PORT",
            help=f"{port} unless said; 0 takes a free one.",
        ),
        click.option("--tls-cert", type=FILE, metavar="FILE", help="Certificate chain, PEM."),
        click.option("--tls-key", type=FILE, metavar="FILE", help="Its private key, PEM."),
        click.option(
            "--insecure",
            is_flag=True,
            help="Serve in clear text beyond this machine, behind a proxy.",
        ),
        click.option(
            "--rate", metavar="RATE", help="Requests of a token; 6000/minute unless said."
        ),
        click.option("--write-rate", metavar="RATE", help="Its writes; 1200/minute unless said."),
        click.option(
            "--failed-rate",
            metavar="RATE",
            help="Requests of a client without a token that holds; 60/minute unless said.",
        ),
        click.option(
            "--rates-in",
            metavar="PLACE",
            help="Where they are counted: in memory; for several servers database, or "
            "redis://HOST:PORT.",
        ),
        click.option(
            "--grace",
            type=click.IntRange(0, 3600),
            default=30,
            metavar="SECONDS",
            help="For requests that were taken, at the end; 30 unless said.",
        ),
    )
