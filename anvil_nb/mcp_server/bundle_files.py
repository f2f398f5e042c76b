"""Bundle files: those in the workspace's folder that agents may touch, and what one holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import NotFoundError, RefusedError
from anvil_nb.keys.unattended import key_passphrase
from anvil_nb.mcp_server.replies import encodable
from anvil_nb.workspace.bundles import inspect_bundle

if TYPE_CHECKING:
    from anvil_nb.mcp_server.desk import Desk
    from anvil_nb.results.bundles import BundleInfo

_SUFFIX: Final = ".anvil"


def names(desk: Desk) -> list[str]:
    """Return the names of the bundle files in the workspace's folder, in order."""
    folder = desk.workspace.root or Path.cwd()
    try:
        return sorted(place.name for place in folder.iterdir() if _is_one(desk, place))
    except OSError:  # it is gone, or nobody may look
        return []


def described(desk: Desk, said: str) -> BundleInfo:
    """Return who signed a bundle file and what it holds, after verifying it.

    Raises:
        NotFoundError: for what is no file.
        RefusedError: for one outside of the roots.
        BundleError: for a file that is not a sound bundle.
    """
    path = desk.inside(said)
    if not path.is_file():  # what is no plain file might never end
        msg = f"there is no bundle file {said}"
        raise NotFoundError(msg, f"In the workspace's folder: {', '.join(names(desk)) or 'none'}")
    return inspect_bundle(path, key_passphrase=key_passphrase())


def _is_one(desk: Desk, place: Path) -> bool:
    # A name that is no text can be put into no URI.
    if place.suffix != _SUFFIX or encodable(place.name) != place.name or not place.is_file():
        return False
    try:
        desk.check_inside(place)
    except RefusedError:
        return False
    return True
