"""Labels: naming versions, and the history of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import set_row, version_number
from anvil_nb.domain.address import Draft, Latest, check_label
from anvil_nb.errors import LabelMovedError, NotFoundError, RefusedError
from anvil_nb.results.done import Done
from anvil_nb.results.history import History, Move, Version
from anvil_nb.results.result import utc
from anvil_nb.store import entries, labels, sets, versions

if TYPE_CHECKING:
    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address

NONE = "none"
"""What ``expect`` is when the label is expected not to exist."""


def label(
    access: Access, address: Address, name: str, *, message: str = "", expect: str | None = None
) -> Done:
    """Point a label to a version.

    Args:
        access: Whose store.
        address: Of the set, with the version; the latest where it has no selector.
        name: The label.
        message: Why, for the history.
        expect: The version it must point to now, or ``none``; anything goes when ``None``.

    Raises:
        AddressError: for a name that reads as a version, a range, ``latest`` or ``draft``.
        NotFoundError: when there is no such version.
        RefusedError: for the draft, which no label can point to.
        LabelMovedError: when the label is not where it was expected.
    """
    check_label(name)
    if isinstance(address.selector, Draft):
        msg = "a label points to a published version, never to the draft"
        raise RefusedError(msg, f"Publish it first: anvil publish {address.set_path}")
    with access.engine.write() as tx:
        row = set_row(access, tx, address)
        sequence, now = sets.touch(tx, row.id, access.now())
        wanted = address.with_selector(address.selector or Latest())
        number = version_number(access, tx, row, wanted)
        before = labels.of_set(tx, row.id).get(name)
        _check_expected(row.path, name, before, expect)
        if before != number:
            move = labels.MoveRow(name, before, number, message, access.actor.name, now)
            labels.move(tx, access.actor, row.id, sequence, move)
            tree = entries.tree(tx, row.id, number)
            digest = next(one.digest for one in versions.of_set(tx, row.id) if one.number == number)
            entries.replace(
                tx, access.actor, row, name, tree, version=number, tree_digest=digest
            )
    was = "" if before in (None, number) else f", which was {before}"
    done = "Already" if before == number else "Labelled"
    return Done(
        f"{done} {row.path}@{number} as {name}{was}",
        {"address": f"{row.path}@{name}", "label": name, "version": number, "previous": before},
    )


def unlabel(
    access: Access, address: Address, name: str, *, message: str = "", expect: str | None = None
) -> Done:
    """Remove a label; its moves stay in the history.

    Raises:
        NotFoundError: when there is no such label.
        LabelMovedError: when the label is not where it was expected.
    """
    with access.engine.write() as tx:
        row = set_row(access, tx, address)
        sequence, now = sets.touch(tx, row.id, access.now())
        before = labels.of_set(tx, row.id).get(name)
        if before is None:
            msg = f"{row.path} has no label '{name}'"
            raise NotFoundError(msg, f"Try: anvil log {row.path}")
        _check_expected(row.path, name, before, expect)
        move = labels.MoveRow(name, before, None, message, access.actor.name, now)
        labels.move(tx, access.actor, row.id, sequence, move)
        entries.replace(tx, access.actor, row, name, {}, version=None, tree_digest=None)
    return Done(
        f"Removed the label {name} from {row.path}; it pointed to {before}",
        {"address": row.path, "label": name, "version": None, "previous": before},
    )


def _check_expected(path: str, name: str, before: str | None, expect: str | None) -> None:
    if expect is None or (before or NONE) == expect:
        return
    msg = f"the label '{name}' of {path} is at {before or 'no version'} now, not at {expect}"
    raise LabelMovedError(msg, f"See who moved it: anvil log {path}")


def log(access: Access, address: Address) -> History:
    """Return the versions of a set and the moves of its labels, newest first.

    Raises:
        NotFoundError: when there is no such set.
    """
    access.check_organisation(address)
    with access.engine.read() as tx:
        row = set_row(access, tx, address)
        pointing: dict[str, list[str]] = {}
        for name, number in labels.of_set(tx, row.id).items():
            pointing.setdefault(number, []).append(name)
        found = versions.of_set(tx, row.id)
        moves = labels.moves(tx, row.id)
    return History(
        row.path,
        tuple(
            Version(
                number=one.number,
                digest=one.digest,
                message=one.message,
                bump=one.bump,
                reasons=one.reasons,
                source=one.source,
                published_by=one.published_by,
                published_at=utc(one.published_at),
                labels=tuple(pointing.get(one.number, ())),
            )
            for one in found
        ),
        tuple(
            Move(
                one.name,
                one.from_version,
                one.to_version,
                one.message,
                one.moved_by,
                utc(one.moved_at),
            )
            for one in moves
        ),
    )
