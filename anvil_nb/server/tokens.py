"""Tokens of the organisation: ``/tokens``."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from anvil_nb.accounts import tokens
from anvil_nb.server.account_models import CreatedToken, NewToken, Token
from anvil_nb.server.models import Page, page_of
from anvil_nb.server.places import Admin
from anvil_nb.server.routing import READ, WRITE, api_router, once

router = api_router("/tokens", "tokens")


@router.get("", response_model=Page[Token], operation_id="list_tokens", responses=READ)
def list_tokens(access: Admin) -> dict[str, Any]:
    """List the tokens of the organisation, the newest first; there is one page of them."""
    return page_of([one.to_json() for one in tokens.ls(access)], None)


@router.post(
    "",
    response_model=CreatedToken,
    status_code=201,
    operation_id="create_token",
    responses=WRITE,
    dependencies=[once],
)
def create_token(access: Admin, body: NewToken, request: Request, response: Response) -> Any:
    """Make a token that acts for the same user; it is shown this once."""
    made = tokens.create(access, body.name, body.scopes, expires=body.expires)
    response.headers["Cache-Control"] = "no-store"
    # What is kept to answer the same request again must not have the token.
    told: dict[str, Any] = {**made.token.to_json(), "token": None}
    kept = CreatedToken.model_validate(told)
    request.state.answer_to_keep = kept.model_dump_json().encode()
    return made.to_json()


@router.delete(
    "/{id}",
    status_code=204,
    operation_id="revoke_token",
    responses=WRITE,
    dependencies=[once],
)
def revoke_token(access: Admin, id: UUID) -> None:  # noqa: A002 - as the path says it
    """End a token for ever."""
    tokens.revoke(access, str(id))
