"""Finding items: a page of a kind, one by its key, its files, its history."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING
from uuid import UUID

from anvil_nb.catalog.listing import check_limit
from anvil_nb.catalog.lookup import get_in
from anvil_nb.domain.address import parse_prompt_address
from anvil_nb.domain.items.kinds import NOUNS, check_kind
from anvil_nb.domain.items.parsing import Lazy, parse
from anvil_nb.errors import InvalidInputError, MissingValueError, NotFoundError, RefusedError
from anvil_nb.library import LIMIT
from anvil_nb.results.library import Item, ItemFile, ItemHistory, ItemLine, ItemPage, ItemStep
from anvil_nb.results.result import utc
from anvil_nb.store import blobs, items

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.items import ItemRow

_LISTED = 5


def ls(
    access: Access, kind: str, prefix: str = "", *, limit: int = LIMIT, cursor: str | None = None
) -> ItemPage:
    """List items of a kind in the order of their keys.

    Args:
        access: Whose store.
        kind: ``skill``, ``content``, ``agent`` or ``context``.
        prefix: How the keys begin.
        limit: Items on the page.
        cursor: From the page before.

    Raises:
        InvalidInputError: for a kind that is none, or a limit that is none.
    """
    meant = check_kind(kind)
    check_limit(limit)
    with access.read() as tx:
        rows = items.page(tx, access.organisation_id, meant, prefix, cursor, limit + 1)
    more = rows[limit - 1].key if len(rows) > limit else None
    return ItemPage(meant, tuple(map(_line, rows[:limit])), more)


def get(access: Access, kind: str, key: str, *, resolved: bool = False) -> Item:
    """Return an item.

    Args:
        access: Whose store.
        kind: Of the item.
        key: Of the item.
        resolved: Whether to read the prompt that an agent's system prompt names.

    Raises:
        NotFoundError: when there is none, or no such prompt.
        RefusedError: for a prompt that wants values.
    """
    meant = check_kind(kind)
    with access.read() as tx:
        row = row_of(access, tx, meant, key)
        notes = parse(meant, files_of(access, tx, row.leaves), row.place).notes
        prompt = _resolved(access, tx, row) if resolved else None
    return Item(
        kind=meant,
        key=row.key,
        id=str(row.id),
        digest=row.digest,
        fields=row.fields,
        files=row.leaves,
        place=row.place,
        extra=row.extra,
        notes=notes,
        created_at=utc(row.created_at),
        updated_at=utc(row.updated_at),
        updated_by=row.updated_by,
        resolved=prompt,
    )


def file(access: Access, kind: str, key: str, path: str) -> ItemFile:
    """Return one file of an item.

    Raises:
        NotFoundError: when there is no such item, or it has no such file.
    """
    meant = check_kind(kind)
    with access.read() as tx:
        row = row_of(access, tx, meant, key)
        leaf = next((one for one in row.leaves if one.path == path), None)
        if leaf is None:
            paths = [one.path for one in row.leaves]
            near = get_close_matches(path, paths, 1)
            msg = f"the {NOUNS[meant]} '{key}' has no file {path}"
            raise NotFoundError(msg, f"It has: {', '.join(near or paths[:_LISTED])}")
        data = blobs.need_blobs(tx, access.organisation_id, [leaf.digest])[leaf.digest]
    return ItemFile(meant, key, leaf, data)


def log(
    access: Access, kind: str, key: str, *, limit: int = LIMIT, cursor: str | None = None
) -> ItemHistory:
    """Return the changes of an item under all keys that it had, newest first.

    Raises:
        NotFoundError: when there never was one of that key.
        InvalidInputError: for a cursor that is none.
    """
    meant = check_kind(kind)
    check_limit(limit)
    after = _position(cursor)
    with access.read() as tx:
        found = items.log(tx, access.organisation_id, meant, key, after, limit + 1)
        if not found and cursor is None:
            raise missing(access, tx, meant, key)
    steps = tuple(
        ItemStep(
            key=one.key,
            action=one.action,
            digest=one.after,
            previous=one.before,
            message=one.why,
            actor=one.changed_by,
            at=utc(one.changed_at),
        )
        for one in found[:limit]
    )
    return ItemHistory(meant, key, steps, str(found[limit - 1].id) if len(found) > limit else None)


def row_of(access: Access, tx: Transaction, kind: Kind, key: str) -> ItemRow:
    """Return the row of an item.

    Raises:
        NotFoundError: when there is none, with what there is instead.
    """
    found = items.find(tx, access.organisation_id, kind, key)
    if found is None:
        raise missing(access, tx, kind, key)
    return found


def missing(access: Access, tx: Transaction, kind: Kind, key: str) -> NotFoundError:
    """Return the error for an item that is not there, with the nearest that is."""
    known = items.keys_of(tx, access.organisation_id, kind)
    near = get_close_matches(key, known, 1)
    msg = f"there is no {NOUNS[kind]} '{key}'"
    if near:
        return NotFoundError(msg, f"Did you mean {near[0]}?")
    if known:
        return NotFoundError(msg, f"There are: {', '.join(known[:_LISTED])}")
    return NotFoundError(msg, f"There are none yet. Make one: anvil {kind} save NAME FILE")


def files_of(access: Access, tx: Transaction, leaves: tuple[Leaf, ...]) -> Lazy:
    """Return the files of an item, each read when it is asked for."""

    def read(digest: str) -> bytes:
        return blobs.need_blobs(tx, access.organisation_id, [digest])[digest]

    return Lazy({leaf.path: leaf.digest for leaf in leaves}, read)


def _resolved(access: Access, tx: Transaction, row: ItemRow) -> str | None:
    """Return the text of an agent's system prompt, of the prompt that it names where it does."""
    address = row.fields.get("system_prompt_address")
    if not isinstance(address, str):
        said = row.fields.get("system_prompt")
        return said if isinstance(said, str) else None
    prompt = get_in(access, tx, parse_prompt_address(address))
    try:
        return prompt.render({}).to_text()
    except MissingValueError as error:
        raise RefusedError(
            f"the system prompt of '{row.key}' is {prompt.address}, which wants values: "
            f"{error.message}",
            "Give its parameters defaults, or name a prompt without required ones.",
        ) from error


def _line(row: ItemRow) -> ItemLine:
    said = (row.fields.get(name) for name in ("title", "display_name", "name"))
    title = next((one for one in said if isinstance(one, str) and one), "")
    if row.kind == "skill":
        title = str(row.fields.get("name") or "")
    return ItemLine(
        key=row.key,
        title=title,
        description=str(row.fields.get("description") or ""),
        enabled=row.fields.get("enabled") is not False and row.fields.get("public") is not False,
        files=len(row.leaves),
        digest=row.digest,
        updated_at=utc(row.updated_at),
        updated_by=row.updated_by,
    )


def _position(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(cursor)
    except ValueError as error:
        msg = "that is no cursor of an item's history"
        raise InvalidInputError(
            msg, "Pass the cursor that the page before gave, or none."
        ) from error
