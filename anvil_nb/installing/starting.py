"""Starting: the command that gives a workspace's server on this machine, whoever calls it.

It names everything by its whole path, for a client starts it in any folder and with any search
path, and holds no secret: those files are shared, and committed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from anvil_nb import settings as configuration
from anvil_nb.errors import InvalidInputError, RefusedError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anvil_nb.settings import Settings

_KEYS: Final = "ANVIL_KEYS"
_OWN: Final = ("ANVIL_STORE", "ANVIL_ORGANISATION", "ANVIL_ACTOR", _KEYS)


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a server.

    Args:
        command: The program and its arguments.
        environment: Variables that it needs.
        own: Variables that are ours to say, or to leave out.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = _OWN


def start_of(
    settings: Settings,
    *,
    read_only: bool = False,
    toolsets: Sequence[str] = (),
    roots: Iterable[str | Path] = (),
    environment: Mapping[str, str] = os.environ,
) -> Start:
    """Return what starts the server of a workspace.

    Args:
        settings: In force for the workspace.
        read_only: Whether no tool that writes is offered.
        toolsets: What is offered; all of it when empty.
        roots: Folders that agents may touch; the workspace's own when empty.
        environment: Of this process.

    Raises:
        SettingsError: when there is no folder of a workspace.
        InvalidInputError: for a root that is not there.
        RefusedError: when the store's URL has a password in it.
    """
    root = settings.root
    if root is None:
        msg = "a server is started for the folder of a workspace, and there is none"
        raise SettingsError(msg, "Make one: anvil init")
    said = ["--read-only"] if read_only else []
    said += ["--toolsets", ",".join(toolsets)] if toolsets else []
    for one in roots:
        folder = Path(one).expanduser().absolute()
        if not folder.is_dir():
            msg = f"there is no folder {one}"
            raise InvalidInputError(msg, "Name one that is there: --root FOLDER")
        said += ["--root", str(folder)]
    return Start((*program(), *_arguments(root, said)), _needed(settings, root, environment))


def program() -> tuple[str, ...]:
    """Return what runs this package, by whole paths: the script that was installed with it.

    Without one it is the interpreter, told not to look for modules in the folder it is started in.
    """
    try:
        files = metadata.distribution("anvil-nb").files or []
    except metadata.PackageNotFoundError:
        files = []
    for one in files:
        if one.name in {"anvil", "anvil.exe"} and one.parent.name in {"bin", "Scripts"}:
            script = Path(os.path.normpath(one.locate()))
            if os.access(script, os.X_OK):
                return (str(script),)
    return (sys.executable, "-P", "-c", "from anvil_nb.cli import main; main()")


def _arguments(root: Path, said: Sequence[str]) -> tuple[str, ...]:
    return ("--workspace", str(root), "mcp", *said)


def _needed(settings: Settings, root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without which the folder's file would say something else."""
    plain = configuration.resolve(root, environment={})
    needed = {}
    if settings.store != plain.store:
        _check_open(settings.store)
        needed["ANVIL_STORE"] = settings.store
    if settings.organisation != plain.organisation:
        needed["ANVIL_ORGANISATION"] = settings.organisation
    if settings.actor != plain.actor:
        needed["ANVIL_ACTOR"] = settings.actor
    if keys := environment.get(_KEYS):
        needed[_KEYS] = str(Path(keys).absolute())
    return needed


def _check_open(store: str) -> None:
    if "://" not in store:
        return
    parts = urlsplit(store)
    if parts.password or {"password", "sslpassword"} & parse_qs(parts.query).keys():
        msg = "the URL of the store has a password in it, which is written into no file"
        hint = "Leave it out of the URL, and let ~/.pgpass have it; or name the store in anvil.toml"
        raise RefusedError(msg, hint)
