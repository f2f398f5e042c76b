"""Who asks: from the bearer token of a request to an ``Access`` with the rights of one route.

A route names the right it needs, and is handed an ``Access`` for the token's organisation whose
services may do that and nothing else, whatever more the token allows::

    Reader = Annotated[Access, Depends(acting("read:prompts"))]

    @router.get("/prompts")
    def prompts(access: Reader) -> …:

A route below ``/cloud/tenants/{tenant}`` uses ``tenant_acting`` in its place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

from fastapi import Depends, Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from anvil_nb.access import Access
from anvil_nb.domain.rights import check_right
from anvil_nb.errors import NotFoundError, UnauthorisedError

if TYPE_CHECKING:
    from anvil_nb.accounts.tokens import Bearer
    from anvil_nb.domain.rights import Right
    from anvil_nb.server.instance import Instance

_scheme = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="An API token, as `anvil token create NAME --scope …` shows it once.",
)

Dependency: TypeAlias = Callable[..., Awaitable[Access]]


def instance_of(request: Request) -> Instance:
    """Return the server that a request came to."""
    return cast("Instance", request.app.state.instance)


def acting(right: Right) -> Dependency:
    """Return a dependency that gives an ``Access`` with a right to the token's organisation.

    It raises ``UnauthorisedError`` (401) without a token that holds, and ``ForbiddenError`` (403)
    where the token has no such scope.
    """

    async def access(
        request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_scheme)]
    ) -> Access:
        return await admitted(request, right)

    return access


def tenant_acting(right: Right) -> Dependency:
    """Return what ``acting`` does, where the path names the tenant.

    Raises in the dependency, besides what ``acting`` does, ``NotFoundError`` (404) for a tenant
    that is not the token's organisation, by slug or by id, whether there is one or not.
    """
    # As a default: annotations are looked up in the module, which knows no `right`.
    inner = Depends(acting(right))

    async def access(
        request: Request,
        tenant: Annotated[
            str, Path(description="The organisation: its slug or its id.", max_length=100)
        ],
        found: Access = inner,
    ) -> Access:
        del request
        actor = found.actor
        if tenant not in (actor.organisation, str(actor.organisation_id)):
            msg = "there is no such tenant"
            raise NotFoundError(msg, "Use the organisation that the token belongs to.")
        return found

    return access


async def admitted(request: Request, right: Right) -> Access:
    """Return the access of a request under one right; see ``acting``."""
    bearer = await authenticated(request)
    check_right(bearer.scopes, right)
    return instance_of(request).access(request, bearer, right)


async def authenticated(request: Request, *, writes: bool | None = None) -> Bearer:
    """Return whose token a request carries; asked again, what was found before.

    Args:
        request: It.
        writes: Whether it counts as a write; as its method says when ``None``.

    Raises:
        UnauthorisedError: without a token, or with one that is unknown, expired or revoked.
    """
    known: Bearer | None = getattr(request.state, "bearer", None)
    if known is not None:
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    instance = instance_of(request)
    bearer = None
    if scheme.lower() == "bearer" and token:
        bearer = await instance.bearers.find(token.strip())
    await instance.limits.count(request, bearer, writes=writes)
    if bearer is None:
        msg = "this needs a token that holds: none was sent, or one that is unknown or over"
        raise UnauthorisedError(msg, "Send the header: Authorization: Bearer ank_…")
    request.state.bearer = bearer
    return bearer
