"""Addresses where they are typed: one name alone is told which sets it may stand for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.domain.address import parse_place, parse_set_address
from anvil_nb.domain.naming import is_name
from anvil_nb.errors import AddressError
from anvil_nb.store import search

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address

_LISTED = 3
"""The most sets that are named for somebody to choose from."""


def set_at(access: Access, text: str) -> Address:
    """Return the address of a whole set, with or without a selector.

    Raises:
        AddressError: as ``parse_set_address`` does; of one name alone, with the sets it may mean.
    """
    return _parsed(access, text, parse_set_address)


def place_at(access: Access, text: str) -> Address:
    """Return the address of a set or of a prompt; see ``set_at``."""
    return _parsed(access, text, parse_place)


def sets_meant(access: Access, name: str) -> tuple[bool, list[str]]:
    """Return whether ``name`` is a project, and the sets that it may stand for alone.

    That is: the sets of the project, or of one of a similar name; or those of that name.
    """
    with access.read() as tx:
        known = search.groups(tx, access.organisation_id)
    sets = [row.path for row in known if row.set_id is not None]
    projects = [row.path for row in known if row.set_id is None]
    if name in projects:
        return True, [path for path in sets if path.startswith(f"{name}/")][:_LISTED]
    found = [path for path in sets if path.endswith(f"/{name}")]
    for near in get_close_matches(name, projects, 1):
        found += [path for path in sets if path.startswith(f"{near}/")]
    return False, found[:_LISTED]


def _parsed(access: Access, text: str, parse: Callable[[str], Address]) -> Address:
    try:
        return parse(text)
    except AddressError as error:
        name = text.partition("@")[0] if isinstance(text, str) else ""
        if not is_name(name):
            raise
        raise _alone(access, name, text[len(name) :], error) from error


def _alone(access: Access, name: str, selector: str, error: AddressError) -> AddressError:
    """Return the refusal of one name alone."""
    is_project, meant = sets_meant(access, name)
    msg = error.message
    if not is_project:
        msg = f"a set is written project/set, and '{name}' is one name alone"
    elif selector:
        msg = f"'{name}' is the name of a project, and a set in it was expected"
    look = f"Try: anvil ls {name}" if is_project else "Try: anvil ls"
    if not meant:
        return AddressError(msg, f"For example {name}/emails{selector}. {look}")
    return AddressError(
        msg, f"Did you mean {' or '.join(f'{one}{selector}' for one in meant)}?\n{look}"
    )
