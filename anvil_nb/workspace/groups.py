"""Making, showing, changing and deleting projects and prompt sets."""

# ruff: noqa: PLC0415 - a method imports its service when called: most programs use few of them

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.address import parse_set_address
from anvil_nb.errors import InvalidInputError
from anvil_nb.workspace.arguments import check_texts
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.domain.address import Address
    from anvil_nb.results.done import Done
    from anvil_nb.results.listing import Group


class Groups(State):
    """What is done with whole projects and whole sets."""

    def create_project(self, name: str, *, title: str = "", description: str = "") -> Group:
        """Make a project."""
        from anvil_nb.catalog import groups

        return groups.create_project(self._to_write, name, title=title, description=description)

    def project(self, name: str) -> Group:
        """Return a project and its sets."""
        from anvil_nb.catalog import groups

        return groups.show_project(self._access, name)

    def update_project(
        self,
        name: str,
        *,
        rename: str | None = None,
        title: str | None = None,
        description: str | None = None,
    ) -> Group:
        """Rename or describe a project; the addresses of its sets follow."""
        from anvil_nb.catalog import groups

        check_texts(rename=rename)
        return groups.update_project(
            self._access, name, rename=rename, title=title, description=description
        )

    def delete_project(self, name: str, *, force: bool = False, dry_run: bool = False) -> Done:
        """Delete a project; one with sets only by ``force``.

        Args:
            name: Of the project.
            force: Delete its sets and their versions too.
            dry_run: Only say what would go: the facts ``inside`` and ``force``.
        """
        from anvil_nb.catalog import deletion

        return deletion.delete_project(self._access, name, force=force, dry_run=dry_run)

    def create_set(self, address: str, *, title: str = "", description: str = "") -> Group:
        """Make a prompt set, and its project when that is new."""
        from anvil_nb.catalog import groups

        place = _set_only(address)
        return groups.create_set(self._to_write, place, title=title, description=description)

    def set(self, address: str) -> Group:
        """Return a set: its draft's prompts, its versions and labels."""
        from anvil_nb.catalog import groups

        return groups.show_set(self._access, _set_only(address))

    def update_set(
        self,
        address: str,
        *,
        rename: str | None = None,
        title: str | None = None,
        description: str | None = None,
    ) -> Group:
        """Rename or describe a set."""
        from anvil_nb.catalog import groups

        check_texts(rename=rename)
        return groups.update_set(
            self._access, _set_only(address), rename=rename, title=title, description=description
        )

    def delete_set(self, address: str, *, force: bool = False, dry_run: bool = False) -> Done:
        """Delete a set; one with published versions only by ``force``.

        Args:
            address: Of the set.
            force: Delete its published versions too.
            dry_run: Only say what would go: the facts ``inside`` and ``force``.
        """
        from anvil_nb.catalog import deletion

        return deletion.delete_set(self._access, _set_only(address), force=force, dry_run=dry_run)


def _set_only(address: str) -> Address:
    parsed = parse_set_address(address)
    if parsed.selector is not None:
        msg = f"'{address}' names a version, and a whole set was expected"
        raise InvalidInputError(msg, f"Try: {parsed.set_path}")
    return parsed
