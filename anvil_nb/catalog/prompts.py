"""Drafts: saving, removing, renaming and copying prompts.

A save never loses text: what stood in the draft stays in its history, whatever is saved over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.access import UnchangedError
from anvil_nb.catalog.groups import change_draft
from anvil_nb.catalog.lookup import get_in, locked_set, missing
from anvil_nb.catalog.validation import draft_notes
from anvil_nb.domain.address import DigestPrefix, Draft
from anvil_nb.domain.digest import is_digest_prefix, short
from anvil_nb.domain.frontmatter import join, split
from anvil_nb.domain.prompt import Content
from anvil_nb.domain.prose import check_message
from anvil_nb.domain.selector import check_typed
from anvil_nb.errors import DraftConflictError, ExistsError, InvalidInputError, RefusedError
from anvil_nb.results.done import Done, Saved
from anvil_nb.store import drafts, entries, objects
from anvil_nb.store.engine import UniqueViolationError
from anvil_nb.store.entries import DRAFT, Entry, Leaf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.sets import SetRow

NEW = "new"
"""What ``expect`` is when no prompt is expected at the address."""


def save(  # noqa: PLR0913 - what a save may say
    access: Access,
    address: Address,
    text: str,
    *,
    fields: Mapping[str, Any] | None = None,
    message: str = "",
    expect: str | None = None,
) -> Saved:
    """Save a prompt in the draft of its set; makes project and set when they are new.

    Args:
        access: Whose store.
        address: Of the prompt.
        text: The template, which may open with YAML frontmatter.
        fields: Metadata, ``parameters`` and ``syntax``, over what the frontmatter says. What
            neither names keeps what was declared before.
        message: Why, for the history.
        expect: The digest that the draft must have, or ``new``; anything goes when ``None``.

    Raises:
        TemplateSyntaxError: when the template does not parse.
        DeclarationError: when frontmatter or fields are not sound, or too large for frontmatter.
        DraftConflictError: when the draft is not what was expected; nothing is changed.
        RefusedError: when its partials would go in a circle.
    """
    only_draft(address)
    check_message(message)
    _check_expect(expect)
    document = split(text)
    said = {**(document.fields or {}), **(fields or {})}

    def change(tx: Transaction, row: SetRow) -> tuple[tuple[Saved, Content], bool]:
        entry, before = _standing(access, tx, address)
        old = before or Content("")
        template = Content(document.body, old.syntax, old.parameters, old.metadata)
        content = template.with_fields(said)
        if said:
            join(content.to_fields(), "")  # what no file could hold is refused here
        _check_expected(address, expect, before, content)
        notes = draft_notes(access, tx, address, content)
        saved = _saved(address, content, entry, notes)
        if saved.changed:
            _store(access, tx, content)
            _write(access, tx, row, address, content, was=entry, message=message, action="save")
        return (saved, content), saved.changed

    saved, content = change_draft(access, address, change)
    access.recent.keep(content.digest, content)
    return saved


def remove(
    access: Access, address: Address, *, message: str = "", expect: str | None = None
) -> Done:
    """Remove a prompt from the draft; versions keep it, and so does the history.

    Raises:
        NotFoundError: when it is not in the draft.
        DraftConflictError: when its digest is not the expected one; nothing is changed.
    """
    only_draft(address)
    check_message(message)
    _check_expect(expect)
    with access.write() as tx:
        row = locked_set(access, tx, address)
        entry = _entry(access, tx, address)
        _check_entry(access, tx, address, expect, entry)
        name = _name(address)
        entries.remove(tx, row.id, DRAFT, [name])
        change = drafts.Change(entry.prompt_id, name, "remove", None, entry.digest)
        drafts.append(tx, access.actor, row, [change], message=message)
        access.note("remove", address.path, entry.digest)
    undo = f"anvil restore {address.path} --to {short(entry.digest)}"
    return Done(
        f"Removed {address.path} from the draft. To bring it back: {undo}",
        {"address": address.path, "digest": entry.digest},
    )


def rename(
    access: Access, address: Address, new: str, *, message: str = "", expect: str | None = None
) -> Done:
    """Give a prompt of the draft another name; it keeps its id and its history.

    Raises:
        NotFoundError: when it is not in the draft.
        ExistsError: when the new name is taken.
        DraftConflictError: when its digest is not the expected one; nothing is changed.
        RefusedError: when partials would go in a circle under it.
    """
    check_message(message)
    with access.write() as tx:
        row = locked_set(access, tx, address)
        target, entry = check_rename(access, tx, address, new, expect=expect)
        entries.remove(tx, row.id, DRAFT, [_name(address)])
        entries.put(tx, access.actor, row, DRAFT, {new: Leaf(entry.prompt_id, entry.digest)})
        change = drafts.Change(entry.prompt_id, new, "rename", entry.digest, entry.digest)
        note = message or f"was {address.prompt}"
        drafts.append(tx, access.actor, row, [change], message=note)
        access.note("rename", f"{address.path} -> {target.path}", entry.digest, entry.digest)
    return Done(
        f"Renamed {address.path} to {target.path}", {"address": target.path, "was": address.path}
    )


def check_rename(
    access: Access, tx: Transaction, address: Address, new: str, *, expect: str | None = None
) -> tuple[Address, Entry]:
    """Return the new address of a prompt that may be renamed so, and what stands at the old one.

    Raises:
        AnvilError: as ``rename`` does.
    """
    target = address.with_prompt(new)
    only_draft(address)
    _check_expect(expect)
    entry = _entry(access, tx, address)
    _check_entry(access, tx, address, expect, entry)
    _check_free(access, tx, target)
    content = access.content(tx, entry.digest)
    draft_notes(access, tx, target, content)  # others may render the new name
    return target, entry


def copy(access: Access, address: Address, target: Address, *, message: str = "") -> Saved:
    """Copy a prompt, from the draft or any version, into a draft under another address.

    Raises:
        NotFoundError: when there is nothing to copy.
        ExistsError: when there is a prompt at the target already.
    """
    only_draft(target)
    check_message(message)
    source = address.with_selector(address.selector or Draft())

    def change(tx: Transaction, row: SetRow) -> tuple[Saved, bool]:
        content = get_in(access, tx, source).content
        _check_free(access, tx, target)
        notes = draft_notes(access, tx, target, content)
        note = message or f"from {source}"
        _write(access, tx, row, target, content, was=None, message=note, action="copy")
        return _saved(target, content, None, notes), True

    return change_draft(access, target, change)


def restore(access: Access, address: Address, digest: str, *, message: str = "") -> Saved:
    """Put a content that the draft once had back into it; what stands there stays in the history.

    Args:
        access: Whose store.
        address: Of the prompt.
        digest: As ``anvil log --draft`` shows it, or its beginning; with or without ``sha256:``.
        message: Why, for the history.

    Raises:
        AddressError: for what is no digest.
        NotFoundError: when the draft never had it.
        RefusedError: when its partials would go in a circle now.
    """
    only_draft(address)
    check_message(message)
    check_typed(digest, "a digest")
    wanted = DigestPrefix(digest if digest.startswith("sha256:") else f"sha256:{digest}")
    with access.write() as tx:
        row = locked_set(access, tx, address)
        content = get_in(access, tx, address.with_selector(wanted)).content
        entry = entries.lookup(tx, access.organisation_id, f"{address.path}@{DRAFT}")
        saved = _saved(address, content, entry, draft_notes(access, tx, address, content))
        if not saved.changed:
            raise UnchangedError
        _write(access, tx, row, address, content, was=entry, message=message, action="restore")
    return saved


def _saved(address: Address, content: Content, was: Entry | None, notes: tuple[str, ...]) -> Saved:
    previous = was.digest if was else None
    return Saved(f"{address.path}@{DRAFT}", content.digest, previous, notes)


def _standing(
    access: Access, tx: Transaction, address: Address
) -> tuple[Entry | None, Content | None]:
    """Return what stands in the draft."""
    draft = f"{address.path}@{DRAFT}"
    entry = tx.known.take_entry(access.organisation_id, draft)
    if entry is None:
        entry = entries.lookup(tx, access.organisation_id, draft)
    return entry, access.content(tx, entry.digest) if entry else None


def _entry(access: Access, tx: Transaction, address: Address) -> Entry:
    entry = entries.lookup(tx, access.organisation_id, f"{address.path}@{DRAFT}")
    if entry is None:
        raise missing(access, tx, address.with_selector(Draft()))
    return entry


def _store(access: Access, tx: Transaction, content: Content) -> None:
    """Store a content. Most are new; one that is not is tried again, and then known."""
    # A long text is never among the recent ones: it could be tried for ever.
    is_long = len(content.template) > objects.MAX_RECENT_CHARACTERS
    if is_long or access.recent.find(content.digest) is not None:
        objects.put(tx, access.organisation_id, [content])
        return
    try:
        objects.put_new(tx, access.organisation_id, content)
    except UniqueViolationError:
        access.recent.keep(content.digest, content)
        raise


def _write(  # noqa: PLR0913 - one change of a draft
    access: Access,
    tx: Transaction,
    row: SetRow,
    address: Address,
    content: Content,
    *,
    was: Entry | None,
    message: str,
    action: str,
) -> None:
    name = _name(address)
    prompt_id = was.prompt_id if was else drafts.id_for(tx, row.id, name)
    leaf = Leaf(prompt_id, content.digest)
    entries.put_one(tx, access.actor, row, DRAFT, name, leaf, new=was is None)
    previous = was.digest if was else None
    change = drafts.Change(prompt_id, name, action, content.digest, previous)
    drafts.append(tx, access.actor, row, [change], message=message)
    entry = Entry(row.id, prompt_id, content.digest, None, None)
    tx.known.leave(access.organisation_id, row, f"{address.path}@{DRAFT}", entry)
    access.note(action, address.path, previous, content.digest)


def _name(address: Address) -> str:
    return address.prompt or ""  # never empty: whoever changes a prompt has named one


def _check_expect(expect: str | None) -> None:
    if expect is not None and expect != NEW and not is_digest_prefix(expect):
        msg = f"what is expected is a digest or '{NEW}', found '{expect}'"
        raise InvalidInputError(
            msg, "Write sha256: and six digits or more of the digest that the prompt had."
        )


def _check_expected(
    address: Address, expect: str | None, found: Content | None, ours: Content
) -> None:
    if expect is None:
        return
    now = found.digest if found else None
    wanted = None if expect == NEW else expect
    if now == ours.digest or (now or NEW).startswith(expect):
        return
    what = "is not there any more" if found is None else f"is {short(found.digest)} now"
    expected = "was not there" if wanted is None else f"was {short(wanted)}"
    msg = f"the draft of {address.path} {what}; it {expected} when it was read"
    hint = (
        f"Nothing was saved. Compare: anvil show {address.path}@draft   "
        f"History: anvil log --draft {address.path}   To save over it: expect=None"
    )
    raise DraftConflictError(
        msg,
        hint,
        expected=wanted,
        found=now,
        theirs=found.template if found else None,
        ours=ours.template,
    )


def _check_entry(
    access: Access, tx: Transaction, address: Address, expect: str | None, entry: Entry
) -> None:
    """Refuse a change of a prompt that is not what was expected, where something was."""
    if expect is not None and not entry.digest.startswith(expect):
        content = access.content(tx, entry.digest)
        _check_expected(address, expect, content, Content(""))


def _check_free(access: Access, tx: Transaction, target: Address) -> None:
    if entries.lookup(tx, access.organisation_id, f"{target.path}@{DRAFT}") is not None:
        msg = f"there is a prompt {target.path} already"
        raise ExistsError(msg, f"Choose another name, or remove it: anvil rm {target.path}")


def only_draft(address: Address) -> None:
    """Refuse the address of a version, which never changes.

    Raises:
        RefusedError: for one.
    """
    if address.selector is not None and not isinstance(address.selector, Draft):
        msg = f"only the draft can be changed, and '@{address.selector}' means a version of it"
        raise RefusedError(msg, f"Try: {address.without_selector()}")
