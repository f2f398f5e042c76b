"""Finding: from an address to the prompt, or the tree, that stands there."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.domain.address import (
    Address,
    DigestPrefix,
    Draft,
    Exact,
    InRange,
    Label,
    Latest,
    parse_selector,
)
from anvil_nb.domain.digest import short
from anvil_nb.domain.semver import Version
from anvil_nb.errors import NotFoundError, RefusedError
from anvil_nb.results.prompt import Prompt
from anvil_nb.store import drafts, entries, labels, objects, projects, sets, versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Selector
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Tree
    from anvil_nb.store.sets import SetRow


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A tree of a set, found: the draft, or a version.

    Args:
        row: The set.
        selector: ``draft`` or a version number: what the entries are kept under.
        version: The number; ``None`` for the draft.
        tree: The prompts.
    """

    row: SetRow
    selector: str
    version: str | None
    tree: Tree

    @property
    def address(self) -> str:
        """``project/set@selector``."""
        return f"{self.row.path}@{self.selector}"


def get(access: Access, address: Address) -> Prompt:
    """Return the prompt at ``address``.

    Raises:
        NotFoundError: when there is none, with what there is instead.
    """
    with access.engine.read() as tx:
        return get_in(access, tx, address)


def get_in(access: Access, tx: Transaction, address: Address) -> Prompt:
    """Return the prompt at ``address``, read in ``tx``; see ``get``."""
    access.check_organisation(address)
    selector = address.selector or Latest()
    key = _key(access, tx, address, selector)
    entry = key and entries.lookup(tx, access.organisation_id, f"{address.path}@{key}")
    if not entry and isinstance(selector, DigestPrefix):
        found = _by_content(access, tx, address, selector)
        if found is not None:
            return found
    if not entry:
        raise missing(access, tx, address)
    content = objects.get(tx, access.organisation_id, entry.digest)
    assert content is not None
    exact = Exact(Version.parse(entry.version)) if entry.version else Draft()
    return Prompt(
        address.with_selector(exact),
        content,
        version=entry.version,
        tree=entry.tree,
        partials=partials_of(access, tx, address.set_path, entry.version or "draft", content),
        clock=access.clock,
    )


def _key(access: Access, tx: Transaction, address: Address, selector: Selector) -> str | None:
    """Return what the entries of ``selector`` are kept under, or ``None`` when there is none."""
    if isinstance(selector, InRange):
        known = versions.numbers(tx, access.organisation_id, address.set_path)
        highest = selector.range.highest(map(Version.parse, known))
        return None if highest is None else str(highest)
    if isinstance(selector, DigestPrefix):
        row = sets.by_path(tx, access.organisation_id, address.set_path)
        return None if row is None else _version_of_digest(tx, row, selector)
    return str(selector)


def _version_of_digest(tx: Transaction, row: SetRow, selector: DigestPrefix) -> str | None:
    found = versions.by_digest(tx, row.id, selector.text)
    if len({digest for digest, _ in found}) > 1:
        msg = f"'{selector}' is the beginning of several versions' digests in {row.path}"
        raise RefusedError(msg, "Give more digits.")
    return found[0][1] if found else None


def _by_content(
    access: Access, tx: Transaction, address: Address, selector: DigestPrefix
) -> Prompt | None:
    """Return the prompt as any content it ever had in the draft."""
    row = sets.by_path(tx, access.organisation_id, address.set_path)
    prompt_id = row and address.prompt and drafts.last_id_of(tx, row.id, address.prompt)
    if not row or not prompt_id:
        return None
    found = drafts.digests_of(tx, row.id, prompt_id, selector.text)
    if len(found) > 1:
        msg = f"'{selector}' is the beginning of several digests of {address.path}"
        raise RefusedError(msg, "Give more digits.")
    content = objects.get(tx, access.organisation_id, found[0]) if found else None
    if content is None:
        return None
    partials = partials_of(access, tx, address.set_path, entries.DRAFT, content)
    return Prompt(
        address, content, version=None, tree=None, partials=partials, clock=access.clock
    )


def partials_of(
    access: Access, tx: Transaction, set_path: str, key: str, *contents: Content
) -> dict[str, Content]:
    """Return all contents that the partials of ``contents`` reach in a tree, by name.

    Args:
        access: Whose store.
        tx: Where to read.
        set_path: ``project/set``.
        key: ``draft`` or a version number.
        contents: Where to start.
    """
    reached: dict[str, Content] = {}
    wanted = _names(contents)
    while wanted := wanted - reached.keys():
        addresses = {f"{set_path}/{name}@{key}": name for name in wanted}
        found = entries.lookup_many(tx, access.organisation_id, addresses)
        by_digest = objects.get_many(
            tx, access.organisation_id, (entry.digest for entry in found.values())
        )
        fresh = {addresses[at]: by_digest[entry.digest] for at, entry in found.items()}
        if not fresh:
            break
        reached |= fresh
        wanted = _names(fresh.values())
    return reached


def _names(contents: Iterable[Content]) -> set[str]:
    from anvil_nb.domain.template import parse  # noqa: PLC0415 - loads the parser

    # Nearly all prompts have no partials, and need not be parsed to be found.
    return {
        name
        for one in contents
        if one.syntax == "liquid" and "render" in one.template
        for name in parse(one.template).partials
    }


def snapshot(
    access: Access, tx: Transaction, address: Address, *, default: Selector
) -> Snapshot:
    """Return the tree at a set's address.

    Raises:
        NotFoundError: when there is no such set, version or label.
    """
    access.check_organisation(address)
    row = set_row(access, tx, address)
    selector = address.selector or default
    if isinstance(selector, Draft):
        return Snapshot(row, entries.DRAFT, None, entries.tree(tx, row.id, entries.DRAFT))
    number = version_number(access, tx, row, address.with_selector(selector))
    return Snapshot(row, number, number, entries.tree(tx, row.id, number))


def version_number(access: Access, tx: Transaction, row: SetRow, address: Address) -> str:
    """Return the number of the version that a selector means.

    Raises:
        NotFoundError: when there is none.
    """
    from anvil_nb.domain.semver import latest  # noqa: PLC0415 - only here

    selector = address.selector
    known = versions.numbers(tx, access.organisation_id, row.path)
    found: str | None = None
    if isinstance(selector, Latest):
        highest = latest(map(Version.parse, known))
        found = None if highest is None else str(highest)
    elif isinstance(selector, Label):
        found = labels.of_set(tx, row.id).get(selector.name)
    elif isinstance(selector, Exact):
        found = str(selector) if str(selector) in known else None
    elif selector is not None:
        found = _key(access, tx, address, selector)
    if found is None:
        raise missing(access, tx, address.as_set())
    return found


def set_row(access: Access, tx: Transaction, address: Address) -> SetRow:
    """Return the set of an address.

    Raises:
        NotFoundError: when there is none.
    """
    row = sets.by_path(tx, access.organisation_id, address.set_path)
    if row is None:
        raise missing(access, tx, address)
    return row


def missing(access: Access, tx: Transaction, address: Address) -> NotFoundError:
    """Return the error that says which part of ``address`` is not there, and what is."""
    project = projects.by_slug(tx, access.organisation_id, address.project)
    if project is None:
        known = [row[0] for row in projects.page(tx, access.organisation_id, "", "", 1000)]
        return NotFoundError(
            f"there is no project '{address.project}'", _instead(address.project, known, "anvil ls")
        )
    row = sets.by_path(tx, access.organisation_id, address.set_path)
    if row is None:
        known = [one.path for one in sets.of_project(tx, project.id)]
        hint = _instead(address.set_path, known, f"anvil ls {address.project}")
        return NotFoundError(f"there is no prompt set '{address.set_path}'", hint)
    draft = entries.tree(tx, row.id, entries.DRAFT)
    if address.prompt is not None and address.prompt not in draft:
        hint = _instead(address.prompt, draft, f"anvil ls {address.set_path}")
        if isinstance(address.selector or Latest(), Draft):
            msg = f"there is no prompt '{address.prompt}' in the draft of {address.set_path}"
            return NotFoundError(msg, hint)
        if not _ever_published(tx, row, address.prompt):
            return NotFoundError(
                f"there is no prompt '{address.prompt}' in {address.set_path}", hint
            )
    return _missing_version(access, tx, row, address)


def _missing_version(
    access: Access, tx: Transaction, row: SetRow, address: Address
) -> NotFoundError:
    known = versions.numbers(tx, access.organisation_id, row.path)
    selector = address.selector or Latest()
    if not known:
        msg = f"{row.path} has no published version"
        return NotFoundError(
            msg, f"Try: anvil publish {row.path}   or read the draft: {address.path}@draft"
        )
    if isinstance(selector, Label):
        have = labels.of_set(tx, row.id)
        if selector.name in have:
            msg = f"'{address.prompt}' is not in {row.path}@{have[selector.name]} ({selector})"
            return NotFoundError(msg, f"Try: anvil diff {row.path}@{selector} {row.path}@draft")
        msg = f"{row.path} has no label '{selector}'"
        return NotFoundError(msg, _instead(selector.name, have, f"anvil log {row.path}"))
    if isinstance(selector, Exact) and str(selector) in known and address.prompt:
        msg = f"there is no prompt '{address.prompt}' in {row.path}@{selector}"
        return NotFoundError(msg, f"Try: anvil ls {row.path}@{selector}")
    if isinstance(selector, Latest) and address.prompt:
        msg = f"'{address.prompt}' is not in a published version of {row.path}"
        return NotFoundError(
            msg, f"Try: anvil publish {row.path}   or read the draft: {address.path}@draft"
        )
    some = ", ".join(str(one) for one in sorted(map(Version.parse, known), reverse=True)[:5])
    msg = f"{row.path} has no version {short(str(selector))}"
    return NotFoundError(msg, f"There are: {some}. Try: anvil log {row.path}")


def _ever_published(tx: Transaction, row: SetRow, slug: str) -> bool:
    return slug in entries.tree(tx, row.id, entries.LATEST) or bool(
        drafts.last_id_of(tx, row.id, slug)
    )


def _instead(name: str, known: Mapping[str, object] | Iterable[str], command: str) -> str:
    near = get_close_matches(name, list(known), 1, cutoff=0.5)
    return f"Did you mean '{near[0]}'?   Try: {command}" if near else f"Try: {command}"


def selector_or(text: str | None, default: Selector) -> Selector:
    """Return the selector that ``text`` writes, or ``default``."""
    return parse_selector(text) if text else default
