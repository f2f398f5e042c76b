"""Places as they are read beside a notebook: from its folder, or from home."""

from __future__ import annotations

import platform
from pathlib import Path


def nearby(place: str, root: Path | None) -> str:
    """Return a place in few words; one that is a path, and lies here.

    Args:
        place: A path, perhaps behind the name of its machine as syncs say it, a URL or a word.
        root: The folder of ``anvil.toml``, if there is one.
    """
    path = Path(place.removeprefix(f"{platform.node()}:"))
    if not path.is_absolute():
        return place
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    home = Path.home()
    if path.is_relative_to(home):
        return f"~/{path.relative_to(home).as_posix()}"
    return path.as_posix()
