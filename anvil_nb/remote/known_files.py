"""What another instance was last known to have: kept in a file, so that it need not say it again.

A cache and nothing more. It is believed only with its digest right, and asked about each time: the
other side answers whether it still is so.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.digest import PREFIX, digest_of_bytes
from anvil_nb.domain.filetree import Leaves
from anvil_nb.remote.api import RemoteFiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anvil_nb.domain.filetree import Leaf

_FORM: Final = b"anvil-known-files/2"
_HEX: Final = 64


def path_of(folder: Path, location: str) -> Path:
    """Return where it is kept what is known of the tenant at ``location``."""
    return folder / f"files-{digest_of_bytes(location.encode()).removeprefix(PREFIX)[:16]}.json"


def load(path: Path) -> RemoteFiles | None:
    """Return what was kept; ``None`` where nothing was, or it is damaged."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if head != _head(body):
            return None
        said = json.loads(body)
    except (OSError, ValueError):
        return None
    digests: str = said["digests"]
    each = (PREFIX + digests[at : at + _HEX] for at in range(0, len(digests), _HEX))
    runs = map("x".__eq__, said["modes"])
    states = zip(each, said["sizes"], runs, strict=True)
    files = Leaves(dict(zip(said["paths"], states, strict=True)))
    return RemoteFiles(said["digest"], files, said["revision"], said["gone"])


def save(path: Path, files: RemoteFiles) -> None:
    """Keep what is known; where that cannot be done, it is asked for the next time."""
    states = files.files.states.values()
    said = {
        "digest": files.digest,
        "revision": files.revision,
        "paths": list(files.files),
        "digests": "".join(digest[len(PREFIX) :] for digest, _, _ in states),
        "sizes": [size for _, size, _ in states],
        "modes": "".join("x" if executable else "-" for _, _, executable in states),
        "gone": dict(files.gone),
    }
    body = json.dumps(said, separators=(",", ":")).encode()
    made = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            made.write_bytes(_head(body) + b"\n" + body)
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)


def changed(
    files: RemoteFiles, put: Sequence[Leaf], delete: Sequence[str], digest: str, revision: int
) -> RemoteFiles | None:
    """Return what is there after a change that was confirmed.

    Args:
        files: What was there before.
        put: What was put.
        delete: The paths of what was deleted.
        digest: That the other side says all files have now.
        revision: That they have now.

    Returns:
        ``None`` when that is not what the change makes: something else happened, too.
    """
    states = {**files.files.states}
    states |= {leaf.path: (leaf.digest, leaf.size, leaf.executable) for leaf in put}
    gone = {path: one for path, one in files.gone.items() if path not in states}
    for path in delete:
        states.pop(path, None)
    after = Leaves(states)
    return RemoteFiles(digest, after, revision, gone) if after.digest() == digest else None


def _head(body: bytes) -> bytes:
    """Return the first line: a file that was cut off or damaged has another one."""
    return b" ".join((_FORM, digest_of_bytes(body).encode()))
