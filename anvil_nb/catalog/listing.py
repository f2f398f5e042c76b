"""Listing: what is under a prefix, a page at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anvil_nb.catalog import LIMIT
from anvil_nb.domain.address import Address, Label, parse_prefix
from anvil_nb.errors import AddressError, InvalidInputError
from anvil_nb.results.listing import Item, Page
from anvil_nb.store import entries, labels, projects, sets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Prefix
    from anvil_nb.store.engine import Transaction

MAX_LIMIT = 1_000
PRODUCTION = "production"
"""The label that applications follow, where nobody says another."""
_DESCRIBED = 80


def ls(access: Access, prefix: str = "", *, limit: int = LIMIT, cursor: str | None = None) -> Page:
    """List what is under a prefix: projects, the sets of a project, or the prompts of a set.

    Nothing in a set, or under a prefix that ends in ``*``, is an empty page.

    Args:
        access: Whose store.
        prefix: ``""``, ``project``, ``project/set`` or the beginning of a name in one of them.
        limit: Items on the page, at most ``MAX_LIMIT``.
        cursor: From the page before.

    Raises:
        AddressError: for a prefix that is none.
        InvalidInputError: for a limit or a cursor that is none.
        NotFoundError: when the project or the set is not there, and no name begins so.
    """
    wanted = parse_prefix(prefix)
    access.check_organisation(wanted)
    check_limit(limit)
    after = _position(cursor)
    with access.read() as tx:
        items = _items(access, tx, wanted, after, limit + 1)
        if not items and cursor is None and not prefix.endswith("*"):
            check_there(access, tx, wanted)
    more = items[limit - 1].address if len(items) > limit else None
    return Page(prefix, items[:limit], more)


def released(
    access: Access, *, label: str = PRODUCTION, limit: int = LIMIT, cursor: str | None = None
) -> Page:
    """List what applications get: the prompts of labelled versions, else of the latest ones.

    Args:
        access: Whose store.
        label: The label that applications follow.
        limit: Items on the page, at most ``MAX_LIMIT``.
        cursor: From the page before.

    Raises:
        InvalidInputError: for a limit or a cursor that is none.
    """
    check_limit(limit)
    after = _position(cursor)
    with access.read() as tx:
        rows = entries.released(tx, access.organisation_id, label, after, limit + 1)
    items = tuple(
        Item(
            "prompt",
            f"{path}@{selector}",
            description=shortened(json.loads(body)["metadata"]["description"]),
            version=version,
            state="published",
        )
        for path, selector, version, body in rows[:limit]
    )
    return Page("", items, rows[limit - 1][0] if len(rows) > limit else None)


def as_released(access: Access, address: Address, *, label: str = PRODUCTION) -> Address:
    """Return an address with the label that applications follow, where its set has it.

    One that has a selector stays as it is.
    """
    if address.selector is not None:
        return address
    access.check_organisation(address)
    with access.read() as tx:
        row = sets.by_path(tx, access.organisation_id, address.set_path)
        labelled = row is not None and label in labels.of_set(tx, row.id)
    return address.with_selector(Label(label)) if labelled else address


def _items(
    access: Access, tx: Transaction, wanted: Prefix, after: str, limit: int
) -> tuple[Item, ...]:
    who, path = access.organisation_id, wanted.path
    whole = path.rstrip("/")
    if wanted.prompt is not None:
        return prompt_items(entries.page(tx, who, path, after, limit))
    if wanted.set is not None and sets.by_path(tx, who, whole) is not None:
        return prompt_items(entries.page(tx, who, f"{whole}/", after, limit))
    if wanted.set is not None:
        return set_items(sets.page(tx, who, path, after, limit))
    if wanted.project and projects.by_slug(tx, who, wanted.project) is not None:
        return set_items(sets.page(tx, who, f"{wanted.project}/", after, limit))
    rows = projects.page(tx, who, wanted.project or "", after, limit)
    return tuple(
        Item("project", slug, title, shortened(description), count=count)
        for slug, title, description, count in rows
    )


def check_there(access: Access, tx: Transaction, wanted: Prefix) -> None:
    """Refuse a prefix under which there is nothing, because its project or set is not there.

    Raises:
        NotFoundError: with what there is instead.
    """
    from anvil_nb.catalog.lookup import missing_project, set_row  # noqa: PLC0415 - rarely needed

    if wanted.project is None:
        return
    if projects.by_slug(tx, access.organisation_id, wanted.project) is None:
        raise missing_project(access, tx, wanted.project)
    if wanted.set:
        set_row(access, tx, Address(None, wanted.project, wanted.set))


def set_items(rows: Iterable[tuple[str, str, str, int, str | None]]) -> tuple[Item, ...]:
    """Return rows of sets as items."""
    return tuple(
        Item("set", path, title, shortened(description), count=count, version=version)
        for path, title, description, count, version in rows
    )


def prompt_items(
    rows: Iterable[tuple[str, str, str | None, str | None, str]],
) -> tuple[Item, ...]:
    """Return rows of prompts as items."""
    return tuple(
        Item(
            "prompt",
            path,
            description=shortened(json.loads(body)["metadata"]["description"]),
            version=version,
            state=(
                "new" if published is None else "published" if published == digest else "changed"
            ),
            digest=digest,
        )
        for path, digest, published, version, body in rows
    )


def shortened(text: str) -> str:
    """Return a description as it is listed: on one line, and cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _DESCRIBED else line[: _DESCRIBED - 1] + "…"


def check_limit(limit: int) -> None:
    """Refuse a number of items that no page has.

    Raises:
        InvalidInputError: for one below 1 or above ``MAX_LIMIT``.
    """
    if not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        msg = f"a limit is a number from 1 to {MAX_LIMIT:,}, found {limit}"
        raise InvalidInputError(msg, "Use limit=50 and the cursor of each page.")


def _position(cursor: str | None) -> str:
    """Return the path that a page begins behind: a cursor is the last one of the page before."""
    try:
        return parse_prefix(cursor or "").path
    except AddressError as error:
        msg = f"that is no cursor of a listing: {error.message}"
        raise InvalidInputError(msg, "Pass the cursor that the page before gave.") from error
