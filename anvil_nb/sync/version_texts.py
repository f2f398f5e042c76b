"""The texts of published versions, for those who look at how two of one number differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anvil_nb.bundles.opening import Reader, opened
from anvil_nb.bundles.trusting import showing
from anvil_nb.catalog.lookup import set_row
from anvil_nb.domain.address import Address
from anvil_nb.keys import KeyRing
from anvil_nb.store import entries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.domain.prompt import Content


def texts_here(access: Access, key: str) -> dict[str, bytes]:
    """Return the texts of a version of the store.

    Args:
        access: The store.
        key: ``project/set@number``.

    Raises:
        NotFoundError: when the set is not there any more.
    """
    path, _, number = key.partition("@")
    with access.read() as tx:
        row = set_row(access, tx, Address.parse(path))
        tree = entries.tree(tx, row.id, number)
        return _texts({name: access.content(tx, leaf.digest) for name, leaf in tree.items()})


def texts_in(file: Path) -> dict[str, bytes]:
    """Return the texts of the one version in a bundle, which is verified, whoever signed it.

    Raises:
        BundleError: for a file that is not a sound bundle.
    """
    ring = KeyRing.open()
    with opened(file, Reader(ring), showing(ring)) as bundle:
        trees = [one.tree for one in bundle.versions.values()]
        return _texts(
            {name: bundle.content(leaf.digest) for tree in trees for name, leaf in tree.items()}
        )


def _texts(contents: Mapping[str, Content]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, content in contents.items():
        found[name] = content.template.encode()
        rest = {key: value for key, value in content.to_json().items() if key != "template"}
        found[f"{name}.json"] = json.dumps(rest, ensure_ascii=False, indent=1).encode()
    return found
