"""Projects, sets and prompts as a tree, and beside it what is chosen: the other views too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anvil_nb import settings as configuration
from anvil_nb.access import acting_in
from anvil_nb.accounts.organisation import mine
from anvil_nb.catalog import groups
from anvil_nb.catalog.outline import outline
from anvil_nb.catalog.prompts import NEW
from anvil_nb.catalog.renderers import in_draft
from anvil_nb.domain.address import parse_prompt_address, parse_set_address
from anvil_nb.domain.naming import check_name
from anvil_nb.errors import InvalidInputError
from anvil_nb.widgets.calls import call, work
from anvil_nb.widgets.declaring import verbatim
from anvil_nb.widgets.opening import offered, opened, set_of
from anvil_nb.widgets.places import nearby
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from anvil_nb.catalog.outline import Outline
    from anvil_nb.domain.digest import Json
    from anvil_nb.results import html
    from anvil_nb.results.done import Done
    from anvil_nb.results.listing import Group
    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace

_SET, _PROMPT = 2, 3
"""How many names an address of each kind has."""


class BrowserView(View):
    """All that a store has, to look at, change and open.

    Args:
        workspace: Whose store is shown first.
    """

    name = "browser"
    title = "Prompts"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._stores = {self.ws.settings.store: self.ws}
        self._look()

    def _look(self) -> None:
        access = self.ws.access  # opens the store, which knows its generation from then on
        self._generation = self.ws.generation()
        self._outline: Outline = outline(access)

    def close(self) -> None:
        """Let go of every store that was shown."""
        super().close()
        for one in self._stores.values():
            if one is not self._handle:
                one.close()

    def state(self) -> dict[str, Json]:
        """Return projects and sets with counts; names of prompts come by a call."""
        access = self.ws.access
        return {
            "store": nearby(self.ws.location, self.ws.root),
            "location": self.ws.location,
            "organisation": access.actor.organisation,
            "organisations": [*mine(access)],
            "actor": access.actor.name,
            "generation": str(self._generation),
            "projects": [[name, title] for name, title in self._outline.projects.items()],
            "sets": [
                [one.address, one.title, len(one.draft), one.latest, len(one.versions)]
                for one in self._outline.sets
            ],
            "openers": offered(),
        }

    def to_html(self) -> html.Html:
        """Return the projects."""
        return self.ws.ls().to_html()

    def to_text(self) -> str:
        """Return the projects."""
        return self.ws.ls().to_text()

    @call
    def names(self) -> Json:
        """Return the names of the prompts in each set's draft."""
        return [[one.address, [*one.draft]] for one in self._outline.sets]

    @call
    def generation(self) -> str:
        """Return a text that is another after each write: a number that no browser can hold."""
        return str(self.ws.generation())

    @call
    def refresh(self) -> Json:
        """Return what is true now, with the names."""
        self._look()
        self.changed()
        return {**self.state(), "names": self.names()}

    @call
    def show(self, address: str) -> Json:
        """Return what is known of a project, a set or a prompt."""
        if len(address.split("/")) < _PROMPT:
            return _group(self.ws, address).to_json()
        prompt = self.ws.get(f"{address}@draft")
        found = prompt.to_json()
        assert isinstance(found, dict)
        name = address.rpartition("/")[2]
        versions: list[Json] = [
            number
            for one in self._outline.sets
            if one.address == set_of(address)
            for number, names in one.versions.items()
            if name in names
        ]
        return {**found, "kind": "prompt", "address": address, "versions": versions[::-1]}

    @call
    def open_view(self, name: str, address: str = "") -> Json:
        """Open another view at an address; return what the page mounts it by.

        What another has deleted or renamed meanwhile is not opened: the editor would begin it anew.
        """
        if len(address.split("/")) == _PROMPT:
            self.ws.get(f"{address}@draft")
        return self.open(opened(self.ws, name, address))

    @call
    def create(self, name: str, inside: str = "", title: str = "", template: str = "") -> Json:
        """Make a project; in a project a set, and in a set a prompt. What it is in must be there.

        Returns what is true then, with the ``address`` of what was made.
        """
        kind = ("project", "set", "prompt")[len(inside.split("/")) if inside else 0]
        name = check_name(name.strip(), f"{kind} name")
        address = f"{inside}/{name}" if inside else name
        if inside:
            _group(self.ws, inside)  # another may have deleted it meanwhile
        if kind == "project":
            self.ws.create_project(name, title=title)
        elif kind == "set":
            self.ws.create_set(address, title=title)
        else:
            self.ws.save(address, template, expect=NEW, message="created")
        return self._refreshed(address)

    @call
    def rename(self, address: str, name: str) -> Json:
        """Give another name; the addresses of what is in it follow.

        Returns what is true then, with its new ``address``.
        """
        names = address.split("/")
        name = check_name(name.strip(), "name")
        if len(names) == 1:
            self.ws.update_project(address, rename=name)
        elif len(names) == _SET:
            self.ws.update_set(address, rename=name)
        else:
            self.ws.rename(address, name)
        return self._refreshed("/".join([*names[:-1], name]))

    @work
    def rendered_by(self, job: Job, address: str) -> Json:
        """Return the prompts that render one by its name, which another name would break."""
        job.progress("finding out who renders it")
        place = parse_prompt_address(address)
        return [*in_draft(self.ws.access, place)[1]]

    def _refreshed(self, address: str) -> Json:
        found = self.refresh()
        assert isinstance(found, dict)
        return {**found, "address": address}

    @call
    def describe(
        self, address: str, description: str, title: str = "", was: dict[str, str] | None = None
    ) -> Json:
        """Say what a project, a set or a prompt is.

        ``was`` are the ``title`` and ``description`` that the page has seen: when others stand
        there by now, nothing is changed.
        """
        names = address.split("/")
        if len(names) < _PROMPT:
            access, read = self.ws.access, None
            if was is not None:
                read = (was["title"], was["description"])
            if len(names) == 1:
                groups.update_project(
                    access, address, title=title, description=description, was=read
                )
            else:
                place = parse_set_address(address)
                groups.update_set(access, place, title=title, description=description, was=read)
        else:
            found = self.ws.get(f"{address}@draft")
            if was is not None and was["description"] != (found.metadata.description or ""):
                raise groups.described_meanwhile(address)
            self.ws.save(
                address,
                verbatim(found.template),
                metadata={"description": description or None},
                expect=found.digest,
                message="described",
            )
        return self.refresh()

    @work
    def what_goes(self, job: Job, address: str) -> Json:
        """Return what a deletion would take, who renders it, and whether it has to be meant."""
        job.progress("finding out what goes, and who renders it")
        said = self._delete(address, dry_run=True)
        job.check()
        return said.to_json()

    @work
    def delete(self, job: Job, address: str, *, force: bool = False) -> Json:
        """Delete it; a project with sets, and a set with versions, only by ``force``."""
        job.check()
        job.finishes("It is being deleted, which ends whole")
        said = self._delete(address, force=force)
        found = self.refresh()
        assert isinstance(found, dict)
        return {**found, "said": said.message}

    def _delete(self, address: str, *, force: bool = False, dry_run: bool = False) -> Done:
        names = address.split("/")
        if len(names) == 1:
            return self.ws.delete_project(address, force=force, dry_run=dry_run)
        if len(names) == _SET:
            return self.ws.delete_set(address, force=force, dry_run=dry_run)
        return self.ws.remove(address, dry_run=dry_run)

    @call
    def switch_organisation(self, organisation: str) -> Json:
        """Show another organisation of the store."""
        access = acting_in(self.ws.access, organisation)
        settings = replace(self.ws.settings, organisation=organisation)
        self.ws = self.ws.acting_as(access, settings)  # it closes with the store
        return self.refresh()

    @work
    def switch_store(self, job: Job, store: str) -> Json:
        """Show another store: the path of a file, or a URL without a password."""
        job.progress("opening the store")
        store = store.strip()
        if not store:
            raise InvalidInputError("no store was named", "Type the path of a file, or a URL.")
        start = self.ws.root or self.ws.settings.services.parent
        settings = configuration.resolve(start, store=store, actor=self.ws.access.actor.name)
        # One that was shown stays held, since views of it may be open.
        if (held := self._stores.get(settings.store)) is None:
            held = type(self.ws)(settings, create=False)
            try:
                outline(held.access)
                job.check()
            except BaseException:
                held.close()
                raise
            self._stores[settings.store] = held
        self.ws = held
        return self.refresh()


def _group(workspace: Workspace, address: str) -> Group:
    return workspace.set(address) if "/" in address else workspace.project(address)
