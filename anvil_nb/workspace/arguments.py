"""What a Python program passes besides addresses, held to its type before anything is done.

A slip is told by the name of the argument, as a value of a prompt is. ``None`` is what was left
out. Addresses, names and messages say themselves what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike

from anvil_nb.domain.values import type_name
from anvil_nb.errors import InvalidInputError


def check_texts(**said: object) -> None:
    """Refuse what is given and no text.

    Raises:
        InvalidInputError: names the argument and what was found.
    """
    for name, value in said.items():
        if value is not None and not isinstance(value, str):
            raise _refusal(name, "text", value, f"Pass {name} as text, or leave it out.")


def check_words(**said: object) -> None:
    """Refuse what is no text, and what is not given; see ``check_texts``."""
    for name, value in said.items():
        if not isinstance(value, str):
            raise _refusal(name, "text", value, f"Pass {name} as text.")


def check_mappings(**said: object) -> None:
    """Refuse what is given and no mapping from text; see ``check_texts``."""
    for name, value in said.items():
        if value is None:
            continue
        hint = f"For example: {name}={{'…': '…'}}"
        if not isinstance(value, Mapping):
            raise _refusal(name, "a dict by name", value, hint)
        for key in value:
            if not isinstance(key, str):
                raise _refusal(f"a name in {name}", "text", key, hint)


def check_iterables(**said: object) -> None:
    """Refuse what is given and cannot be gone through; see ``check_texts``."""
    for name, value in said.items():
        if value is not None and not isinstance(value, Iterable):
            hint = f"Pass {name} as a list or a dict, or leave it out."
            raise _refusal(name, "a list, or a dict by name", value, hint)


def check_paths(**said: object) -> None:
    """Refuse what is no path, and what is not given; see ``check_texts``."""
    for name, value in said.items():
        if not isinstance(value, str | PathLike):
            raise _refusal(name, "text or a Path", value, f"Name a file or folder as {name}.")


def check_functions(**said: object) -> None:
    """Refuse what is given and cannot be called; see ``check_texts``."""
    for name, value in said.items():
        if value is not None and not callable(value):
            raise _refusal(name, "a function", value, f"Pass the function itself: {name}=…")


def _refusal(name: str, expected: str, value: object, hint: str) -> InvalidInputError:
    return InvalidInputError(f"{name} is {expected}, found {type_name(value)}", hint)
