"""The marker of a tree: with whom it is synced, kept in the tree itself.

A folder that lost its marker is not the one that was synced: another disk is mounted there, or it
was made anew; and one that came from elsewhere brings another's.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.domain.filepaths import printable
from anvil_nb.errors import InvalidInputError
from anvil_nb.trees.ignoring import OURS
from anvil_nb.trees.locking import writing
from anvil_nb.trees.own_folder import make_own_folder, unwritable
from anvil_nb.trees.reading import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE: Final = "pair.json"
_FORMAT: Final = 1
_is_pair: Final = re.compile(r"[A-Za-z0-9-]{1,64}").fullmatch


def read_marker(root: str | Path) -> Mapping[str, str]:
    """Return the ids of the pairs that a tree belongs to, by target; empty where it has no marker.

    Raises:
        InvalidInputError: when the marker cannot be read.
    """
    try:
        return _parsed(json.loads(read_file(f"{root}/{OURS}/{FILE}")))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError(
            f"the marker {printable(str(root))}/{OURS}/{FILE} cannot be read",
            "Delete it if this is the right folder; the next sync writes it anew.",
        ) from error


def _parsed(said: Any) -> Mapping[str, str]:
    pairs = {str(target): str(pair) for target, pair in said["pairs"].items()}
    if said["format"] != _FORMAT or not all(map(_is_pair, pairs.values())):
        raise ValueError(FILE)
    return pairs


def write_marker(root: str | Path, target: str, pair: str) -> None:
    """Say in a tree which pair it belongs to; what it says of other targets stays.

    Raises:
        AnvilError: when it cannot be written.
        InvalidInputError: when the marker that is there cannot be read.
    """
    with writing(str(root)):
        pairs = {**read_marker(root), target: pair}
        said = json.dumps({"format": _FORMAT, "pairs": pairs}, indent=2, sort_keys=True)
        try:
            _replace(f"{make_own_folder(root)}/{FILE}", f"{said}\n".encode())
        except OSError as error:
            raise unwritable(printable(str(root)), error) from error


def _replace(path: str, data: bytes) -> None:
    part = f"{path}.part"
    try:
        with open(part, "wb") as file:  # noqa: PTH123 - beside the calls that have no Path
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)  # noqa: PTH105 - as above
    except BaseException:
        with suppress(OSError):
            os.unlink(part)  # noqa: PTH108 - as above
        raise
