"""How a server is set up, besides its store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from anvil_nb.deploying.hooks import Hook
    from anvil_nb.keys import Signer

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    """Limits and places of a server.

    Args:
        rate: Requests that a token may make, such as ``6000/minute``; several with ``;``.
        write_rate: Those of them that write.
        failed_rate: Requests without a token that holds, for each client's address.
        rates_in: Where they are counted: ``memory://``; or for several instances ``database``,
            which is the store's own PostgreSQL, or ``redis://…``.
        max_body: Longest body, in bytes.
        max_upload: Longest body of an upload of files or bundles, in bytes.
        uploads: Folder for what is being uploaded; one of the system's own when ``None``.
        log: Takes the line of each request; the logger ``anvil_nb.server`` when ``None``.
        signers: Keys that sign the bundles which are fetched; nobody does where there are none.
        signatures: Whether bundles that come must be signed, as in ``anvil.toml``.
        deploy_hooks: What a deployment of a tenant runs, by its name.
    """

    rate: str = "6000/minute"
    write_rate: str = "1200/minute"
    failed_rate: str = "60/minute"
    rates_in: str = "memory://"
    max_body: int = 8 * MEBIBYTE
    max_upload: int = 2048 * MEBIBYTE
    uploads: Path | None = None
    log: Callable[[str], object] | None = None
    signers: tuple[Signer, ...] = ()
    signatures: str = "required"
    deploy_hooks: Mapping[str, Hook] = field(default_factory=dict)
