"""Over HTTP: the same server for whoever has a token, each request with the rights of its own.

Both eras of the protocol stand at one path. A session of the older era belongs to nobody: what a
request in it may do is what its own token may. Questions to people are sealed with a key that
this process made for itself, so one process answers at one address.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mcp.server.streamable_http_manager import StreamableHTTPASGIApp
from mcp.server.transport_security import TransportSecuritySettings

from anvil_nb.domain.rights import allows
from anvil_nb.mcp_server.server import create_server
from anvil_nb.server import serving
from anvil_nb.server.guarded import (
    Application,
    Streams,
    acting_for,
    bearer_of,
    count_write,
    create_guarded,
)
from anvil_nb.server.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mcp.server.mcpserver import Context

    from anvil_nb.domain.rights import Right
    from anvil_nb.mcp_server.desk import Desk
    from anvil_nb.server.options import Options
    from anvil_nb.server.serving import Binding
    from anvil_nb.workspace import Workspace

PATH: Final = "/mcp"
_LISTEN: Final = (b"mcp-method", b"subscriptions/listen")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


def serve(
    desk: Desk,
    options: Options,
    binding: Binding,
    announce: Callable[[str], None],
    allowed_hosts: Collection[str] = (),
) -> str:
    """Serve a desk until the process is interrupted or terminated.

    Args:
        desk: Where agents work.
        options: Limits of the server.
        binding: Where it listens.
        announce: Is told the URL once requests are served.
        allowed_hosts: Names by which it is asked besides those of this machine: a proxy's.

    Returns:
        The URL.

    Raises:
        RefusedError: when tokens would travel in clear text beyond this machine.
        SettingsError: when the address, or the certificate, cannot be used.
        StoreError: when the store cannot be opened.
    """
    streams = Streams(_listens)
    known = allowed_hosts or serving.is_loopback(binding.host)
    hosts = (*_LOOPBACK, *allowed_hosts) if known else ()
    url = serving.serve(
        lambda: create_app(desk, options, streams, hosts=hosts),
        binding,
        lambda url: announce(url + PATH),
        ending=streams.end,
        loggers={"mcp": logging.WARNING},
    )
    return url + PATH


def _clock() -> datetime:
    return datetime.now(UTC)


def create_app(
    desk: Desk,
    options: Options,
    streams: Streams | None = None,
    *,
    hosts: Collection[str] = _LOOPBACK,
    clock: Callable[[], datetime] = _clock,
) -> Application:
    """Return a desk's server as an ASGI application, at ``PATH``.

    Args:
        desk: Where agents work.
        options: Limits of the server.
        streams: Those that only listen.
        hosts: The names by which it may be asked, so that no page of another site makes a browser
            ask it by a name of its own; any name when empty.
        clock: Returns the time, with its zone.

    Raises:
        StoreError: when the store cannot be opened.
        SettingsError: for options that cannot be.
    """
    streams = streams or Streams(_listens)
    server = create_server(replace(desk, acting=_acting(desk.workspace), counting=_count))
    server.streamable_http_app(
        max_request_body_size=options.max_body, transport_security=_security(hosts)
    )
    manager = server.session_manager
    instance = Instance(desk.workspace.settings.store, options, clock)
    return create_guarded(StreamableHTTPASGIApp(manager), PATH, instance, manager.run, streams)


def _acting(workspace: Workspace) -> Callable[[Context, Right, str], Workspace]:
    # Deploying runs commands of the folder's file, which takes more than the right to sync.
    without_deploying = replace(workspace.settings, deploy={})

    def acting(context: Context, right: Right, doing: str) -> Workspace:
        request = _request_of(context)
        access = acting_for(request, right, doing)
        deploys = allows(bearer_of(request).scopes, "deploy")
        return workspace.acting_as(access, None if deploys else without_deploying)

    return acting


async def _count(context: Context) -> None:
    await count_write(_request_of(context))


def _request_of(context: Context) -> Any:
    request = context.request_context.request
    assert request is not None  # nothing is asked here but by requests
    return request


def _listens(scope: Mapping[str, Any]) -> bool:
    """Tell whether the answer to a request is a stream without an end."""
    return scope["method"] == "GET" or _LISTEN in scope["headers"]


def _security(hosts: Collection[str]) -> TransportSecuritySettings:
    """Return what is checked: the names that requests come by, and the pages they come from."""
    named = [name for host in hosts for name in (host, f"{host}:*")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=bool(hosts),
        allowed_hosts=named,
        allowed_origins=[f"{scheme}://{name}" for scheme in ("http", "https") for name in named],
    )
