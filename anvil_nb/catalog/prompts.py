"""Drafts: saving, removing, renaming and copying prompts, and the history that keeps it all.

A save never loses text: what stood in the draft stays in its history, whatever is saved over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.catalog.groups import ensure_set
from anvil_nb.catalog.lookup import missing, set_row, snapshot
from anvil_nb.catalog.validation import draft_findings
from anvil_nb.domain.address import Draft
from anvil_nb.domain.digest import short
from anvil_nb.domain.frontmatter import split
from anvil_nb.domain.prompt import Content
from anvil_nb.errors import DraftConflictError, ExistsError, RefusedError
from anvil_nb.results.done import Done, Saved
from anvil_nb.results.history import DraftChange, DraftHistory
from anvil_nb.results.result import utc
from anvil_nb.store import drafts, entries, objects, sets
from anvil_nb.store.entries import DRAFT, Leaf
from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

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
        DeclarationError: when frontmatter or fields are not sound.
        DraftConflictError: when the draft is not what was expected; nothing is changed.
        RefusedError: when its partials would go in a circle.
    """
    access.check_organisation(address)
    _only_draft(address)
    assert address.prompt is not None
    document = split(text)
    said = {**(document.fields or {}), **(fields or {})}
    with access.engine.write() as tx:
        row = ensure_set(access, tx, address, access.now())
        path = f"{address.path}@{DRAFT}"
        entry = entries.lookup(tx, access.organisation_id, path)
        before = objects.get(tx, access.organisation_id, entry.digest) if entry else None
        old = before or Content("")
        content = _with_template(old, document.body).with_fields(said)
        _check_expected(address, expect, before, content)
        findings = draft_findings(access, tx, address.set_path, address.prompt, content)
        if before is None or before.digest != content.digest:
            prompt_id = entry.prompt_id if entry else _id_for(tx, row, address.prompt)
            _write(access, tx, row, address.prompt, prompt_id, before, content, message, "save")
    return Saved(path, content.digest, before.digest if before else None, findings.notes)


def _with_template(content: Content, template: str) -> Content:
    return Content(template, content.syntax, content.parameters, content.metadata)


def _check_expected(
    address: Address, expect: str | None, found: Content | None, ours: Content
) -> None:
    if expect is None:
        return
    now = found.digest if found else None
    wanted = None if expect == NEW else expect
    if now == wanted or now == ours.digest:
        return
    what = "is not there any more" if found is None else f"is {short(found.digest)} now"
    expected = "was not there" if wanted is None else f"was {short(wanted)}"
    msg = f"the draft of {address.path} {what}; it {expected} when it was read"
    hint = (
        f"Nothing was saved. Compare: anvil show {address.path}@draft   "
        f"History: anvil log --draft {address.path}   To save over it: --force"
    )
    raise DraftConflictError(
        msg,
        hint,
        expected=wanted,
        found=now,
        theirs=found.template if found else None,
        ours=ours.template,
    )


def _write(  # noqa: PLR0913 - one change of a draft
    access: Access,
    tx: Transaction,
    row: SetRow,
    name: str,
    prompt_id: UUID,
    before: Content | None,
    content: Content,
    message: str,
    action: str,
) -> None:
    sequence, now = sets.touch(tx, row.id, access.now())
    objects.put(tx, access.organisation_id, [content])
    entries.put(tx, access.actor, row, DRAFT, {name: Leaf(prompt_id, content.digest)})
    change = drafts.Change(
        prompt_id, name, action, content.digest, before.digest if before else None
    )
    drafts.append(tx, access.actor, row.id, sequence, [change], message=message, at=now)


def _id_for(tx: Transaction, row: SetRow, name: str) -> UUID:
    """Return the id of a name that is new in the draft: its last one, so that history goes on."""
    return drafts.last_id_of(tx, row.id, name) or new_id()


def remove(access: Access, address: Address, *, message: str = "") -> Done:
    """Remove a prompt from the draft; versions keep it, and so does the history.

    Raises:
        NotFoundError: when it is not in the draft.
    """
    access.check_organisation(address)
    _only_draft(address)
    assert address.prompt is not None
    with access.engine.write() as tx:
        row, leaf = _leaf(access, tx, address)
        sequence, now = sets.touch(tx, row.id, access.now())
        entries.remove(tx, row.id, DRAFT, [address.prompt])
        change = drafts.Change(leaf.prompt_id, address.prompt, "remove", None, leaf.digest)
        drafts.append(tx, access.actor, row.id, sequence, [change], message=message, at=now)
    undo = f"anvil restore {address.path} --to {short(leaf.digest)}"
    return Done(
        f"Removed {address.path} from the draft. To bring it back: {undo}",
        {"address": address.path, "digest": leaf.digest},
    )


def rename(access: Access, address: Address, new: str, *, message: str = "") -> Done:
    """Give a prompt of the draft another name; it keeps its id and its history.

    Raises:
        NotFoundError: when it is not in the draft.
        ExistsError: when the new name is taken.
    """
    target = address.with_prompt(new)
    access.check_organisation(address)
    _only_draft(address)
    assert address.prompt is not None
    with access.engine.write() as tx:
        row, leaf = _leaf(access, tx, address)
        _check_free(access, tx, target)
        sequence, now = sets.touch(tx, row.id, access.now())
        entries.remove(tx, row.id, DRAFT, [address.prompt])
        entries.put(tx, access.actor, row, DRAFT, {new: leaf})
        change = drafts.Change(leaf.prompt_id, new, "rename", leaf.digest, leaf.digest)
        note = message or f"was {address.prompt}"
        drafts.append(tx, access.actor, row.id, sequence, [change], message=note, at=now)
    return Done(
        f"Renamed {address.path} to {target.path}", {"address": target.path, "was": address.path}
    )


def copy(access: Access, address: Address, target: Address, *, message: str = "") -> Saved:
    """Copy a prompt, from the draft or any version, into a draft under another address.

    Raises:
        NotFoundError: when there is nothing to copy.
        ExistsError: when there is a prompt at the target already.
    """
    from anvil_nb.catalog.lookup import get_in  # noqa: PLC0415 - only here

    access.check_organisation(target)
    _only_draft(target)
    assert target.prompt is not None
    source = address.with_selector(address.selector or Draft())
    with access.engine.write() as tx:
        content = get_in(access, tx, source).content
        row = ensure_set(access, tx, target, access.now())
        _check_free(access, tx, target)
        findings = draft_findings(access, tx, target.set_path, target.prompt, content)
        prompt_id = _id_for(tx, row, target.prompt)
        note = message or f"from {source}"
        _write(access, tx, row, target.prompt, prompt_id, None, content, note, "copy")
    return Saved(f"{target.path}@{DRAFT}", content.digest, None, findings.notes)


def history(
    access: Access, address: Address, *, limit: int = 50, cursor: str | None = None
) -> DraftHistory:
    """Return the changes of a draft, or of one prompt in it under all its names, newest first.

    Raises:
        NotFoundError: when there is no such set, or the prompt never was in it.
    """
    access.check_organisation(address)
    before = int(cursor) if cursor and cursor.isdigit() else 2**62
    with access.engine.read() as tx:
        row = set_row(access, tx, address)
        found = drafts.log(tx, row.id, address.prompt, before, limit + 1)
        if not found and address.prompt and cursor is None:
            raise missing(access, tx, address.with_selector(Draft()))
    changes = tuple(
        DraftChange(
            sequence=one.sequence,
            prompt=one.slug,
            action=one.action,
            digest=one.digest,
            previous=one.previous,
            message=one.message,
            actor=one.actor,
            at=utc(one.at),
        )
        for one in found[:limit]
    )
    more = str(changes[-1].sequence) if len(found) > limit else None
    return DraftHistory(address.path, changes, more)


def restore(access: Access, address: Address, digest: str, *, message: str = "") -> Saved:
    """Put a content that the draft once had back into it; what stands there stays in the history.

    Args:
        access: Whose store.
        address: Of the prompt.
        digest: As ``anvil log --draft`` shows it, or its beginning.
        message: Why, for the history.

    Raises:
        NotFoundError: when the draft never had it.
    """
    from anvil_nb.catalog.lookup import get_in  # noqa: PLC0415 - only here
    from anvil_nb.domain.address import DigestPrefix  # noqa: PLC0415 - only here

    access.check_organisation(address)
    _only_draft(address)
    assert address.prompt is not None
    wanted = digest if digest.startswith("sha256:") else f"sha256:{digest}"
    with access.engine.write() as tx:
        row = set_row(access, tx, address)
        content = get_in(access, tx, address.with_selector(DigestPrefix(wanted))).content
        entry = entries.lookup(tx, access.organisation_id, f"{address.path}@{DRAFT}")
        before = objects.get(tx, access.organisation_id, entry.digest) if entry else None
        prompt_id = entry.prompt_id if entry else _id_for(tx, row, address.prompt)
        if before is None or before.digest != content.digest:
            _write(access, tx, row, address.prompt, prompt_id, before, content, message, "restore")
    return Saved(f"{address.path}@{DRAFT}", content.digest, before.digest if before else None)


def _leaf(access: Access, tx: Transaction, address: Address) -> tuple[SetRow, Leaf]:
    found = snapshot(access, tx, address.as_set().with_selector(Draft()), default=Draft())
    leaf = found.tree.get(address.prompt or "")
    if leaf is None:
        raise missing(access, tx, address.with_selector(Draft()))
    return found.row, leaf


def _check_free(access: Access, tx: Transaction, target: Address) -> None:
    if entries.lookup(tx, access.organisation_id, f"{target.path}@{DRAFT}") is not None:
        msg = f"there is a prompt {target.path} already"
        raise ExistsError(msg, "Choose another name, or remove that one first.")


def _only_draft(address: Address) -> None:
    if address.selector is not None and not isinstance(address.selector, Draft):
        msg = f"only the draft can be changed, and {address} is a published version"
        raise RefusedError(msg, f"Try: {address.without_selector()}")
