"""Changing items: fields or whole files saved, removed, renamed, brought back.

What stood there before stays in the history, whatever is saved over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.access import MovedError, UnchangedError, again
from anvil_nb.domain.digest import is_digest_prefix, short
from anvil_nb.domain.filetree import digest_of_leaves
from anvil_nb.domain.items.composing import compose
from anvil_nb.domain.items.editing import edit
from anvil_nb.domain.items.kinds import NOUNS, check_key, check_kind
from anvil_nb.domain.items.parsing import parse
from anvil_nb.domain.items.renaming import rename as renamed
from anvil_nb.domain.prose import check_message
from anvil_nb.errors import (
    ExistsError,
    InvalidInputError,
    MovedSinceError,
    NotFoundError,
    RefusedError,
)
from anvil_nb.library.looking import files_of, missing, row_of
from anvil_nb.library.making import (
    FileBytes,
    NextItem,
    changed_item,
    place_of,
    prose_of,
    taken_names,
    whole_item,
)
from anvil_nb.results.done import Done
from anvil_nb.results.library import ItemSaved
from anvil_nb.store import blobs, items

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.items import ItemChange, ItemRow

NEW = "new"
"""What ``expect`` is when no item is expected at the key."""


def save_fields(  # noqa: PLR0913 - what a save may say
    access: Access,
    kind: str,
    key: str,
    changes: Mapping[str, Json],
    *,
    expect: str | None = None,
    message: str = "",
) -> ItemSaved:
    """Save fields of an item; one that is not there yet is made with them.

    Args:
        access: Whose store.
        kind: Of the item.
        key: Of the item.
        changes: New values by field; ``None`` takes a field away. A dot leads into a mapping.
        expect: The digest that must stand, or its beginning, or ``new``; anything goes when
            ``None``.
        message: Why, for the history.

    Raises:
        ItemError: for a field that cannot be changed so, or values that make no such item.
        MovedSinceError: when what stands is not what was expected; nothing is changed.
    """
    meant = check_kind(kind)
    check_key(meant, key)

    def make(tx: Transaction, row: ItemRow | None) -> NextItem:
        if row is None:
            files, place = compose(meant, key, changes, taken=taken_names(access, tx, meant, key))
            return changed_item(meant, {}, files, place, ())
        before = files_of(access, tx, row.leaves)
        changed = edit(meant, before, changes, place=row.place)
        return changed_item(meant, before, changed, row.place, row.leaves)

    return _save(access, meant, key, make, expect, message)


def save_files(  # noqa: PLR0913 - what a save may say
    access: Access,
    kind: str,
    key: str,
    files: Mapping[str, FileBytes],
    *,
    expect: str | None = None,
    message: str = "",
) -> ItemSaved:
    """Save the files of an item, all of them: others that it had are gone from it.

    Args:
        access: Whose store.
        kind: Of the item.
        key: Of the item; its files must say the same, or nothing.
        files: By their paths in the item.
        expect: As for ``save_fields``.
        message: Why, for the history.

    Raises:
        ItemError: when they are no such item.
        MovedSinceError: when what stands is not what was expected; nothing is changed.
    """
    meant = check_kind(kind)
    check_key(meant, key)

    def make(tx: Transaction, row: ItemRow | None) -> NextItem:
        place = row.place if row else place_of(meant, key, taken_names(access, tx, meant, key))
        return whole_item(meant, key, files, place)

    return _save(access, meant, key, make, expect, message)


def save_text(  # noqa: PLR0913 - what a save may say
    access: Access,
    kind: str,
    key: str,
    data: bytes,
    *,
    expect: str | None = None,
    message: str = "",
) -> ItemSaved:
    """Save the main file of an item; its other files stay.

    Prose without frontmatter becomes the instructions of a skill or the body of a page, and what
    these say otherwise stays.

    Args:
        access: Whose store.
        kind: Of the item.
        key: Of the item.
        data: The bytes of the file.
        expect: As for ``save_fields``.
        message: Why, for the history.

    Raises:
        ItemError: when it makes no such item.
        MovedSinceError: when what stands is not what was expected; nothing is changed.
    """
    meant = check_kind(kind)
    prose = prose_of(meant, data)
    if prose is not None:
        field = "instructions" if meant == "skill" else "body"
        changes: dict[str, Json] = {field: prose}
        return save_fields(access, meant, key, changes, expect=expect, message=message)
    check_key(meant, key)

    def make(tx: Transaction, row: ItemRow | None) -> NextItem:
        if row is None:
            files, place = compose(meant, key, {}, taken=taken_names(access, tx, meant, key))
            return whole_item(meant, key, {next(iter(files)): FileBytes(data)}, place)
        path = str(row.fields.get("file") or row.leaves[0].path)
        before = files_of(access, tx, row.leaves)
        return changed_item(meant, before, {path: data}, row.place, row.leaves)

    return _save(access, meant, key, make, expect, message)


def remove(
    access: Access, kind: str, key: str, *, expect: str | None = None, message: str = ""
) -> Done:
    """Remove an item; its history keeps it.

    Raises:
        NotFoundError: when it is not there.
        MovedSinceError: when what stands is not what was expected; nothing is changed.
    """
    meant = check_kind(kind)
    check_message(message)

    def write(_: int) -> ItemRow:
        with access.write() as tx:
            row = row_of(access, tx, meant, key)
            _check_expected(meant, key, row, expect)
            delete = items.ItemDelete(meant, key, row.digest)
            _settle(items.delete(tx, access.actor, access.now(), [delete], why=message))
        return row

    row = again(write)
    undo = f"anvil {meant} restore {key} --to {short(row.digest)}"
    return Done(
        f"Removed the {NOUNS[meant]} {key}. To bring it back: {undo}",
        {"kind": meant, "key": key, "digest": row.digest},
    )


def rename(access: Access, kind: str, key: str, new: str, *, message: str = "") -> Done:
    """Give an item another key, in its files where they say it; it keeps its id and history.

    Raises:
        NotFoundError: when it is not there.
        ExistsError: when another has the new key.
        ItemError: when it cannot be called so.
    """
    meant = check_kind(kind)
    check_message(message)

    def write(_: int) -> None:
        with access.write() as tx:
            row = row_of(access, tx, meant, key)
            before = files_of(access, tx, row.leaves)
            changed, place = renamed(meant, before, new, place=row.place)
            if new == key:
                raise UnchangedError
            if items.find(tx, access.organisation_id, meant, new) is not None:
                msg = f"there is a {NOUNS[meant]} '{new}' already"
                raise ExistsError(msg, f"See it: anvil {meant} show {new}")
            made = changed_item(meant, before, changed, place, row.leaves)
            _put(access, tx, new, made, row, message or f"was {key}")

    again(write)
    return Done(f"Renamed {key} to {new}", {"kind": meant, "key": new, "was": key})


def restore(access: Access, kind: str, key: str, to: str, *, message: str = "") -> ItemSaved:
    """Put what an item once was back; what stands there now stays in the history.

    Args:
        access: Whose store.
        kind: Of the item.
        key: That it has, or had.
        to: The digest, as ``log`` shows it, or its beginning; with or without ``sha256:``.
        message: Why, for the history.

    Raises:
        NotFoundError: when it never was that.
        RefusedError: for the beginning of several digests.
    """
    meant = check_kind(kind)
    wanted = to if to.startswith("sha256:") else f"sha256:{to}"
    if not is_digest_prefix(wanted):
        msg = f"'{to}' is no digest"
        raise InvalidInputError(msg, f"Use one that anvil {meant} log {key} shows.")
    check_message(message)

    def write(_: int) -> ItemSaved:
        with access.write() as tx:
            then = _was(access, tx, meant, key, wanted)
            row = items.find_by_id(tx, access.organisation_id, then.item_id)
            files = files_of(access, tx, then.leaves)
            made = NextItem(parse(meant, files, then.place), then.leaves, then.place, {})
            saved = _saved(meant, made, row)
            if saved.changed or (row is not None and row.key != made.parsed.key):
                _put(access, tx, made.parsed.key, made, row, message, item=then)
        return saved

    return again(write)


def _was(access: Access, tx: Transaction, kind: Kind, key: str, wanted: str) -> ItemChange:
    found = items.was(tx, access.organisation_id, kind, key, wanted)
    if len(found) > 1:
        msg = f"'{short(wanted)}' is the beginning of several digests of '{key}'"
        raise RefusedError(msg, "Give more digits.")
    if not found:
        if not items.log(tx, access.organisation_id, kind, key, None, 1):
            raise missing(access, tx, kind, key)
        msg = f"the {NOUNS[kind]} '{key}' never was {short(wanted)}"
        raise NotFoundError(msg, f"Try: anvil {kind} log {key}")
    return found[0]


def _save(  # noqa: PLR0913, PLR0917 - what every save is handed
    access: Access,
    kind: Kind,
    key: str,
    make: Callable[[Transaction, ItemRow | None], NextItem],
    expect: str | None,
    message: str,
) -> ItemSaved:
    check_message(message)
    if expect is not None and expect != NEW and not is_digest_prefix(expect):
        msg = f"'{expect}' is no digest"
        raise InvalidInputError(msg, f"Pass the digest of what stands there, or '{NEW}'.")

    def write(number: int) -> ItemSaved:
        saved: ItemSaved | None = None
        with access.write() as tx:
            if number:  # others are at it: one after the other from here on
                items.hold(tx, access.organisation_id, kind, key)
            row = items.find(tx, access.organisation_id, kind, key)
            _check_expected(kind, key, row, expect)
            made = make(tx, row)
            saved = _saved(kind, made, row)
            if not saved.changed:
                raise UnchangedError
            _put(access, tx, key, made, row, message)
        assert saved is not None
        return saved

    return again(write)


def _put(  # noqa: PLR0913, PLR0917 - an item, what it follows, and why
    access: Access,
    tx: Transaction,
    key: str,
    made: NextItem,
    row: ItemRow | None,
    message: str,
    *,
    item: ItemChange | None = None,
) -> None:
    blobs.put_blobs(tx, access.organisation_id, made.fresh)
    write = items.ItemWrite(
        made.parsed.kind,
        key,
        made.leaves,
        made.place,
        made.parsed.fields,
        row.digest if row else None,
        item_id=row.id if row else item.item_id if item else None,
        extra=item.extra if item and row is None else None,
    )
    _settle(items.write(tx, access.actor, access.now(), [write], why=message))


def _settle(written: list[items.Written]) -> None:
    """Begin again where another writer was first."""
    if written[0].taken:
        msg = f"another {NOUNS[check_kind(written[0].kind)]} is called '{written[0].key}' now"
        raise ExistsError(msg, "Rename that one first.")
    if not written[0].ok:
        raise MovedError


def _saved(kind: Kind, made: NextItem, row: ItemRow | None) -> ItemSaved:
    return ItemSaved(
        kind,
        made.parsed.key,
        digest_of_leaves(made.leaves),
        row.digest if row else None,
        made.parsed.notes,
    )


def _check_expected(kind: Kind, key: str, row: ItemRow | None, expect: str | None) -> None:
    if expect is None or (expect == NEW and row is None):
        return
    if row is not None and expect != NEW and row.digest.startswith(expect):
        return
    found = f"it is {short(row.digest)}" if row else "there is none"
    wanted = "none was expected" if expect == NEW else f"{short(expect)} was expected"
    raise MovedSinceError(
        f"the {NOUNS[kind]} '{key}' changed since it was read: {wanted}, and {found}",
        f"See what stands there: anvil {kind} show {key}"
        if row
        else f"See what it was: anvil {kind} log {key}",
    )
