"""Projects and prompt sets: creating, showing, renaming, describing, deleting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from anvil_nb.access import MovedError, UnchangedError, again
from anvil_nb.catalog.listing import prompt_items, set_items
from anvil_nb.catalog.lookup import locked_set, missing_project, set_row
from anvil_nb.domain.address import Address, parse_project_name, parse_set_address
from anvil_nb.domain.prose import MAX_DESCRIPTION, MAX_TITLE, check_prose
from anvil_nb.domain.semver import Version, latest
from anvil_nb.errors import ConflictError, ExistsError, RefusedError
from anvil_nb.results.done import Done
from anvil_nb.results.listing import Group
from anvil_nb.results.result import utc
from anvil_nb.store import UniqueViolationError, entries, labels, projects, sets, versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.access import Access
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.projects import ProjectRow
    from anvil_nb.store.sets import SetRow

_SHOWN = 1_000
"""The most items that a project or set is shown with; listing them has pages."""

_T = TypeVar("_T")
_Row = TypeVar("_Row", "ProjectRow", "SetRow")


def create_project(access: Access, name: str, *, title: str = "", description: str = "") -> Group:
    """Make a project.

    Raises:
        ExistsError: when there is one of that name.
    """
    parse_project_name(name)
    _check_said(title, description)
    with access.write() as tx:
        said = {"title": title, "description": description}
        if projects.insert(tx, access.actor, name, **said, now=access.now()) is None:
            raise _taken("project", name)
        access.note("create", name)
    return show_project(access, name)


def show_project(access: Access, name: str) -> Group:
    """Return a project and its sets.

    Raises:
        NotFoundError: when there is none of that name.
    """
    with access.read() as tx:
        row = project_row(access, tx, name)
        return Group(
            kind="project",
            address=row.slug,
            title=row.title,
            description=row.description,
            created_at=utc(row.created_at),
            updated_at=utc(row.updated_at),
            items=set_items(sets.page(tx, access.organisation_id, f"{row.slug}/", "", _SHOWN)),
            count=sets.count(tx, row.id),
            id=str(row.id),
            state=row.state,
        )


def update_project(  # noqa: PLR0913 - what can be said of it
    access: Access,
    name: str,
    *,
    rename: str | None = None,
    title: str | None = None,
    description: str | None = None,
    was: tuple[str, str] | None = None,
) -> Group:
    """Rename or describe a project; its sets' addresses follow.

    Args:
        access: The actor's.
        name: The project's.
        rename: Its new name; none when ``None``.
        title: In place of what is there; as it is when ``None``.
        description: The same.
        was: Title and description that the caller has read; any when ``None``.

    Raises:
        NotFoundError: when there is none of that name.
        ExistsError: when the new name is taken.
        ConflictError: when another title or description than ``was`` stands there.
    """
    new = parse_project_name(name if rename is None else rename)
    _check_changes(title, description)
    with access.write() as tx:
        row = locked_project(access, tx, name)
        _check_read(row, was, row.slug)
        try:
            projects.update(tx, _changed(row, new, title, description))
        except UniqueViolationError as error:
            raise _taken("project", new) from error
        if new != name:
            sets.rename_project(tx, row.id, new, row.updated_at)
            entries.rename_project(tx, row.id)
        access.note("update", row.slug)
    return show_project(access, new)


def delete_project(access: Access, name: str, *, force: bool = False) -> Done:
    """Delete a project.

    Raises:
        RefusedError: when it has sets, unless ``force``.
    """
    with access.write() as tx:
        row = locked_project(access, tx, name)
        inside = sets.of_project(tx, row.id)
        if inside and not force:
            published = versions.count_in_project(tx, row.id)
            have = f"{counted(len(inside), 'set')} with {counted(published, 'version')}"
            msg = f"project '{name}' has {have}"
            raise RefusedError(msg, f"To delete all of it: anvil project delete {name} --force")
        for one in inside:
            # Behind this lock nobody is still writing what the deletion would not see.
            sets.lock(tx, one.id, access.now())
            sets.delete(tx, one.id)
        projects.delete(tx, row.id)
        access.note("delete", row.slug)
    return Done(f"Deleted project {name}", {"project": name, "sets": len(inside)})


def create_set(
    access: Access, address: Address, *, title: str = "", description: str = ""
) -> Group:
    """Make a prompt set, and its project when that is new.

    Raises:
        ExistsError: when there is one at that address.
    """
    access.check_organisation(address)
    _check_said(title, description)

    def create(_: int) -> None:
        with access.write() as tx:
            if not _inserted(access, tx, address, title, description):
                raise _taken("set", address.set_path)
            access.note("create", address.set_path)

    again(create)
    return show_set(access, address)


def change_draft(
    access: Access, address: Address, change: Callable[[Transaction, SetRow], tuple[_T, bool]]
) -> _T:
    """Change the draft of a set, which is made with its project when it is new.

    Args:
        access: Whose store.
        address: Of the set, or of a prompt in it.
        change: Is handed the set, locked; returns its result, and whether it changed anything.
            Called again, in another transaction, where another writer came between.

    Raises:
        NotFoundError: when the address belongs to another organisation.
    """
    access.check_organisation(address)

    def attempt(number: int) -> _T:
        with access.write() as tx:
            # Not at first: a set that just moved away is locked all the same, and whoever has
            # one locked must not wait for a project, since a project is locked before its sets.
            if number and sets.by_path(tx, access.organisation_id, address.set_path) is None:
                _inserted(access, tx, address, "", "")
            row = sets.lock_path(tx, access.organisation_id, address.set_path, access.now())
            if row is None:
                raise MovedError
            result, changed = change(tx, row)
            if not changed:
                raise UnchangedError
        return result

    return again(attempt)


def _inserted(
    access: Access, tx: Transaction, address: Address, title: str, description: str
) -> bool:
    """Add a set, and its project where that is new; tell whether it was not there yet.

    Raises:
        MovedError: when another writer renames or deletes the project at this moment.
    """
    now = access.now()
    projects.insert(tx, access.actor, address.project, title="", description="", now=now)
    found = projects.by_slug(tx, access.organisation_id, address.project)
    # While this is held the project is neither renamed nor deleted.
    project = found and projects.lock(tx, found.id, now)
    if not project or project.slug != address.project:
        raise MovedError
    made = sets.insert(
        tx,
        access.actor,
        project.id,
        address.set_path,
        title=title,
        description=description,
        now=now,
    )
    return made is not None


def show_set(access: Access, address: Address) -> Group:
    """Return a set: its draft's prompts, its versions and labels.

    Raises:
        NotFoundError: when there is none at that address.
    """
    with access.read() as tx:
        row = set_row(access, tx, address)
        known = [*map(Version.parse, versions.numbers(tx, access.organisation_id, row.path))]
        highest = latest(known)
        below = f"{row.path}/"
        return Group(
            kind="set",
            address=row.path,
            title=row.title,
            description=row.description,
            created_at=utc(row.created_at),
            updated_at=utc(row.updated_at),
            items=prompt_items(entries.page(tx, access.organisation_id, below, "", _SHOWN)),
            count=entries.count(tx, row.id, entries.DRAFT),
            versions=len(known),
            latest=None if highest is None else str(highest),
            labels=labels.of_set(tx, row.id),
            id=str(row.id),
            revision=row.revision,
            state=row.state,
        )


def update_set(  # noqa: PLR0913 - what can be said of it
    access: Access,
    address: Address,
    *,
    rename: str | None = None,
    title: str | None = None,
    description: str | None = None,
    was: tuple[str, str] | None = None,
) -> Group:
    """Rename or describe a set.

    Args:
        access: The actor's.
        address: The set's.
        rename: Its new name; ``project/set``, or a name in the same project.
        title: In place of what is there; as it is when ``None``.
        description: The same.
        was: Title and description that the caller has read; any when ``None``.

    Raises:
        NotFoundError: when there is none at that address.
        ExistsError: when the new address is taken.
        RefusedError: when the new address is in another project.
        ConflictError: when another title or description than ``was`` stands there.
    """
    new = _new_address(access, address, rename)
    _check_changes(title, description)
    with access.write() as tx:
        row = locked_set(access, tx, address)
        _check_read(row, was, row.path)
        try:
            moved = replace(_changed(row, new.set, title, description), path=new.set_path)
            sets.update(tx, moved)
        except UniqueViolationError as error:
            raise _taken("set", new.set_path) from error
        if new.set_path != row.path:
            entries.rename_set(tx, row.id)
        access.note("update", row.path)
    return show_set(access, new)


def delete_set(access: Access, address: Address, *, force: bool = False) -> Done:
    """Delete a set with its draft, its versions and its history.

    Raises:
        RefusedError: when it has published versions, unless ``force``.
    """
    with access.write() as tx:
        row = locked_set(access, tx, address)
        count = len(versions.numbers(tx, access.organisation_id, row.path))
        if count and not force:
            msg = f"{row.path} has {counted(count, 'version')}"
            raise RefusedError(msg, f"To delete all of it: anvil set delete {row.path} --force")
        sets.delete(tx, row.id)
        access.note("delete", row.path)
    return Done(f"Deleted set {row.path}", {"set": row.path, "versions": count})


def project_row(access: Access, tx: Transaction, name: str) -> ProjectRow:
    """Return a project's row.

    Raises:
        NotFoundError: when there is none of that name.
    """
    row = projects.by_slug(tx, access.organisation_id, parse_project_name(name))
    if row is None:
        raise missing_project(access, tx, name)
    return row


def locked_project(access: Access, tx: Transaction, name: str) -> ProjectRow:
    """Return a project's row, which from now on only this transaction changes.

    Raises:
        NotFoundError: when there is none of that name.
    """
    while True:
        row = project_row(access, tx, name)
        if access.expect is not None and (held := projects.hold(tx, row.id)) is not None:
            access.check_state(held.state)
        locked = projects.lock(tx, row.id, access.now())
        # Another writer may have renamed or deleted it between the two: then look again.
        if locked is not None and locked.slug == name:
            return locked


def _new_address(access: Access, address: Address, rename: str | None) -> Address:
    if rename is None:
        return address
    new = parse_set_address(rename if "/" in rename else f"{address.project}/{rename}")
    access.check_organisation(new)
    if new.selector is not None:
        msg = f"'{rename}' names a version, and a new name for the whole set was expected"
        raise RefusedError(msg, f"Try: {new.set_path}")
    if new.project != address.project:
        msg = f"a set stays in its project, and {new.set_path} would be in another"
        hint = f"Try: anvil write {address.set_path} DIR   then: anvil load DIR --into"
        raise RefusedError(msg, f"{hint} {new.set_path}")
    return new


def _changed(row: _Row, slug: str, title: str | None, description: str | None) -> _Row:
    return replace(
        row,
        slug=slug,
        title=row.title if title is None else title,
        description=row.description if description is None else description,
    )


def _check_said(title: str, description: str) -> None:
    check_prose("title", title, MAX_TITLE)
    check_prose("description", description, MAX_DESCRIPTION)


def _check_changes(title: str | None, description: str | None) -> None:
    _check_said("" if title is None else title, "" if description is None else description)


def _check_read(row: ProjectRow | SetRow, was: tuple[str, str] | None, place: str) -> None:
    if was is not None and was != (row.title, row.description):
        raise described_meanwhile(place)


def described_meanwhile(place: str) -> ConflictError:
    """Return the error for a description that was to replace one that nobody has seen."""
    msg = f"{place} was described by another meanwhile, and nothing was changed"
    return ConflictError(msg, "Look at what is said there now, then do it again.")


def _taken(kind: str, name: str) -> ExistsError:
    msg = f"there is a {kind} '{name}' already"
    return ExistsError(msg, f"Choose another name, or look at it: anvil {kind} show {name}")


def counted(number: int, noun: str) -> str:
    """Say how many there are of something; versions are called published."""
    published = "published " if noun == "version" else ""
    return f"{number:,} {published}{noun}{'s' * (number != 1)}"
