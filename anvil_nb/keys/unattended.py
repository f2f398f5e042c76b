"""Passphrases of keys for programs that nobody watches: from the environment alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLE = "ANVIL_KEY_PASSPHRASE"


def key_passphrase(
    environment: Mapping[str, str] = os.environ,
) -> Callable[[str], str] | None:
    """Return what gives the passphrase of a key, by its name; ``None`` where it is not set."""
    said = environment.get(VARIABLE)
    return None if not said else lambda _: said
