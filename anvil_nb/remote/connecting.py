"""Connecting: an address, a tenant and a token made into what speaks to a server."""

from __future__ import annotations

from anvil_nb.remote.api import Api
from anvil_nb.remote.calls import Calls
from anvil_nb.remote.http import Connection, is_loopback


def connected(url: str, tenant: str, token: str) -> Api:
    """Return what speaks to a tenant of a server; it connects when it is first asked something.

    The usual variables name certificates, and proxies but for this machine itself.

    Args:
        url: Of the server.
        tenant: The organisation there, by name or UUID.
        token: Of that organisation.

    Raises:
        InvalidInputError: for what is no address, or one to which a token would go in clear.
    """
    return Api(Calls(Connection(url, token, environment=True, direct=is_loopback(url))), tenant)
