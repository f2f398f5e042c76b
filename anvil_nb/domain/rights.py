"""Rights: what a token lets its bearer do, and which right covers which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from anvil_nb.errors import ForbiddenError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Right: TypeAlias = Literal["read:prompts", "write:prompts", "sync", "deploy", "admin"]
RIGHTS: tuple[Right, ...] = get_args(Right)
"""All rights, in the order in which they are listed."""

_WITHIN: dict[Right, frozenset[Right]] = {
    "read:prompts": frozenset({"read:prompts"}),
    "write:prompts": frozenset({"read:prompts", "write:prompts"}),
    # What is synced holds prompts and versions of them; the routes of a sync reach nothing else.
    "sync": frozenset({"sync", "read:prompts", "write:prompts"}),
    "deploy": frozenset({"deploy"}),
    "admin": frozenset(RIGHTS),
}
_GRANTING: dict[Right, frozenset[Right]] = {
    "read:prompts": frozenset({"read:prompts", "write:prompts", "admin"}),
    "write:prompts": frozenset({"write:prompts", "admin"}),
    "sync": frozenset({"sync", "admin"}),
    "deploy": frozenset({"deploy", "admin"}),
    "admin": frozenset({"admin"}),
}


def allows(scopes: Collection[str] | None, right: Right) -> bool:
    """Tell whether scopes grant a right; no scopes at all are the owner's, who may everything."""
    return scopes is None or not _GRANTING[right].isdisjoint(scopes)


def check_right(scopes: Collection[str] | None, right: Right) -> None:
    """Refuse what the scopes do not grant.

    Raises:
        ForbiddenError: with the scope that is missing.
    """
    if not allows(scopes, right):
        msg = f"this needs a token with the scope '{right}'"
        raise ForbiddenError(msg, f"Ask for one: anvil token create NAME --scope {right}")


def scopes_within(right: Right) -> frozenset[str]:
    """Return the scopes that work done under a right has, whatever else its bearer may do."""
    return _WITHIN[right]


def parse_scopes(names: Iterable[str]) -> frozenset[str]:
    """Return scopes from their names.

    Raises:
        InvalidInputError: for one that is none, or for none at all.
    """
    said = [names] if isinstance(names, str) else list(names)
    known = ", ".join(RIGHTS)
    for name in said:
        if name not in RIGHTS:
            msg = f"there is no scope '{name}'"
            raise InvalidInputError(msg, f"Known: {known}")
    if not said:
        msg = "a token needs at least one scope"
        raise InvalidInputError(msg, f"Known: {known}")
    return frozenset(said)
