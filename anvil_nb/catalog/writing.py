"""Putting prompts out as files that load back to the same digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import missing, snapshot, snapshot_of
from anvil_nb.catalog.validation import contents_of
from anvil_nb.domain.address import Address, Draft, parse_prefix
from anvil_nb.domain.frontmatter import join
from anvil_nb.errors import NotFoundError
from anvil_nb.files import write_files
from anvil_nb.results.transfer import Written
from anvil_nb.store import sets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Prefix
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.sets import SetRow

_PAGE = 1_000


def write(access: Access, prefix: str, folder: str | Path, *, force: bool = False) -> Written:
    """Put prompts out as files that load back to the same digests.

    Args:
        access: Whose store.
        prefix: An address with a selector; or what addresses begin with, and drafts are meant.
        folder: Where to; the prompts of one set lie in it, those of several in a folder a set.
        force: Replace files that hold something else.

    Raises:
        NotFoundError: when there is nothing there.
        ExistsError: when files hold something else; nothing was written.
    """
    with access.read() as tx:
        files = {
            f"{place}{name}.md": join(content.to_fields(), content.template).encode()
            for place, contents in _chosen(access, tx, prefix)
            for name, content in contents.items()
        }
    if not files:
        msg = f"there is nothing to write under '{prefix}'"
        raise NotFoundError(msg, "Try: anvil ls")
    changed = write_files(folder, files, force=force)
    return Written(str(folder), tuple(files), tuple(str(path) for path in changed))


def _chosen(
    access: Access, tx: Transaction, prefix: str
) -> Iterator[tuple[str, dict[str, Content]]]:
    """Yield the folder and the contents of each set that ``prefix`` means."""
    if isinstance(prefix, str) and "@" in prefix[1:]:
        yield "", _at(access, tx, Address.parse(prefix))
        return
    wanted = parse_prefix(prefix)
    access.check_organisation(wanted)
    for row, place in _sets_under(access, tx, wanted):
        found = snapshot_of(access, tx, row, Address.parse(row.path), default=Draft())
        contents = contents_of(access, tx, found)
        yield (
            place,
            {
                name: content
                for name, content in contents.items()
                if name.startswith(wanted.prompt or "")
            },
        )


def _at(access: Access, tx: Transaction, address: Address) -> dict[str, Content]:
    """Return the contents at an address with a selector: of a set, or of one prompt."""
    contents = contents_of(access, tx, snapshot(access, tx, address.as_set(), default=Draft()))
    if address.prompt is None:
        return contents
    if address.prompt not in contents:
        raise missing(access, tx, address)
    return {address.prompt: contents[address.prompt]}


def _sets_under(access: Access, tx: Transaction, wanted: Prefix) -> Iterator[tuple[SetRow, str]]:
    """Yield the sets that a prefix means, as a listing reads it, and the folder of each."""
    who, whole = access.organisation_id, f"{wanted.project}/{wanted.set}"
    if wanted.set and (row := sets.by_path(tx, who, whole)) is not None:
        yield row, ""
        return
    if wanted.prompt is not None:
        return
    rows: list[SetRow] = []
    while page := sets.rows(tx, who, wanted.path, rows[-1].path if rows else "", _PAGE):
        rows += page
    inside = [row for row in rows if row.path.startswith(f"{wanted.project}/")]
    for row in inside or rows:
        yield row, f"{row.slug}/" if inside else f"{row.path}/"
