"""Planning an import: all of its sets, in the order of their paths, and what their plans share.

Each set has three: where it lands (``set_plan``), what comes of its versions (``version_plan``),
and of single prompts (``prompt_plan``). What cannot be told is a conflict, with choices; nothing
is decided by who came last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anvil_nb.bundles.identity import prompt_ids
from anvil_nb.bundles.landing import Landing
from anvil_nb.bundles.prompt_plan import PromptPlan
from anvil_nb.bundles.set_plan import SetPlan, suffixed
from anvil_nb.bundles.target import read_target
from anvil_nb.bundles.version_plan import VersionPlan
from anvil_nb.domain.plan import plan_id
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.exchange import Conflict, ImportPlan, Step
from anvil_nb.results.moving import Counting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.bundles.choosing import Choices
    from anvil_nb.bundles.documents import SetDocument
    from anvil_nb.bundles.set_plan import Destination
    from anvil_nb.bundles.target import Target
    from anvil_nb.bundles.verifying import VerifiedBundle
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.prompt import Content
    from anvil_nb.results.moving import Moving
    from anvil_nb.store.engine import Transaction

    Progress = Callable[[Moving], None]

_MOST_SUFFIXES = 1_000


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan for people, and what it does."""

    plan: ImportPlan
    landing: Landing


class Planning:
    """The plan of an import against the store as ``tx`` sees it; what its parts share.

    Raises:
        InvalidInputError: for a resolution of a conflict that there is not, or of a choice that
            it does not have.
    """

    def __init__(
        self,
        access: Access,
        tx: Transaction,
        bundle: VerifiedBundle,
        choices: Choices,
        progress: Progress | None = None,
    ) -> None:
        self.access, self.tx, self.bundle, self.choices = access, tx, bundle, choices
        self._check_renames()
        wanted = {one.id: self._wanted(one) for one in bundle.sets.values()}
        self.wanted = dict(sorted(wanted.items(), key=lambda pair: pair[1]))
        if len(set(self.wanted.values())) < len(self.wanted):
            msg = "two sets of the bundle would get the same path"
            raise InvalidInputError(msg, "Map one of them to another path: --map desk/a=desk/b")
        self.landing = Landing()
        self.steps: list[Step] = []
        self.conflicts: list[Conflict] = []
        self.used: set[str] = set()
        entries = sum(len(one.tree) for one in bundle.versions.values())
        self._counting = Counting(progress, "planned", entries, 0)
        self._counting.again()
        self.target: Target = read_target(access, tx, bundle, self.wanted.values())
        self._uncounted = 0
        self.paths = {*self.target.by_path, *self.wanted.values()}

    def planned(self) -> Planned:
        """Return the whole plan."""
        for set_id, wanted in self.wanted.items():
            self._uncounted = sum(len(one.tree) for one in self.bundle.by_set[set_id])
            self._plan_set(self.bundle.sets[set_id], wanted)
            self.went_on(self._uncounted)
        self._check_used()
        inputs: Json = {
            "bundle": self.bundle.digest,
            "choices": self.choices.to_json(),
            "target": self.target.fingerprint(),
            # Names that are free for what gives way are looked for beyond these sets.
            "steps": [one.to_json() for one in self.steps],
        }
        made = ImportPlan(
            plan_id(inputs),
            self.bundle.path,
            self.bundle.digest,
            tuple(self.steps),
            tuple(self.conflicts),
        )
        return Planned(made, self.landing)

    def _plan_set(self, document: SetDocument, wanted: str) -> None:
        landing = self.landing
        projects, sets = len(landing.projects), len(landing.sets)
        origins, renamed = len(landing.origins), len(landing.renamed)
        had = len(landing.versions), len(landing.drafts)
        said = len(self.steps)
        destination = SetPlan(self, document, wanted).destination()
        if destination is None:
            return
        told = len(self.steps)
        VersionPlan(self, document, destination).make()
        PromptPlan(self, document, destination).make()
        has = len(landing.versions), len(landing.drafts)
        if destination.row is None and has == had:
            # Nothing of it comes here, so neither does the set.
            del landing.projects[projects:], landing.sets[sets:]
            del landing.origins[origins:], landing.renamed[renamed:]
            del self.steps[said:told]

    def went_on(self, entries: int) -> None:
        """Say that so many entries of versions of a set were looked at."""
        entries = min(entries, self._uncounted)
        self._uncounted -= entries
        self._counting.add(entries, 0)

    def still(self) -> None:
        """Say that the plan goes on: whoever is told may end it here."""
        self._counting.again()

    def step(self, action: str, kind: str, address: str, note: str = "") -> None:
        """Say what is done, or left."""
        self.steps.append(Step(action, kind, address, note))

    def choose(self, conflict: Conflict) -> str | None:
        """Add a conflict, and return what was chosen for it.

        A choice that only a resolution can make (``merge``, ``merged``) is never a strategy's.
        """
        named = [key for key in (conflict.key, conflict.address) if key in self.choices.resolutions]
        self.used.update(named)
        choice = self.choices.resolutions[named[0]] if named else None
        if choice is None and self.choices.strategy in conflict.choices:
            choice = self.choices.strategy
        if choice is not None and choice not in conflict.choices:
            msg = f"'{choice}' is no choice for {conflict.key}"
            raise InvalidInputError(msg, f"Choose one of: {', '.join(conflict.choices)}")
        self.conflicts.append(replace(conflict, choice=choice))
        return choice

    def free_path(self, path: str) -> str:
        """Return ``path`` with the first suffix under which there is no set."""
        for number in range(2, _MOST_SUFFIXES):
            found = suffixed(path, number)
            if found not in self.paths and not self._is_there(found):
                self.paths.add(found)
                return found
        msg = f"there are too many sets called {path}-2, {path}-3 …"
        raise InvalidInputError(msg, f"Map it to another path: --map {path}=NEW")

    def prompt_ids(self, document: SetDocument, destination: Destination) -> Mapping[UUID, UUID]:
        """Return the ids here of the prompts of a set of theirs; none where they are the same."""
        set_id = destination.set_id
        if set_id == document.id:
            return {}
        latest, draft = self.target.latest.get(set_id, {}), self.target.drafts.get(set_id, {})
        return prompt_ids(set_id, self.bundle.by_set[document.id], latest, draft)

    def content(self, digest: str) -> Content:
        """Return a content that is here, or about to be."""
        if digest in self.landing.merged:
            return self.landing.merged[digest]
        if digest in self.bundle.sizes:
            self.still()
            return self.bundle.content(digest)
        return self.access.content(self.tx, digest)

    def contents(self, digests: Iterable[str]) -> dict[str, Content]:
        """Return contents that are here, or about to be, by digest: one statement reads them."""
        wanted = set(digests)
        brought = {one for one in wanted if one in self.landing.merged or one in self.bundle.sizes}
        found = {one: self.content(one) for one in brought}
        return found | self.access.contents(self.tx, wanted - brought)

    def _is_there(self, path: str) -> bool:
        from anvil_nb.store import sets  # noqa: PLC0415 - only when names collide

        return sets.by_path(self.tx, self.access.organisation_id, path) is not None

    def _wanted(self, document: SetDocument) -> str:
        """Return where a set wants to go, or is sent."""
        path = self.bundle.path_of(document)
        renames = self.choices.renames
        if path in renames:
            return renames[path]
        project, _, name = path.partition("/")
        return f"{self.choices.into or renames.get(project, project)}/{name}"

    def _check_renames(self) -> None:
        """Refuse new names for what is not in the bundle: they would do nothing."""
        bundle, into = self.bundle, self.choices.into
        known = {one.name for one in bundle.projects.values()}
        known.update(map(bundle.path_of, bundle.sets.values()))
        for was in self.choices.renames:
            if was not in known:
                msg = f"there is no '{was}' in the bundle"
                raise InvalidInputError(msg, f"See what it has: anvil inspect {bundle.path}")
            if into is not None and "/" not in was:
                msg = f"the sets of '{was}' cannot get another project, and go into {into}"
                raise InvalidInputError(msg, "Leave out one of the two.")

    def _check_used(self) -> None:
        """Refuse resolutions of conflicts that there are not: they would have done nothing.

        Where nothing is left to do they did it before: whoever repeats an import is not in error.
        """
        unknown = sorted(self.choices.resolutions.keys() - self.used)
        settled = self.landing.empty and all(one.choice for one in self.conflicts)
        if settled or not unknown:
            return
        known = ", ".join(one.key for one in self.conflicts) or "none"
        msg = f"there is no conflict '{unknown[0]}' in this import"
        raise InvalidInputError(msg, f"There are: {known}")
