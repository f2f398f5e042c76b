"""Labels: naming versions, and the history of a set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.access import UnchangedError
from anvil_nb.catalog.lookup import locked_set, set_row, version_number
from anvil_nb.domain.address import Draft, check_label
from anvil_nb.domain.plan import plan_id
from anvil_nb.domain.prose import check_message
from anvil_nb.domain.selector import check_typed
from anvil_nb.errors import (
    InvalidInputError,
    LabelMovedError,
    NotFoundError,
    PlanMovedError,
    RefusedError,
)
from anvil_nb.results.done import Done
from anvil_nb.results.history import History, Move, Version
from anvil_nb.results.result import utc
from anvil_nb.store import entries, labels, versions
from anvil_nb.versions import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.labels import MoveRow
    from anvil_nb.store.sets import SetRow
    from anvil_nb.store.versions import VersionRow


def label(  # noqa: PLR0913 - what a move of a label may say
    access: Access,
    address: Address,
    name: str,
    *,
    message: str = "",
    expect: str | None = None,
    plan: str | None = None,
    dry_run: bool = False,
) -> Done:
    """Point a label to a version.

    Args:
        access: Whose store.
        address: Of the set, with the version; the latest where it has no selector.
        name: The label.
        message: Why, for the history.
        expect: The version it must point to now, or ``none``; anything goes when ``None``.
        plan: The id of the plan that was looked at; any plan goes when ``None``.
        dry_run: Only say what would be done.

    Raises:
        AddressError: for a name that reads as a version, a range, ``latest`` or ``draft``.
        NotFoundError: when there is no such version.
        RefusedError: for the draft, which no label can point to.
        LabelMovedError: when the label is not where it was expected.
        PlanMovedError: when the plan that was looked at does not hold any more.
    """
    check_label(name)
    check_message(message)
    if isinstance(address.selector, Draft):
        msg = "a label points to a published version, never to the draft"
        raise RefusedError(msg, f"Publish it first: anvil publish {address.set_path}")
    with access.write() as tx:
        row = locked_set(access, tx, address)
        number = version_number(access, tx, row, address)
        before = labels.of_set(tx, row.id).get(name)
        _check_expected(row.path, name, before, expect)
        made = _plan(row, name, before, number, plan)
        if dry_run or before == number:
            raise UnchangedError
        move = labels.MoveRow(name, before, number, message, access.actor.name, row.updated_at)
        labels.move(tx, access.actor, row, move)
        tree = entries.tree(tx, row.id, number)
        digest = versions.digest_of(tx, row.id, number)
        entries.replace(tx, access.actor, row, name, tree, version=number, tree_digest=digest)
        access.note("label", f"{row.path}@{name}", before, number)
    was = "" if before in (None, number) else f", which {'is' if dry_run else 'was'} {before}"
    done = "Already" if before == number else "Would label" if dry_run else "Labelled"
    said = f"{done} {row.path}@{number} as {name}{was}"
    data: dict[str, Json] = {
        "address": f"{row.path}@{name}",
        "label": name,
        "version": number,
        "previous": before,
    }
    return _planned(said, data, made) if dry_run else Done(said, data)


def unlabel(  # noqa: PLR0913 - what a move of a label may say
    access: Access,
    address: Address,
    name: str,
    *,
    message: str = "",
    expect: str | None = None,
    plan: str | None = None,
    dry_run: bool = False,
) -> Done:
    """Remove a label; its moves stay in the history.

    Raises:
        InvalidInputError: for an address with a selector: a label is the whole set's.
        NotFoundError: when there is no such label.
        LabelMovedError: when the label is not where it was expected.
        PlanMovedError: when the plan that was looked at does not hold any more.
    """
    check_typed(name, "a label")
    check_message(message)
    _check_whole(address, "a label is the whole set's", f"anvil unlabel {address.set_path} {name}")
    with access.write() as tx:
        row = locked_set(access, tx, address)
        before = labels.of_set(tx, row.id).get(name)
        if before is None:
            msg = f"{row.path} has no label '{name}'"
            raise NotFoundError(msg, f"Try: anvil log {row.path}")
        _check_expected(row.path, name, before, expect)
        made = _plan(row, name, before, None, plan)
        if dry_run:
            raise UnchangedError
        move = labels.MoveRow(name, before, None, message, access.actor.name, row.updated_at)
        labels.move(tx, access.actor, row, move)
        entries.replace(tx, access.actor, row, name, {}, version=None, tree_digest=None)
        access.note("unlabel", f"{row.path}@{name}", before)
    data: dict[str, Json] = {
        "address": row.path,
        "label": name,
        "version": None,
        "previous": before,
    }
    if dry_run:
        said = f"Would remove the label {name} from {row.path}; it points to {before}"
        return _planned(said, data, made)
    return Done(f"Removed the label {name} from {row.path}; it pointed to {before}", data)


def _planned(said: str, data: dict[str, Json], made: str) -> Done:
    return Done(f"{said}  plan {made}", {**data, "plan": made, "dry_run": True})


def _plan(
    row: SetRow, name: str, before: str | None, number: str | None, wanted: str | None
) -> str:
    """Return the id of the plan of a move; refuse another one that was looked at."""
    made = plan_id([str(row.id), "label", name, before, number])
    if wanted not in {None, made}:
        now = f"{name} points to {before or 'no version'} now, and would to {number or 'none'}"
        msg = f"the plan {wanted} does not hold any more: {now}"
        raise PlanMovedError(msg, f"See who moved it: anvil log {row.path}")
    return made


def _check_whole(address: Address, why: str, again: str) -> None:
    if address.selector is not None:
        msg = f"'{address}' names one state of the set, and {why}"
        raise InvalidInputError(msg, f"Try: {again}")


def _check_expected(path: str, name: str, before: str | None, expect: str | None) -> None:
    if expect is None or (before or NONE) == expect:
        return
    msg = f"the label '{name}' of {path} is at {before or 'no version'} now, not at {expect}"
    hint = f"See who moved it: anvil log {path}   To go on all the same: leave out expect=…"
    raise LabelMovedError(msg, hint)


def log(access: Access, address: Address) -> History:
    """Return the versions of a set and the moves of its labels, newest first.

    Raises:
        InvalidInputError: for an address with a selector: all versions are shown.
        NotFoundError: when there is no such set.
    """
    with access.read() as tx:
        return log_in(access, tx, address)[1]


def log_in(access: Access, tx: Transaction, address: Address) -> tuple[SetRow, History]:
    """Return a set and its history, read in ``tx``; see ``log``."""
    log_draft = f"--draft {address.path}"
    again = log_draft if isinstance(address.selector, Draft) else address.path
    _check_whole(address, "a log is of all versions", f"anvil log {again}")
    row = set_row(access, tx, address)
    points, moves = labels.of_set(tx, row.id), labels.moves(tx, row.id)
    return row, history_of(row, versions.of_set(tx, row.id), points, moves)


def history_of(
    row: SetRow,
    found: Iterable[VersionRow],
    points: Mapping[str, str],
    moves: Iterable[MoveRow],
) -> History:
    """Return the history of a set, of its rows: versions and moves are newest first."""
    pointing: dict[str, list[str]] = {}
    for name, number in points.items():
        pointing.setdefault(number, []).append(name)
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
