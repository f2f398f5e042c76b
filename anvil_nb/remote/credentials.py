"""Tokens of servers: in the environment, or in a file that its user alone can read.

Never in a workspace, whose files travel by git, and never in a command line, which histories keep.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.errors import InvalidInputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "ANVIL_TOKEN"
_FOLDER = "ANVIL_CONFIG"
_FILE = "tokens.json"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def token_for(url: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the token for a server.

    Raises:
        SettingsError: when there is none, or others can read the file.
    """
    if said := environment.get(VARIABLE):
        return said.strip()
    found = _read(token_file(environment)).get(url)
    if not found:
        msg = f"there is no token for {url}"
        raise SettingsError(msg, f"Keep one: anvil login {url}    or set {VARIABLE}")
    return found


def keep_token(url: str, token: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Keep the token for a server, in the place of an older one; return the file.

    Raises:
        InvalidInputError: for what is no token.
        SettingsError: when the file cannot be written.
    """
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        msg = "that is no token: it is empty, or has a character that none has"
        raise InvalidInputError(msg, "Copy it whole, as it was shown when it was made.")
    return _write({**_read(token_file(environment)), url: token}, environment)


def forget_token(url: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Forget the token for a server; tell whether there was one."""
    found = _read(token_file(environment))
    if url not in found:
        return False
    del found[url]
    _write(found, environment)
    return True


def token_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where tokens are kept: in ``$ANVIL_CONFIG``, else in the user's configuration."""
    if said := environment.get(_FOLDER):
        return Path(said).expanduser().absolute() / _FILE
    config = environment.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(config):  # noqa: PTH117 - others are to be ignored (XDG Base Directory 0.8)
        return Path(config, "anvil", _FILE)
    try:
        return Path.home() / ".config" / "anvil" / _FILE
    except RuntimeError as error:
        msg = "there is no home folder to keep tokens in"
        raise SettingsError(msg, f"Set {_FOLDER} to a folder, or {VARIABLE}.") from error


def _read(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_mode & _OTHERS:
            msg = f"others can read the tokens in {path}"
            raise SettingsError(msg, f"Revoke them, then: chmod 600 {path}")
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        msg = f"the tokens in {path} cannot be read: {type(error).__name__}"
        raise SettingsError(msg, "Remove the file, and log in again: anvil login URL") from error
    if not isinstance(found, dict):
        msg = f"{path} is no file of tokens"
        raise SettingsError(msg, "Remove the file, and log in again: anvil login URL")
    return {str(url): str(token) for url, token in found.items()}


def _write(tokens: Mapping[str, str], environment: Mapping[str, str]) -> Path:
    path = token_file(environment)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(dict(tokens), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        msg = f"the token cannot be kept in {path}: {error.strerror or error}"
        raise SettingsError(msg, f"Set {VARIABLE} instead.") from error
    return path
