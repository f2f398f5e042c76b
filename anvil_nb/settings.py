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
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.naming import check_name, slug_from_title
from anvil_nb.domain.sync.following import parse_following
from anvil_nb.errors import (
    AddressError,
    AnvilError,
    ExistsError,
    SettingsError,
    StoreUnavailableError,
)
from anvil_nb.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "anvil.toml"
FOLDER = ".anvil"
DEFAULT_STORE = f"{FOLDER}/store.duckdb"
SERVICES = "services"
DIRECTORIES = ("agents", "skills", "config", "mcp", "profiles", "content")
"""The folders below ``services`` that a sync of files takes along."""
_KEYS = ("store", "organisation", "actor", "signatures", "remote", "tenant", "services", "sign")
_LISTS = ("directories", "follow")
_TABLES = ("deploy", "deploy_hooks")
SIGNATURES = ("required", "always", "optional")
"""Whether bundles must be signed to be imported: ``required`` can be waived for one import."""
_SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a workspace needs to open its store.

    Args:
        root: The folder of ``anvil.toml``; ``None`` for a store opened without one.
        store: Path of a DuckDB file, or a ``postgresql://`` URL; not shown, for its password.
        organisation: Whose rows are read and written.
        actor: The name of the acting user.
        signatures: Whether bundles must be signed, one of ``SIGNATURES``.
        remote: URL of the server to sync with; ``None`` where there is none.
        tenant: The organisation there; the one here when ``None``.
        services: The folder of skills, content, agents and the like.
        directories: The folders in it that a sync of files takes along.
        deploy: What the file says about deploying, as it stands there.
        sign: Name of the key that signs the bundles of a sync, or of a server.
        follow: Which versions a sync pulls; ``None`` where the file does not say.
        deploy_hooks: What a server runs to deploy, by tenant, as it stands in the file.
        passed: Whether the store was named by who opens it, and not by the file.
    """

    root: Path | None
    store: str = field(repr=False)
    organisation: str
    actor: str
    signatures: str = "required"
    remote: str | None = None
    tenant: str | None = None
    services: Path = Path(SERVICES)
    directories: tuple[str, ...] = DIRECTORIES
    deploy: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sign: str | None = None
    follow: tuple[str, ...] | None = None
    deploy_hooks: Mapping[str, Any] = field(default_factory=dict, repr=False)
    passed: bool = field(default=False, compare=False)

    @property
    def file(self) -> Path | None:
        """The path of the store; ``None`` for a database of a server."""
        return None if self.store.startswith(_SCHEMES) else Path(self.store)


@dataclass(frozen=True, slots=True)
class Plan:
    """A workspace to be made: its settings, and the store as its file is to name it."""

    settings: Settings
    folder: Path
    store: str = field(repr=False)
    name: str


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

    A path in the file counts from the file's folder, any other one from ``start``.

    Raises:
        SettingsError: when there is no workspace, or its file cannot be used.
    """
    start = _absolute(start)
    file = start if start.is_file() else find(start)
    passed = _passed(store, actor, environment)
    if "store" not in passed and file is None:
        msg = f"there is no {FILE} in {start} or the folders above it"
        raise SettingsError(msg, "Make a workspace here: anvil init")
    said = _read(file) if file else {}
    base = start.parent if start.is_file() else start
    return _in_force(said, passed, file.parent if file else None, base)


def plan(
    folder: Path,
    *,
    store: str | None = None,
    actor: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Plan:
    """Plan a workspace in ``folder``; nothing is written yet.

    Raises:
        ExistsError: when there is one.
        SettingsError: for a store or an actor that cannot be.
    """
    folder = _absolute(folder)
    path = folder / FILE
    if path.exists():
        msg = f"{path} is there already"
        raise ExistsError(msg, "Use it as it is, or remove it first.")
    name = _named("actor", actor or _user())
    location = store or DEFAULT_STORE
    _check_no_password(location)
    said = {"store": location, "organisation": name, "actor": name}
    passed = _passed(store, actor, environment)
    return Plan(_in_force(said, passed, folder, folder), folder, location, name)


def carry_out(planned: Plan) -> None:
    """Write the ``anvil.toml`` of a plan, and let git ignore the folder of its store.

    Raises:
        StoreUnavailableError: when the folder cannot be written to.
    """
    folder, name = planned.folder, planned.name
    lines = [
        "# The workspace: where its prompts are kept, and who acts here.",
        f"store = {json.dumps(planned.store, ensure_ascii=False)}",
        f'organisation = "{name}"',
        f'actor = "{name}"',
        "",
    ]
    try:
        if planned.store == DEFAULT_STORE:
            write_atomically(folder / FOLDER / ".gitignore", b"*\n")
        write_atomically(folder / FILE, "\n".join(lines).encode())
    except AnvilError as error:
        raise StoreUnavailableError(error.message, "Choose a folder you may write to.") from error


def _passed(store: str | None, actor: str | None, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what was passed, over what the environment says."""
    passed = {key: environment.get(f"ANVIL_{key.upper()}") for key in _KEYS}
    passed |= {key: value for key, value in (("store", store), ("actor", actor)) if value}
    return {key: value for key, value in passed.items() if value}


def _in_force(
    said: Mapping[str, Any], passed: Mapping[str, str], root: Path | None, start: Path
) -> Settings:
    base = start if "store" in passed else root or start
    user = _user()
    settings: dict[str, Any] = {
        "store": DEFAULT_STORE,
        "organisation": user,
        "actor": user,
        **said,
        **passed,
    }
    return Settings(
        root,
        _location(settings["store"], base),
        _named("organisation", settings["organisation"]),
        _named("actor", settings["actor"]),
        _signatures(settings.get("signatures", "required")),
        _remote(settings.get("remote")),
        settings.get("tenant"),
        _folder("services", settings.get("services", SERVICES), root or start),
        _directories(settings.get("directories", DIRECTORIES)),
        settings.get("deploy", {}),
        settings.get("sign"),
        _follow(settings.get("follow")),
        settings.get("deploy_hooks", {}),
        passed="store" in passed,
    )


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        msg = f"the path {str(path)!r} cannot be used: {error}"
        raise SettingsError(msg, "Name a folder, or leave it out for the current one.") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        msg = f"{path} cannot be read: {error}"
        hint = "Mend it, or remove it and type: anvil init"
        if path.name != FILE:
            hint = f"A workspace is a folder or its {FILE}. To open a store: --store {path}"
        raise SettingsError(msg, hint) from error
    for key, value in said.items():
        if key not in (*_KEYS, *_LISTS, *_TABLES):
            near = get_close_matches(key, (*_KEYS, *_LISTS, *_TABLES), 1)
            known = ", ".join((*_KEYS, *_LISTS, *_TABLES))
            hint = f"Did you mean {near[0]}?" if near else f"Known: {known}"
            msg = f"{path} has an unknown key '{key}'"
            raise SettingsError(msg, hint)
        if key in _TABLES:
            if not isinstance(value, dict):
                msg = f"{key} in {path} is a table, found {value!r}"
                raise SettingsError(msg, f"For example: [{key}]")
            continue
        if key in _LISTS:
            continue
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
    try:
        return str((base / Path(store).expanduser()).resolve())
    except (OSError, RuntimeError, ValueError) as error:
        msg = f"the store's path {store!r} cannot be used: {error}"
        raise SettingsError(msg, f'For example: store = "{DEFAULT_STORE}"') from error


def _named(key: str, name: str) -> str:
    try:
        return check_name(name, key)
    except AddressError as error:
        raise SettingsError(f"{key}: {error.message}", error.hint) from error


def _check_no_password(store: str) -> None:
    """Refuse a URL that would write its password into a file."""
    if not store.startswith(_SCHEMES):
        return
    said = store.partition("://")[2].rpartition("@")[0].partition(":")[2]
    if said or "password=" in store:
        msg = f"the URL of the store has a password, which {FILE} would keep for everybody to read"
        hint = "Leave it out of the URL; set PGPASSWORD, or write it into ~/.pgpass."
        raise SettingsError(msg, hint)


def _signatures(said: str) -> str:
    if said not in SIGNATURES:
        msg = f"signatures is one of {', '.join(SIGNATURES)}, found '{said}'"
        raise SettingsError(msg, 'For example: signatures = "required"')
    return said


def _remote(said: str | None) -> str | None:
    if said is None:
        return None
    if (
        not said.startswith(("http://", "https://"))
        or "@" in said.partition("://")[2].partition("/")[0]
    ):
        msg = "remote is the URL of a server, without a password"
        raise SettingsError(msg, 'For example: remote = "https://anvil.example.org"')
    return said.rstrip("/")


def _folder(key: str, said: str, base: Path) -> Path:
    try:
        return (base / Path(said).expanduser()).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        msg = f"the folder {key} = {said!r} cannot be used: {error}"
        raise SettingsError(msg, f'For example: {key} = "{SERVICES}"') from error


def _directories(said: Any) -> tuple[str, ...]:
    if not isinstance(said, (list, tuple)) or not said:
        msg = f"directories is a list of names of folders, found {said!r}"
        raise SettingsError(msg, 'For example: directories = ["agents", "skills", "content"]')
    for name in said:
        if not isinstance(name, str) or name in {"", ".", ".."} or "/" in name or "\\" in name:
            msg = f"a directory is the name of one folder in services, found {name!r}"
            raise SettingsError(msg, 'For example: directories = ["agents", "skills", "content"]')
    return tuple(said)


def _follow(said: Any) -> tuple[str, ...] | None:
    if said is None:
        return None
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        msg = f"follow is a list of projects and sets, found {said!r}"
        raise SettingsError(msg, 'For example: follow = ["desk", "desk/emails@^1"]')
    parse_following(said)
    return tuple(said)


def _user() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, or no way to ask
        name = "owner"
    return slug_from_title(name)
