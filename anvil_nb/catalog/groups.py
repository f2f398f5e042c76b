"""Projects and prompt sets: creating, showing, renaming, describing, deleting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from anvil_nb.catalog.listing import prompt_items, set_items
from anvil_nb.catalog.lookup import missing, set_row
from anvil_nb.domain.address import Address, parse_project_name, parse_set_address
from anvil_nb.errors import ExistsError, NotFoundError, RefusedError
from anvil_nb.results.done import Done
from anvil_nb.results.listing import Group
from anvil_nb.results.result import utc
from anvil_nb.store import entries, labels, projects, sets, versions

if TYPE_CHECKING:
    from datetime import datetime

    from anvil_nb.access import Access
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.projects import ProjectRow
    from anvil_nb.store.sets import SetRow

_Row = TypeVar("_Row", "ProjectRow", "SetRow")


def create_project(access: Access, name: str, *, title: str = "", description: str = "") -> Group:
    """Make a project.

    Raises:
        ExistsError: when there is one of that name.
    """
    parse_project_name(name)
    with access.engine.write() as tx:
        if projects.by_slug(tx, access.organisation_id, name) is not None:
            raise _taken("project", name)
        projects.insert(tx, access.actor, name, title, description, access.now())
    return show_project(access, name)


def show_project(access: Access, name: str) -> Group:
    """Return a project and its sets.

    Raises:
        NotFoundError: when there is none of that name.
    """
    with access.engine.read() as tx:
        row = project_row(access, tx, name)
        return Group(
            kind="project",
            address=row.slug,
            title=row.title,
            description=row.description,
            created_at=utc(row.created_at),
            updated_at=utc(row.updated_at),
            items=set_items(sets.page(tx, access.organisation_id, f"{row.slug}/", "", 1000)),
        )


def update_project(
    access: Access,
    name: str,
    *,
    rename: str | None = None,
    title: str | None = None,
    description: str | None = None,
) -> Group:
    """Rename or describe a project; its sets' addresses follow.

    Raises:
        NotFoundError: when there is none of that name.
        ExistsError: when the new name is taken.
    """
    new = parse_project_name(rename or name)
    with access.engine.write() as tx:
        row = project_row(access, tx, name)
        if new != name and projects.by_slug(tx, access.organisation_id, new) is not None:
            raise _taken("project", new)
        now = max(access.now(), row.updated_at)
        projects.update(tx, _changed(row, new, title, description, now))
        if new != name:
            for one in sets.of_project(tx, row.id):
                _move_set(tx, one, f"{new}/{one.slug}", now)
    return show_project(access, new)


def delete_project(access: Access, name: str, *, force: bool = False) -> Done:
    """Delete a project.

    Raises:
        RefusedError: when it has sets, unless ``force``.
    """
    with access.engine.write() as tx:
        row = project_row(access, tx, name)
        inside = sets.of_project(tx, row.id)
        if inside and not force:
            published = versions.count_in_project(tx, row.id)
            have = f"{len(inside)} sets with {published} published versions"
            msg = f"project '{name}' has {have}"
            raise RefusedError(msg, f"To delete all of it: anvil project delete {name} --force")
        for one in inside:
            sets.delete(tx, one.id)
        projects.delete(tx, row.id)
    return Done(f"Deleted project {name}", {"project": name, "sets": len(inside)})


def create_set(
    access: Access, address: Address, *, title: str = "", description: str = ""
) -> Group:
    """Make a prompt set, and its project when that is new.

    Raises:
        ExistsError: when there is one at that address.
    """
    access.check_organisation(address)
    with access.engine.write() as tx:
        if sets.by_path(tx, access.organisation_id, address.set_path) is not None:
            raise _taken("set", address.set_path)
        ensure_set(access, tx, address, access.now(), title=title, description=description)
    return show_set(access, address)


def ensure_set(  # noqa: PLR0913 - what a new set is made of
    access: Access,
    tx: Transaction,
    address: Address,
    now: datetime,
    *,
    title: str = "",
    description: str = "",
) -> SetRow:
    """Return the set of an address, making it and its project when they are new."""
    row = sets.by_path(tx, access.organisation_id, address.set_path)
    if row is not None:
        return row
    project = projects.by_slug(tx, access.organisation_id, address.project)
    if project is None:
        project = projects.insert(tx, access.actor, address.project, "", "", now)
    return sets.insert(
        tx,
        access.actor,
        project.id,
        address.set_path,
        title=title,
        description=description,
        now=now,
    )


def show_set(access: Access, address: Address) -> Group:
    """Return a set: its draft's prompts, its versions and labels.

    Raises:
        NotFoundError: when there is none at that address.
    """
    access.check_organisation(address)
    with access.engine.read() as tx:
        row = set_row(access, tx, address)
        published = versions.of_set(tx, row.id)
        latest = next(iter(sets.page(tx, access.organisation_id, row.path, "", 1)))[4]
        return Group(
            kind="set",
            address=row.path,
            title=row.title,
            description=row.description,
            created_at=utc(row.created_at),
            updated_at=utc(row.updated_at),
            items=prompt_items(entries.page(tx, access.organisation_id, f"{row.path}/", "", 1000)),
            versions=len(published),
            latest=latest,
            labels=labels.of_set(tx, row.id),
        )


def update_set(
    access: Access,
    address: Address,
    *,
    rename: str | None = None,
    title: str | None = None,
    description: str | None = None,
) -> Group:
    """Rename or describe a set; ``rename`` is ``project/set`` or a name in the same project.

    Raises:
        NotFoundError: when there is none at that address, or no such project.
        ExistsError: when the new address is taken.
    """
    access.check_organisation(address)
    new = _new_path(address, rename)
    with access.engine.write() as tx:
        row = set_row(access, tx, address)
        _, now = sets.touch(tx, row.id, access.now())
        if new.set_path != row.path:
            if sets.by_path(tx, access.organisation_id, new.set_path) is not None:
                raise _taken("set", new.set_path)
            if new.project != address.project:
                msg = f"a set stays in its project, and {new.set_path} is in another"
                raise RefusedError(msg, f"Try: anvil copy {row.path} {new.set_path}")
            _move_set(tx, row, new.set_path, now)
            row = replace(row, path=new.set_path, slug=new.set)
        sets.update(tx, _changed(row, row.slug, title, description, now))
    return show_set(access, new)


def delete_set(access: Access, address: Address, *, force: bool = False) -> Done:
    """Delete a set with its draft, its versions and its history.

    Raises:
        RefusedError: when it has published versions, unless ``force``.
    """
    access.check_organisation(address)
    with access.engine.write() as tx:
        row = set_row(access, tx, address)
        count = len(versions.numbers(tx, access.organisation_id, row.path))
        if count and not force:
            msg = f"{row.path} has {count} published version{'s' * (count > 1)}"
            raise RefusedError(msg, f"To delete them too: anvil set delete {row.path} --force")
        sets.delete(tx, row.id)
    return Done(f"Deleted set {row.path}", {"set": row.path, "versions": count})


def project_row(access: Access, tx: Transaction, name: str) -> ProjectRow:
    """Return a project's row.

    Raises:
        NotFoundError: when there is none of that name.
    """
    parse_project_name(name)
    row = projects.by_slug(tx, access.organisation_id, name)
    if row is None:
        # The set's name is never looked at: the project is what is missing.
        found: NotFoundError = missing(access, tx, Address(None, name, "x"))
        raise found
    return row


def _new_path(address: Address, rename: str | None) -> Address:
    if not rename:
        return address.without_selector().as_set()
    return parse_set_address(rename if "/" in rename else f"{address.project}/{rename}")


def _move_set(tx: Transaction, row: SetRow, path: str, now: datetime) -> None:
    moved = replace(row, path=path, slug=path.partition("/")[2], updated_at=now)
    sets.update(tx, moved)
    entries.rename_set(tx, row.id, path)


def _changed(
    row: _Row, slug: str, title: str | None, description: str | None, now: datetime
) -> _Row:
    return replace(
        row,
        slug=slug,
        title=row.title if title is None else title,
        description=row.description if description is None else description,
        updated_at=now,
    )


def _taken(kind: str, name: str) -> ExistsError:
    msg = f"there is a {kind} '{name}' already"
    return ExistsError(msg, f"Choose another name, or look at it: anvil {kind} show {name}")
