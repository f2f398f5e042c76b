"""Hooks: what a server runs when an image is announced, by tenant, from its settings.

::

    [deploy_hooks.acme]
    run = ["/srv/anvil/switch-to"]          # the image is in ANVIL_IMAGE
    health = "http://127.0.0.1:8080/health" # polled until it answers 200
    url = "https://app.example.org"         # what the deployer is told
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from anvil_nb.deploying.table import Table
from anvil_nb.domain.naming import check_name
from anvil_nb.errors import AddressError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEYS: Final = ("run", "health", "timeout", "health_timeout", "cwd", "url")
_SECONDS: Final = 600.0
_HEALTH_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Hook:
    """What one tenant's deployment does.

    Args:
        argv: What is run.
        folder: Where.
        seconds: How long that may take.
        health: What is asked then until it answers 200; nothing where ``None``.
        health_seconds: For how long it is asked.
        url: Where the application is to be seen.
    """

    argv: tuple[str, ...]
    folder: Path
    seconds: float = _SECONDS
    health: str | None = None
    health_seconds: float = _HEALTH_SECONDS
    url: str | None = None


def parse_hooks(said: Mapping[str, Any], folder: Path) -> dict[str, Hook]:
    """Return the hooks of ``[deploy_hooks]``, by tenant.

    Args:
        said: As it stands in the file.
        folder: Below which theirs count.

    Raises:
        SettingsError: for what cannot be used.
    """
    found = {}
    for tenant, one in said.items():
        try:
            check_name(tenant, "tenant")
        except AddressError as error:
            raise SettingsError(f"[deploy_hooks]: {error.message}", error.hint) from error
        found[tenant] = _hook(Table(one, f"[deploy_hooks.{tenant}]", _KEYS), folder)
    return found


def _hook(table: Table, folder: Path) -> Hook:
    return Hook(
        table.argv("run"),
        table.folder("cwd", folder),
        table.seconds("timeout", _SECONDS),
        _url(table, "health"),
        table.seconds("health_timeout", _HEALTH_SECONDS),
        _url(table, "url"),
    )


def _url(table: Table, key: str) -> str | None:
    said = table.text(key)
    if said is None:
        return None
    try:
        parts = urlsplit(said)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not said.isascii() or not said.isprintable():
        raise table.fault(key, "is an http or https URL")
    return said
