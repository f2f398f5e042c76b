"""Anvil: prompt management where prompts are written.

>>> import anvil_nb as anvil
>>> ws = anvil.open()                      # anvil.toml is found upwards
>>> ws.get("desk/emails/welcome").render(customer="Ada").text

Everything is imported when it is first used: importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb import errors

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "errors",
    "init",
    "inspect",
    "load_ipython_extension",
    "open",
    "unload_ipython_extension",
]


def open(  # noqa: A001 - read as anvil.open
    path: str | Path | None = None, *, store: str | None = None, actor: str | None = None
) -> Workspace:
    """Open the workspace of a folder; see ``anvil_nb.workspace.open_workspace``."""
    from anvil_nb.workspace import open_workspace  # noqa: PLC0415 - late, on purpose

    return open_workspace(path, store=store, actor=actor)


def init(
    path: str | Path = ".", *, store: str | None = None, actor: str | None = None
) -> Workspace:
    """Make a workspace in a folder; see ``anvil_nb.workspace.init_workspace``."""
    from anvil_nb.workspace import init_workspace  # noqa: PLC0415 - late, on purpose

    return init_workspace(path, store=store, actor=actor)


def inspect(path: str | Path, *, passphrase: str | None = None) -> BundleInfo:
    """Verify a bundle and return what it holds; see ``anvil_nb.workspace.bundles``."""
    from anvil_nb.workspace.bundles import inspect_bundle  # noqa: PLC0415 - late, on purpose

    return inspect_bundle(path, passphrase=passphrase)


def load_ipython_extension(ipython: Any) -> None:
    """Add ``%anvil`` to a notebook: ``%load_ext anvil_nb``."""
    from anvil_nb.magics import load  # noqa: PLC0415 - late, on purpose

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Take ``%anvil`` away again: ``%unload_ext anvil_nb``."""
    from anvil_nb.magics import unload  # noqa: PLC0415 - late, on purpose

    unload(ipython)
