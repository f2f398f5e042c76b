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
)
from anvil_nb.domain.digest import short
from anvil_nb.domain.reach import beyond_reach
from anvil_nb.domain.semver import Version, latest
from anvil_nb.errors import NotFoundError, RefusedError
from anvil_nb.results.prompt import Prompt
from anvil_nb.store import drafts, entries, labels, objects, projects, sets, versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Selector
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Tree
    from anvil_nb.store.sets import SetRow


_KNOWN = 1_000
"""The most names that a misspelt one is compared with."""
_LISTED = 5
"""The most names that a hint lists."""


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


def get_in(access: Access, tx: Transaction, address: Address) -> Prompt:
    """Return the prompt at ``address``, read in ``tx``.

    Raises:
        NotFoundError: when there is none, with what there is instead.
        RefusedError: for the beginning of several digests.
    """
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
    content = access.content(tx, entry.digest)
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
        return _highest(access, tx, address.set_path, selector)
    if isinstance(selector, DigestPrefix):
        row = sets.by_path(tx, access.organisation_id, address.set_path)
        return None if row is None else _version_of_digest(tx, row, selector)
    return str(selector)


def _highest(
    access: Access, tx: Transaction, set_path: str, selector: InRange | Latest
) -> str | None:
    known = map(Version.parse, versions.numbers(tx, access.organisation_id, set_path))
    found = latest(known) if isinstance(selector, Latest) else selector.range.highest(known)
    return None if found is None else str(found)


def _version_of_digest(tx: Transaction, row: SetRow, selector: DigestPrefix) -> str | None:
    found = versions.by_digest(tx, row.id, selector.text)
    if len({digest for digest, _ in found}) > 1:
        raise _ambiguous(selector, f"versions of {row.path}")
    return found[0][1] if found else None


def _by_content(
    access: Access, tx: Transaction, address: Address, selector: DigestPrefix
) -> Prompt | None:
    """Return the prompt as any content that the draft ever had at its name."""
    row = sets.by_path(tx, access.organisation_id, address.set_path)
    if row is None or address.prompt is None:
        return None
    found = drafts.digests_of(tx, row.id, address.prompt, selector.text)
    if len(found) > 1:
        raise _ambiguous(selector, f"contents of {address.path}")
    if not found:
        return None
    content = access.content(tx, found[0])
    partials = partials_of(access, tx, address.set_path, entries.DRAFT, content)
    return Prompt(address, content, version=None, tree=None, partials=partials, clock=access.clock)


def _ambiguous(selector: DigestPrefix, what: str) -> RefusedError:
    msg = f"'{selector}' is the beginning of the digests of several {what}"
    return RefusedError(msg, "Give more digits.")


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
        reached |= fresh
        if not fresh or beyond_reach((*contents, *reached.values())):
            break  # what is beyond is refused when it is parsed
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


def snapshot(access: Access, tx: Transaction, address: Address, *, default: Selector) -> Snapshot:
    """Return the tree at a set's address.

    Raises:
        NotFoundError: when there is no such set, version or label.
    """
    return snapshot_of(access, tx, set_row(access, tx, address), address, default=default)


def snapshot_of(
    access: Access, tx: Transaction, row: SetRow, address: Address, *, default: Selector
) -> Snapshot:
    """Return the tree of a set that was found already; see ``snapshot``."""
    selector = address.selector or default
    if isinstance(selector, Draft):
        return snapshot_at(tx, row, None)
    number = version_number(access, tx, row, address.with_selector(selector))
    return snapshot_at(tx, row, number)


def snapshot_at(tx: Transaction, row: SetRow, number: str | None) -> Snapshot:
    """Return the tree of a version that is there; ``None`` means the draft."""
    key = number or entries.DRAFT
    return Snapshot(row, key, number, entries.tree(tx, row.id, key))


def version_number(access: Access, tx: Transaction, row: SetRow, address: Address) -> str:
    """Return the number of the version that a selector means; the latest without one.

    Raises:
        NotFoundError: when there is none.
    """
    found = _number(access, tx, row, address.selector or Latest())
    if found is None:
        raise missing(access, tx, address.as_set())
    return found


def _number(access: Access, tx: Transaction, row: SetRow, selector: Selector) -> str | None:
    if isinstance(selector, Label):
        return labels.of_set(tx, row.id).get(selector.name)
    if isinstance(selector, DigestPrefix):
        return _version_of_digest(tx, row, selector)
    if isinstance(selector, InRange | Latest):
        return _highest(access, tx, row.path, selector)
    known = versions.numbers(tx, access.organisation_id, row.path)
    return str(selector) if str(selector) in known else None


def set_row(access: Access, tx: Transaction, address: Address) -> SetRow:
    """Return the set of an address.

    Raises:
        NotFoundError: when there is none, or it belongs to another organisation.
    """
    access.check_organisation(address)
    row = sets.by_path(tx, access.organisation_id, address.set_path)
    if row is None:
        raise missing(access, tx, address)
    return row


def locked_set(access: Access, tx: Transaction, address: Address) -> SetRow:
    """Return the set of an address, which from now on only this transaction changes.

    Every change of a set begins here, before it reads what it goes by.

    Raises:
        NotFoundError: when there is none, or it belongs to another organisation.
    """
    access.check_organisation(address)
    row = sets.lock_path(tx, access.organisation_id, address.set_path, access.now())
    if row is None:
        raise missing(access, tx, address)
    if access.expect is not None:
        access.check_state(sets.state_of(row.id, row.revision - 1))
    return row


def missing(access: Access, tx: Transaction, address: Address) -> NotFoundError:
    """Return the error that says which part of ``address`` is not there, and what is."""
    project = projects.by_slug(tx, access.organisation_id, address.project)
    if project is None:
        return missing_project(access, tx, address.project)
    row = sets.by_path(tx, access.organisation_id, address.set_path)
    if row is None:
        known = [one.slug for one in sets.of_project(tx, project.id)]
        return _missing_set(access, tx, address, known[:_KNOWN])
    draft = entries.tree(tx, row.id, entries.DRAFT)
    if address.prompt is not None:
        wants_draft = isinstance(address.selector, Draft)
        hint = _instead(address.prompt, draft, f"anvil ls {row.path}")
        if address.prompt in (str(Draft()), str(Latest())):
            hint = f"That is a selector, and stands behind a name: {row.path}/NAME@{address.prompt}"
        if not drafts.was_there(tx, row.id, address.prompt):
            where = f"the draft of {row.path}" if wants_draft else row.path
            return NotFoundError(f"there is no prompt '{address.prompt}' in {where}", hint)
        if wants_draft:
            msg = f"'{address.prompt}' is not in the draft of {row.path} any more"
            return NotFoundError(msg, f"See what became of it: anvil log --draft {address.path}")
    in_draft = address.prompt in draft
    return _missing_version(access, tx, row, address, in_draft=in_draft)


def missing_project(access: Access, tx: Transaction, name: str) -> NotFoundError:
    """Return the error for a project that is not there."""
    known = [row[0] for row in projects.page(tx, access.organisation_id, "", "", _KNOWN)]
    return NotFoundError(f"there is no project '{name}'", _instead(name, known, "anvil ls"))


def _missing_set(
    access: Access, tx: Transaction, address: Address, known: Sequence[str]
) -> NotFoundError:
    """Return the error for a set that is not there, in a project whose sets are ``known``."""
    hint = f"Try: anvil ls {address.project}"
    if near := _near_set(access, tx, address, known):
        at = "" if address.selector is None else f"@{address.selector}"
        hint = f"Did you mean '{near}{at}'?\n{hint}"
    elif known:
        some = ", ".join(known[:_LISTED]) + " …" * (len(known) > _LISTED)
        hint = f"{address.project} has: {some}.\n{hint}"
    return NotFoundError(f"there is no prompt set '{address.set_path}'", hint)


def _near_set(
    access: Access, tx: Transaction, address: Address, known: Sequence[str]
) -> str | None:
    """Return the address that one with a set that is not there was likely meant to be.

    That is the set of a similar name; for a prompt, the one in that set, or else the one of its
    name in another set of the project.
    """
    near = get_close_matches(address.set, known, 1)
    if address.prompt is None:
        return f"{address.project}/{near[0]}" if near else None
    paths = [f"{address.project}/{name}/{address.prompt}" for name in (*near, *known)]
    drafts_there = entries.lookup_many(
        tx, access.organisation_id, [f"{path}@{entries.DRAFT}" for path in paths]
    )
    there = [path for path in paths if f"{path}@{entries.DRAFT}" in drafts_there]
    if near and paths[0] not in there:
        return f"{address.project}/{near[0]}"
    return there[0] if there else None


def _missing_version(
    access: Access, tx: Transaction, row: SetRow, address: Address, *, in_draft: bool
) -> NotFoundError:
    """Return the error for a version that is not there, or that has no such prompt."""
    selector = address.selector or Latest()
    publish = f"Try: anvil publish {row.path}"
    if in_draft:
        publish += f"   or read the draft: {address.path}@draft"
    number = _number(access, tx, row, selector)
    if number is not None:
        where = f"{row.path}@{number}" + f" ({selector})" * (str(selector) != number)
        names = entries.tree(tx, row.id, number)
        log = f"anvil log --draft {address.path}"
        hint = publish if in_draft else _instead(str(address.prompt), names, log)
        return NotFoundError(f"there is no prompt '{address.prompt}' in {where}", hint)
    if isinstance(selector, DigestPrefix):
        msg = f"nothing at {address.path} has a digest that begins with {short(selector.text)}"
        log = f"anvil log --draft {address.path}" if address.prompt else f"anvil log {row.path}"
        return NotFoundError(msg, f"See which there are: {log}")
    if isinstance(selector, Label):
        words = [*labels.of_set(tx, row.id), *map(str, (Draft(), Latest()))]
        hint = _instead(selector.name, words, f"anvil log {row.path}")
        return NotFoundError(f"{row.path} has no label '{selector}'", hint)
    known = sorted(map(Version.parse, versions.numbers(tx, access.organisation_id, row.path)))
    if not known or isinstance(selector, Latest):
        what = "only prereleases" if known else "no published version"
        return NotFoundError(f"{row.path} has {what}", publish)
    some = ", ".join(map(str, known[: -_LISTED - 1 : -1]))
    msg = f"{row.path} has no version {selector}"
    return NotFoundError(msg, f"There are: {some}. Try: anvil log {row.path}")


def _instead(name: str, known: Mapping[str, object] | Iterable[str], command: str) -> str:
    near = get_close_matches(name, list(known), 1, cutoff=0.5)
    return f"Did you mean '{near[0]}'?\nTry: {command}" if near else f"Try: {command}"
