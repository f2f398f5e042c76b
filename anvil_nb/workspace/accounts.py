"""Who may use the store from elsewhere: tokens, and what was done with them."""

# ruff: noqa: PLC0415 - a method imports its service when called: most programs use few of them

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog import LIMIT
from anvil_nb.workspace.arguments import check_iterables, check_texts
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.results.accounts import Audit, NewToken, Tokens
    from anvil_nb.results.done import Done


class Accounts(State):
    """What lets others in, over a server."""

    def create_token(self, name: str, scopes: Iterable[str], *, expires: str = "90d") -> NewToken:
        """Make a token that acts for you; the result has it, and nothing else ever will.

        Args:
            name: What it is called.
            scopes: ``read:prompts``, ``write:prompts``, ``sync``, ``deploy``, ``admin``.
            expires: How long it holds, such as ``12h`` or ``90d``, or ``never``.

        Raises:
            ExistsError: when a token that still holds has that name.
        """
        from anvil_nb.accounts import tokens

        check_iterables(scopes=scopes)
        check_texts(expires=expires)
        return tokens.create(self._access, name, scopes, expires=expires)

    def tokens(self) -> Tokens:
        """Return all tokens of the organisation, the newest first."""
        from anvil_nb.accounts import tokens

        return tokens.ls(self._access)

    def revoke_token(self, token: str) -> Done:
        """End a token, named or by its id, for ever."""
        from anvil_nb.accounts import tokens

        return tokens.revoke(self._access, token)

    def audit(self, resource: str = "", *, limit: int = LIMIT, cursor: str | None = None) -> Audit:
        """Return what was written through servers, the newest first, a page at a time."""
        from anvil_nb.accounts import audit

        return audit.entries(self._access, resource=resource, limit=limit, cursor=cursor)
