"""Which key is meant: by its name, or by its fingerprint or the beginning of that."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.naming import check_name, shown
from anvil_nb.domain.visible import visible
from anvil_nb.errors import ExistsError, InvalidInputError, NotFoundError
from anvil_nb.keys.public import SHORTEST_PREFIX, fingerprint_digits

if TYPE_CHECKING:
    from collections.abc import Collection

    from anvil_nb.keys.public import PublicKey
    from anvil_nb.keys.trust import TrustedKey

_LIST = "See them: anvil keys ls"


def named(keys: Collection[TrustedKey], text: str) -> TrustedKey:
    """Return the key that ``text`` names.

    Raises:
        NotFoundError: where there is none.
        InvalidInputError: where several begin with these digits.
    """
    for one in keys:
        if one.name == text:
            return one
    digits = fingerprint_digits(text)
    if digits is None:
        near = get_close_matches(text, [one.name for one in keys], 1)
        hint = f"Did you mean {near[0]}?" if near else _LIST
        raise NotFoundError(f"there is no key {shown(visible(text, keep=''))}", hint)
    found = [one for one in keys if one.key_id.startswith(PREFIX + digits)]
    if not found:
        raise NotFoundError(f"no key here has the fingerprint {text.strip()}", _LIST)
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise InvalidInputError(f"several keys begin with {text.strip()}: {names}", _LIST)
    return found[0]


def check_key_name(name: str) -> str:
    """Return ``name`` if a key may have it: a name that nobody takes for a fingerprint.

    Raises:
        InvalidInputError: when it may not.
    """
    check_name(name, "name of a key")
    if fingerprint_digits(name) is not None:
        msg = f"the name {name} could be taken for a fingerprint"
        hint = f"Choose one with other letters than a to f, or of fewer than {SHORTEST_PREFIX}."
        raise InvalidInputError(msg, hint)
    return name


def check_free(keys: Collection[TrustedKey], name: str, key: PublicKey | None = None) -> None:
    """Refuse a name that another key has; ``key`` is the one that was to get it, if it is public.

    Raises:
        ExistsError: says whose it is.
    """
    for one in keys:
        if one.name == name:
            other = f"anvil keys trust {key.line(name)} --name {name}-2" if key else ""
            hint = f"Give it another one: {other}" if other else "Choose another name."
            raise ExistsError(f"the name {name} is taken by the key {one.key_id}", hint)
