"""How a manifest of files is written: for the API, for dry runs, and first in a tarball."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.filetree import Leaf, digest_of_leaves
from anvil_nb.errors import InvalidInputError
from anvil_nb.store.tenant_files import ManifestRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from anvil_nb.cloud.files import Manifest

_HEX: Final = re.compile(r"[0-9a-f]{64}").fullmatch
_HINT: Final = "See docs/http-sync.md."


def manifest_json(row: ManifestRow, leaves: Iterable[Leaf]) -> dict[str, Any]:
    """Return a manifest as a JSON object."""
    return {
        "files": [
            {
                "path": leaf.path,
                "checksum": leaf.digest.removeprefix(PREFIX),
                "size": leaf.size,
                "executable": leaf.executable,
            }
            for leaf in leaves
        ],
        **summary_json(row),
    }


def summary_json(row: ManifestRow) -> dict[str, Any]:
    """Return what a manifest says of all files together."""
    return {
        "checksum": row.digest.removeprefix(PREFIX),
        "total_size": row.size,
        "timestamp": f"{row.updated_at.replace(tzinfo=UTC).isoformat().removesuffix('+00:00')}Z",
        "revision": row.revision,
    }


def whole_manifest_json(manifest: Manifest) -> bytes:
    """Return a manifest with what was deleted lately, written."""
    said = manifest_json(manifest.row, manifest.leaves)
    said["deleted"] = {path: one.removeprefix(PREFIX) for path, one in manifest.gone.items()}
    return written(said)


def written(value: object) -> bytes:
    """Return JSON as the API sends it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def below(
    row: ManifestRow, leaves: Iterable[Leaf], tops: Collection[str] | None
) -> tuple[ManifestRow, list[Leaf]]:
    """Return what stands below some folders, as a manifest of its own.

    Args:
        row: Of all files.
        leaves: All files.
        tops: Names of folders at the top; ``None`` for everything.
    """
    if tops is None:
        return row, list(leaves)
    some = [leaf for leaf in leaves if leaf.path.partition("/")[0] in tops]
    return summed(some, row.revision, row.updated_at), some


def summed(leaves: Collection[Leaf], revision: int, at: datetime) -> ManifestRow:
    """Return what some files are together."""
    size = sum(leaf.size for leaf in leaves)
    return ManifestRow(digest_of_leaves(leaves), len(leaves), size, revision, at)


def leaf_of(said: Mapping[str, Any]) -> Leaf:
    """Return the file that one entry of a manifest says.

    Raises:
        InvalidInputError: when it says none.
    """
    match said:
        case {"path": str(path), "checksum": str(hexed), "size": int(size)} if _HEX(hexed):
            executable = said.get("executable", False)
            if isinstance(executable, bool) and not isinstance(size, bool) and size >= 0:
                return Leaf(path, PREFIX + hexed, size, executable)
    msg = "an entry of the manifest has no path, checksum and size of their forms"
    raise InvalidInputError(msg, _HINT)
