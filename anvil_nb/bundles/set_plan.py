"""Planning where one set of a bundle lands: in one of ours, in a new one, or nowhere.

A set of the bundle is ours when it has its id at the path it wants, or when it came here by an
import before, whatever it is called by now. Projects only hold sets: one of the same name is the
same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.bundles.landing import NewProject, NewSet, Origin, RenamedSet
from anvil_nb.results.exchange import Conflict
from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from anvil_nb.bundles.documents import SetDocument
    from anvil_nb.bundles.planning import Planning
    from anvil_nb.store.sets import SetRow

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a set of the bundle lands.

    Args:
        set_id: Of ours, or of the new one.
        path: As it is afterwards.
        row: Ours; ``None`` for a new one.
    """

    set_id: UUID
    path: str
    row: SetRow | None


def suffixed(name: str, number: int) -> str:
    """Return a name, or a path that ends with one, with ``-number`` behind it."""
    before, slash, last = name.rpartition("/")
    suffix = f"-{number}"
    return f"{before}{slash}{last[: _LONGEST_NAME - len(suffix)].rstrip('-')}{suffix}"


class SetPlan:
    """The plan for one set, which wants to go to the path ``wanted``."""

    def __init__(self, planning: Planning, document: SetDocument, wanted: str) -> None:
        self.planning, self.document, self.wanted = planning, document, wanted
        self.bundle, self.target, self.landing = planning.bundle, planning.target, planning.landing

    def destination(self) -> Destination | None:
        """Return where it lands: in one of ours, or in a new one; ``None`` for nowhere."""
        target, document, wanted = self.target, self.document, self.wanted
        origin = target.origins.get((document.id, wanted))
        if origin is not None and origin in target.by_id:
            return Destination(origin, target.by_id[origin].path, target.by_id[origin])
        ours = target.by_id.get(document.id)
        if ours is not None and ours.path == wanted:
            return Destination(ours.id, wanted, ours)
        set_id = document.id
        if ours is not None:
            if wanted == self.bundle.path_of(document):
                choice = self._id_conflict(ours)
                if choice in (None, "skip"):
                    self._left(choice)
                    return None
                if choice == "merge":
                    return self._joined(ours)
            set_id = new_id()
        elif document.id in target.taken:
            set_id = new_id()
        return self._named(set_id)

    def _named(self, set_id: UUID) -> Destination | None:
        """Find the path of a set that is new here."""
        wanted = path = self.wanted
        standing = self.target.by_path.get(wanted)
        if standing is not None:
            free = self.planning.free_path(wanted)
            choice = self._name_conflict(standing, free)
            if choice in (None, "skip"):
                self._left(choice)
                return None
            if choice == "merge":
                return self._joined(standing)
            if choice == "overwrite":
                self.landing.renamed.append(RenamedSet(standing.id, wanted, free))
                self.planning.step("rename", "prompt_set", wanted, f"ours becomes {free}")
            else:
                path = free
        return self._made(path, set_id)

    def _made(self, path: str, set_id: UUID) -> Destination:
        document, wanted = self.document, self.wanted
        self._ensure_project(path.partition("/")[0])
        self.landing.sets.append(NewSet(set_id, path, document.title, document.description))
        self.landing.origins.append(Origin(document.id, wanted, set_id))
        note = f"theirs is {wanted}" if path != wanted else ""
        self.planning.step("add", "prompt_set", path, note)
        return Destination(set_id, path, None)

    def _ensure_project(self, name: str) -> None:
        if name in self.target.projects or any(one.name == name for one in self.landing.projects):
            return
        theirs = self.bundle.projects[self.document.project_id]
        fresh = theirs.id in self.target.taken or theirs.id in {
            one.id for one in self.landing.projects
        }
        self.landing.projects.append(
            NewProject(new_id() if fresh else theirs.id, name, theirs.title, theirs.description)
        )
        self.planning.step("add", "project", name)

    def _joined(self, ours: SetRow) -> Destination:
        self.landing.origins.append(Origin(self.document.id, self.wanted, ours.id))
        return Destination(ours.id, ours.path, ours)

    def _left(self, choice: str | None) -> None:
        if choice == "skip":
            self.planning.step("keep", "prompt_set", self.wanted, "theirs is left out")

    def _id_conflict(self, ours: SetRow) -> str | None:
        path = self.bundle.path_of(self.document)
        new = f"theirs comes as a set of its own at {path}, under a new id"
        return self.planning.choose(
            Conflict(
                key=f"id:{path}",
                kind="id",
                address=path,
                message=f"the set that is {path} there has the id of {ours.path} here",
                base=None,
                ours=ours.path,
                theirs=path,
                choices={
                    "skip": f"{ours.path} stays as it is, and theirs is left out",
                    "overwrite": new,
                    "version": new,
                    "merge": f"they are one: its versions go into {ours.path}",
                },
            )
        )

    def _name_conflict(self, ours: SetRow, free: str) -> str | None:
        path = ours.path
        return self.planning.choose(
            Conflict(
                key=f"name:{path}",
                kind="name",
                address=path,
                message=f"there is another set {path} here, made apart from theirs",
                base=None,
                ours=f"{path}: {ours.title or 'no title'}",
                theirs=f"{path}: {self.document.title or 'no title'}",
                choices={
                    "skip": "ours stays as it is, and theirs is left out",
                    "overwrite": f"theirs becomes {path}, and ours {free}",
                    "version": f"ours stays {path}, and theirs becomes {free}",
                    "merge": f"they are one: its versions go into our {path}",
                },
            )
        )
