"""Publishing: from a draft to an immutable version, and forward again to an old one.

The number follows from what changed since the highest stable version. A request may go higher,
never lower. The same tree makes no new version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anvil_nb.access import UnchangedError
from anvil_nb.catalog.lookup import locked_set, snapshot_at, snapshot_of
from anvil_nb.catalog.validation import check, contents_of
from anvil_nb.domain.address import Draft
from anvil_nb.domain.change import Reason, bump_of
from anvil_nb.domain.digest import digest_of
from anvil_nb.domain.plan import plan_id
from anvil_nb.domain.prose import check_message
from anvil_nb.domain.semver import Bump, Version, latest, next_version
from anvil_nb.errors import (
    InvalidInputError,
    PlanMovedError,
    PublishRaceError,
    RefusedError,
    VersionTakenError,
)
from anvil_nb.results.history import Published
from anvil_nb.store import drafts, entries, versions
from anvil_nb.store.entries import DRAFT, LATEST
from anvil_nb.store.identity import new_id
from anvil_nb.versions import NONE
from anvil_nb.versions.comparison import differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.access import Access
    from anvil_nb.catalog.lookup import Snapshot
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Tree
    from anvil_nb.store.sets import SetRow
    from anvil_nb.store.versions import VersionRow

TREE_KIND = "tree/1"
"""What the digested form of a version calls itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a publisher asks for.

    Args:
        bump: At least this; what the changes call for when ``None``.
        version: Exactly this number.
        message: The changelog entry.
        expect: The latest version the publisher knew; ``none``, or nothing, when there was none.
            Anything goes when ``None``.
        plan: The id of the plan that was looked at; any plan goes when ``None``.
        dry_run: Only say what would be published.
    """

    bump: Bump | None = None
    version: Version | None = None
    message: str = ""
    expect: str | None = None
    plan: str | None = None
    dry_run: bool = False


def request(  # noqa: PLR0913 - what a publisher may say
    bump: str | None = None,
    version: str | None = None,
    message: str = "",
    expect: str | None = None,
    *,
    plan: str | None = None,
    dry_run: bool = False,
) -> Request:
    """Return a request from text.

    Raises:
        InvalidInputError: for an unknown bump, or both a bump and a version.
        VersionSyntaxError: for a version that is none.
    """
    if bump is not None and version is not None:
        msg = "a publish takes a bump or a version, not both"
        raise InvalidInputError(msg, "Leave out one of the two.")
    if bump is not None and bump.upper() not in Bump.__members__:
        msg = f"a bump is major, minor or patch, found '{bump}'"
        raise InvalidInputError(msg, "Try: bump='minor'")
    return Request(
        None if bump is None else Bump[bump.upper()],
        None if version is None else Version.parse(version),
        check_message(message),
        expect,
        plan,
        dry_run,
    )


def tree_digest(tree: Tree) -> str:
    """Return the digest of a tree: that of its names and the digests of their contents."""
    return digest_of(
        {"kind": TREE_KIND, "prompts": {name: leaf.digest for name, leaf in tree.items()}}
    )


def publish(access: Access, address: Address, wanted: Request) -> Published:
    """Publish the draft of a set.

    Raises:
        NotFoundError: when there is no such set.
        RefusedError: when the draft is empty or not sound, or the number asked for is too low.
        VersionTakenError: when the number stands for other content.
        PublishRaceError: when another publisher was first.
        PlanMovedError: when the plan that was looked at does not hold any more.
    """
    if not isinstance(address.selector, Draft | None):
        msg = f"only the draft can be published, and {address} is a version already"
        hint = f"Try: anvil publish {address.set_path}   or: anvil rollback {address}"
        raise RefusedError(msg, hint)
    with access.write() as tx:
        row = locked_set(access, tx, address)
        found = snapshot_of(access, tx, row, address, default=Draft())
        if not found.tree:
            msg = f"the draft of {row.path} is empty"
            raise RefusedError(msg, f"Save a prompt first: anvil save {row.path}/NAME FILE")
        contents = contents_of(access, tx, found)
        _check_sound(row, contents)
        made = _publish(access, tx, found, contents, wanted, source=None)
        plan = plan_id([str(row.id), "publish", made.digest, made.previous, made.version])
        made = replace(made, plan=plan, dry_run=wanted.dry_run)
        _check_plan(wanted, made, row)
        if wanted.dry_run or not made.created:
            raise UnchangedError  # what was written is taken back: so a plan is exact
    return made


def _check_plan(wanted: Request, made: Published, row: SetRow) -> None:
    if wanted.plan in {None, made.plan}:
        return
    what = f"the draft of {row.path} has" if made.source is None else f"{made.source} was"
    now = f"it would publish {made.address} after {made.previous or 'no version'} now"
    if not made.created:
        now = f"what {what} is published already, as {made.address}"
    elif made.reset:
        now += ", and reset the draft"
    again = f"anvil publish {row.path}"
    if made.source is not None:
        again = f"anvil rollback {row.path}@{made.source}"
    msg = f"the plan {wanted.plan} does not hold any more: {now}"
    raise PlanMovedError(msg, f"Look again: {again} --dry-run")


def rollback(
    access: Access, address: Address, wanted: Request, *, draft: bool = False
) -> Published:
    """Publish the content of an old version again, as a new version.

    Args:
        access: Whose store.
        address: Of the set, with the version to go back to.
        wanted: As for ``publish``.
        draft: Reset the draft to that content too; the old draft stays in its history.

    Raises:
        NotFoundError: when there is no such version.
        RefusedError: when no version is named, or the number asked for is too low.
        PlanMovedError: when the plan that was looked at does not hold any more.
    """
    if address.selector is None or isinstance(address.selector, Draft):
        msg = "a rollback needs the version to go back to"
        raise RefusedError(msg, f"Try: anvil rollback {address.set_path}@1.0.0")
    with access.write() as tx:
        row = locked_set(access, tx, address)
        found = snapshot_of(access, tx, row, address, default=Draft())
        contents = contents_of(access, tx, found)
        made = _publish(access, tx, found, contents, wanted, source=found.version)
        before = tree_digest(entries.tree(tx, row.id, DRAFT)) if draft else None
        reset = draft and _reset_draft(access, tx, row, found)
        told: list[Json] = [
            str(row.id),
            "rollback",
            made.digest,
            made.previous,
            made.version,
            before,
        ]
        made = replace(made, reset=reset, plan=plan_id(told), dry_run=wanted.dry_run)
        _check_plan(wanted, made, row)
        if wanted.dry_run or (not made.created and not reset):
            raise UnchangedError
    return made


def _publish(  # noqa: PLR0913 - one version
    access: Access,
    tx: Transaction,
    found: Snapshot,
    contents: Mapping[str, Content],
    wanted: Request,
    *,
    source: str | None,
) -> Published:
    row = found.row
    known = {Version.parse(one.number): one for one in versions.of_set(tx, row.id)}
    top = latest(known)
    _check_race(row, wanted, top)
    digest = tree_digest(found.tree)
    same = _same(known, top, wanted, digest)
    if same is not None:
        return _published(row, same, top, source=source, created=False)
    before = None if top is None else snapshot_at(tx, row, str(top))
    reasons = () if before is None else _reasons(access, tx, before, contents)
    again = f"Try: anvil publish {row.path}"
    if source is not None:
        again = f"Try: anvil rollback {row.path}@{source}"
    number = _number(row, known, top, wanted, reasons, again=again)
    made = versions.VersionRow(
        id=new_id(),
        set_id=row.id,
        number=str(number),
        digest=digest,
        message=wanted.message,
        bump="first" if top is None else bump_of(reasons).name.lower(),
        reasons=tuple(map(str, reasons)),
        source=source,
        sequence=row.revision,
        published_by=access.actor.name,
        published_at=row.updated_at,
    )
    versions.insert(tx, access.actor, made)
    put = {"version": made.number, "tree_digest": digest}
    entries.put(tx, access.actor, row, made.number, found.tree, **put)
    if not number.is_prerelease:  # then it is the highest: a lower one is refused
        entries.replace(tx, access.actor, row, LATEST, found.tree, **put)
    was = None if top is None else known[top].digest
    access.note("publish" if source is None else "rollback", f"{row.path}@{number}", was, digest)
    return _published(row, made, top, source=source, created=True)


def _published(
    row: SetRow, made: VersionRow, top: Version | None, *, source: str | None, created: bool
) -> Published:
    return Published(
        address=f"{row.path}@{made.number}",
        version=made.number,
        digest=made.digest,
        previous=None if top is None else str(top),
        bump=made.bump,
        reasons=made.reasons if created else (),
        created=created,
        source=source,
    )


def _same(
    known: Mapping[Version, VersionRow], top: Version | None, wanted: Request, digest: str
) -> VersionRow | None:
    """Return the version that has this tree already and would come right before."""
    if wanted.version is not None and wanted.version in known:
        taken = known[wanted.version]
        return taken if taken.digest == digest else None
    prerelease = wanted.version is not None and wanted.version.is_prerelease
    before = max(known, default=None) if prerelease else top
    if before is not None and known[before].digest == digest:
        return known[before]
    return None


def _check_race(row: SetRow, wanted: Request, top: Version | None) -> None:
    now = NONE if top is None else str(top)
    if wanted.expect is not None and (wanted.expect or NONE) != now:
        at = "no version" if top is None else now
        msg = f"{row.path} is at {at} now, not at {wanted.expect or NONE}"
        hint = f"See what was published: anvil log {row.path}   To go on all the same: "
        raise PublishRaceError(msg, f"{hint}leave out expect=…")


def _check_sound(row: SetRow, contents: Mapping[str, Content]) -> None:
    for name, content in contents.items():
        if content.syntax == "plain" or "render" not in content.template:
            continue  # it parsed when it was saved, and it depends on no other prompt
        for error in check(content, contents).errors:
            msg = f"{row.path}/{name} is not sound: {error}"
            raise RefusedError(msg, f"Try: anvil validate {row.path}")


def _reasons(
    access: Access, tx: Transaction, before: Snapshot, contents: Mapping[str, Content]
) -> tuple[Reason, ...]:
    _, _, found = differences(contents_of(access, tx, before), contents)
    return tuple(reason for _, _, reasons in found for reason in reasons)


def _number(  # noqa: PLR0913 - what a number follows from
    row: SetRow,
    known: Mapping[Version, VersionRow],
    top: Version | None,
    wanted: Request,
    reasons: tuple[Reason, ...],
    *,
    again: str,
) -> Version:
    """Return the number to publish under; ``known`` has no version of this content to return."""
    needed = bump_of(reasons)
    # Before the first release: the one that its prereleases announced.
    lowest = max(known).core if known and top is None else next_version(top, needed)
    if wanted.version is not None:
        chosen = wanted.version
    elif top is not None and wanted.bump is not None:
        chosen = next_version(top, wanted.bump)
    else:
        chosen = lowest
    if chosen in known:
        msg = f"{row.path}@{chosen} was published with other content, which never changes"
        raise VersionTakenError(msg, f"The next free number is {lowest}. {again}")
    if top is not None and chosen.core < lowest:
        why = "; ".join(str(one) for one in reasons if one.bump == needed)
        msg = f"{chosen} is too low: the changes since {top} call for {lowest} at least"
        raise RefusedError(f"{msg}{': ' * bool(why)}{why}", again)
    return chosen


def _reset_draft(access: Access, tx: Transaction, row: SetRow, found: Snapshot) -> bool:
    """Make the draft what a version is; tell whether that changed it."""
    tree, before = found.tree, entries.tree(tx, row.id, DRAFT)
    changes = [
        drafts.Change(
            leaf.prompt_id,
            name,
            "reset",
            leaf.digest,
            before[name].digest if name in before else None,
        )
        for name, leaf in tree.items()
        if name not in before or before[name].digest != leaf.digest
    ]
    changes += [
        drafts.Change(leaf.prompt_id, name, "reset", None, leaf.digest)
        for name, leaf in before.items()
        if name not in tree
    ]
    if changes:
        entries.replace(tx, access.actor, row, DRAFT, tree, version=None, tree_digest=None)
        note = f"rollback to {found.version}"
        drafts.append(tx, access.actor, row, changes, message=note)
        access.note("reset", f"{row.path}@{DRAFT}", None, tree_digest(tree))
    return bool(changes)
