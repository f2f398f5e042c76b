"""Images: what they are called, with which tag."""

from __future__ import annotations

import re
from typing import Final

from anvil_nb.errors import SettingsError

IMAGE_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}"
"""What is taken for the name of an image with its tag, or digest."""

_NAME: Final = re.compile(r"[a-z0-9][A-Za-z0-9._:-]*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_EXAMPLE: Final = 'For example: image = "registry.example.org/acme/app"'


def check_image(name: str) -> str:
    """Return the name of an image, if it is one, without a tag.

    Raises:
        SettingsError: for what is none.
    """
    if ":" in name.rpartition("/")[2] or "@" in name:
        msg = f"the image '{name}' has its tag in it"
        raise SettingsError(msg, 'Say it apart: tag = "…", or --tag; or leave it to be made.')
    if not _NAME.fullmatch(name):
        msg = f"'{name}' is no name of an image"
        raise SettingsError(msg, _EXAMPLE)
    return name


def check_tag(tag: str) -> str:
    """Return a tag, if it is one.

    Raises:
        SettingsError: for what is none.
    """
    if not _TAG.fullmatch(tag):
        msg = f"'{tag}' is no tag: it has letters, digits, dots, hyphens and underscores"
        raise SettingsError(msg, "For example: --tag deploy-42")
    return tag


def registry_of(image: str) -> str | None:
    """Return the host that an image is pushed to; ``None`` for the one that docker takes."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else None
