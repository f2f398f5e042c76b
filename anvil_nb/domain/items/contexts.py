"""Contexts: a name and a description that conversations are kept under; one YAML file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anvil_nb.domain.items.kinds import check_key
from anvil_nb.domain.items.layout import Layout
from anvil_nb.domain.items.text import read_yaml
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

FILE: Final = "context.yaml"

PLACES: Final = {"slug": (("slug",),), "name": (("name",),), "description": (("description",),)}


def lay_out(files: Mapping[str, bytes], place: Mapping[str, Json]) -> Layout:
    """Return where the fields of a context stand.

    Args:
        files: Its one file.
        place: Not looked at.

    Raises:
        ItemError: when it is no context.
    """
    del place
    if len(files) != 1:
        msg = f"a context is one YAML file, found {len(files)}"
        raise ItemError(msg, "Save each file by itself.")
    path = next(iter(files))
    text = read_yaml(path, files[path])
    said = text.fields or {}
    key = said.get("slug", said.get("name"))
    if not isinstance(key, str):
        raise ItemError(f"{path} names no context", "Add a line 'name: …'.")
    return Layout(
        kind="context",
        key=check_key("context", key),
        texts={path: text},
        roots={path: ()},
        places=PLACES,
        home=path,
    )


def fields(layout: Layout) -> dict[str, Json]:
    """Return the record of a context.

    Raises:
        ItemError: for a field of the wrong type.
    """
    return {
        "slug": layout.key,
        "name": layout.text("name") or layout.key,
        "description": layout.text("description") or "",
    }
