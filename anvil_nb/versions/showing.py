"""Showing one version: what it is called, what was said about it, and what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import set_row, version_number
from anvil_nb.domain.address import Draft
from anvil_nb.errors import RefusedError
from anvil_nb.results.history import Version, VersionTree
from anvil_nb.results.result import utc
from anvil_nb.store import entries, labels, versions

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address


def show(access: Access, address: Address) -> VersionTree:
    """Return a version of a set; the latest one where the address has no selector.

    Raises:
        NotFoundError: when there is none.
        RefusedError: for the draft, which is no version.
    """
    if isinstance(address.selector, Draft):
        msg = "the draft is no version"
        raise RefusedError(msg, f"To see what is in it: anvil ls {address.set_path}/")
    with access.read() as tx:
        row = set_row(access, tx, address)
        number = version_number(access, tx, row, address)
        found = next(one for one in versions.of_set(tx, row.id) if one.number == number)
        names = [name for name, to in labels.of_set(tx, row.id).items() if to == number]
        tree = entries.tree(tx, row.id, number)
    version = Version(
        number=found.number,
        digest=found.digest,
        message=found.message,
        bump=found.bump,
        reasons=found.reasons,
        source=found.source,
        published_by=found.published_by,
        published_at=utc(found.published_at),
        labels=tuple(names),
    )
    return VersionTree(
        f"{row.path}@{number}", version, {name: leaf.digest for name, leaf in tree.items()}
    )
