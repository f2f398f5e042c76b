"""Where the store is and who acts: ``anvil.toml``, the environment, and what was passed.

What is passed wins over the environment (``ANVIL_STORE``, ``ANVIL_ORGANISATION``,
``ANVIL_ACTOR``), which wins over the file. A password belongs into neither file nor notebook:
leave it out of the URL and let libpq find it (``PGPASSWORD``, ``~/.pgpass``).
"""

from __future__ import annotations

import getpass
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from anvil_nb.domain.naming import check_name, slug_from_title
from anvil_nb.errors import AddressError, ExistsError, SettingsError, StoreUnavailableError
from anvil_nb.files import write_atomically

FILE = "anvil.toml"
FOLDER = ".anvil"
DEFAULT_STORE = f"{FOLDER}/store.duckdb"
_KEYS = ("store", "organisation", "actor")
_SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a workspace needs to open its store.

    Args:
        root: The folder of ``anvil.toml``; ``None`` for a store opened without one.
        store: Path of a DuckDB file, or a ``postgresql://`` URL.
        organisation: Whose rows are read and written.
        actor: The name of the acting user.
    """

    root: Path | None
    store: str
    organisation: str
    actor: str


def find(start: Path) -> Path | None:
    """Return the nearest ``anvil.toml`` in ``start`` or the folders above it."""
    for folder in (start, *start.parents):
        path = folder / FILE
        if path.is_file():
            return path
    return None


def resolve(
    start: Path,
    *,
    store: str | None = None,
    actor: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Return the settings in force for ``start``, a folder or an ``anvil.toml``.

    Raises:
        SettingsError: when there is no workspace, or its file cannot be used.
    """
    file = start if start.is_file() else find(start.resolve())
    said = _read(file) if file else {}
    for key in _KEYS:
        if value := environment.get(f"ANVIL_{key.upper()}"):
            said[key] = value
    if store:
        said["store"] = store
    if actor:
        said["actor"] = actor
    if "store" not in said and file is None:
        msg = f"there is no {FILE} in {start} or the folders above it"
        raise SettingsError(msg, "Make a workspace here: anvil init")
    root = file.parent if file else None
    name = _named("actor", said.get("actor") or _user())
    return Settings(
        root,
        _location(said.get("store", DEFAULT_STORE), root or start),
        _named("organisation", said.get("organisation") or name),
        name,
    )


def create(folder: Path, *, store: str | None = None, actor: str | None = None) -> Settings:
    """Write a new ``anvil.toml`` into ``folder``, and a folder for the store that git ignores.

    Raises:
        ExistsError: when there is one.
        StoreUnavailableError: when the folder cannot be written to.
    """
    path = folder / FILE
    if path.exists():
        msg = f"{path} is there already"
        raise ExistsError(msg, "Use it as it is, or remove it first.")
    name = _named("actor", actor or _user())
    location = store or DEFAULT_STORE
    _location(location, folder)
    lines = [
        "# The workspace: where its prompts are kept, and who acts here.",
        f"store = {json.dumps(location, ensure_ascii=False)}",
        f'organisation = "{name}"',
        f'actor = "{name}"',
        "",
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not location.startswith(_SCHEMES):
            (folder / FOLDER).mkdir(exist_ok=True)
            write_atomically(folder / FOLDER / ".gitignore", b"*\n")
        write_atomically(path, "\n".join(lines).encode())
    except OSError as error:
        msg = f"cannot write to {folder}: {error.strerror}"
        raise StoreUnavailableError(msg, "Choose a folder you may write to.") from error
    return resolve(folder)


def _read(path: Path) -> dict[str, str]:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        msg = f"{path} cannot be read: {error}"
        raise SettingsError(msg, "Mend it, or remove it and type: anvil init") from error
    for key, value in said.items():
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(_KEYS)}"
            msg = f"{path} has an unknown key '{key}'"
            raise SettingsError(msg, hint)
        if not isinstance(value, str) or not value:
            msg = f"{key} in {path} is text, found {value!r}"
            raise SettingsError(msg, f'For example: {key} = "…"')
    return said


def _location(store: str, base: Path) -> str:
    if store.startswith(_SCHEMES):
        return store
    if "://" in store:
        msg = f"a store is a path or a postgresql:// URL, found '{store.partition('://')[0]}://…'"
        raise SettingsError(msg, f'For example: store = "{DEFAULT_STORE}"')
    return str((base / Path(store).expanduser()).resolve())


def _named(key: str, name: str) -> str:
    try:
        return check_name(name, key)
    except AddressError as error:
        raise SettingsError(f"{key}: {error.message}", error.hint) from error


def _user() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, or no way to ask
        name = "owner"
    return slug_from_title(name)
