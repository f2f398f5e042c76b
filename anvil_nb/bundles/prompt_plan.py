"""Planning what comes of single prompts: a selection of them lands in the draft of their set.

A part of a version is no version, so nothing is published: whoever imports it looks at it and
publishes. What stood in the draft stays in its history.
"""

from __future__ import annotations

from collections import ChainMap
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid5

from anvil_nb.bundles.ancestry import bases
from anvil_nb.bundles.drafted import Contents
from anvil_nb.bundles.identity import with_ids
from anvil_nb.bundles.landing import NewDraft
from anvil_nb.bundles.merging import check_merged, later
from anvil_nb.bundles.set_plan import suffixed
from anvil_nb.bundles.suggesting import prompt_sides
from anvil_nb.domain.digest import short
from anvil_nb.domain.plan import Decision, decide
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.exchange import Conflict
from anvil_nb.store.entries import Leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from anvil_nb.bundles.documents import SetDocument, VersionDocument
    from anvil_nb.bundles.planning import Planning
    from anvil_nb.bundles.set_plan import Destination
    from anvil_nb.domain.prompt import Content
    from anvil_nb.results.exchange import PromptSides
    from anvil_nb.store.entries import Tree

_MOST_SUFFIXES = 1_000


class PromptPlan:
    """The plan for the prompts of one set that came without the rest of their version."""

    def __init__(self, planning: Planning, document: SetDocument, destination: Destination) -> None:
        self.planning, self.at = planning, destination
        self.bundle = planning.bundle
        self.path_there = self.bundle.path_of(document)
        self.theirs = _newest(self.bundle.by_set[document.id])
        ids = planning.prompt_ids(document, destination) if self.theirs else {}
        self.landing = with_ids(self.theirs, ids)
        digests = {leaf.digest for leaf in self.theirs.values()}
        self.contents = {one: planning.content(one) for one in digests}
        self.rendered = self._rendered() if self.theirs else {}
        pending = planning.landing.drafts[-1:]  # the draft that follows to a version of this set
        self.pending = next((one for one in pending if one.set_id == destination.set_id), None)
        stands = planning.target.drafts.get(destination.set_id, {})
        self.was = dict(self.pending.tree if self.pending else stands)
        self.was_at = {leaf.prompt_id: name for name, leaf in reversed(self.was.items())}
        self.draft = dict(self.was)
        self.left: set[str] = set()

    def make(self) -> None:
        """Plan every prompt; partials first, since leaving one out leaves out what needs it."""
        if not self.theirs:
            return
        self._external()
        for name in sorted(self.theirs, key=lambda one: (-len(self.rendered.get(one, ())), one)):
            if name in self.left:
                self.planning.step(
                    "keep", "prompt", self._address(name), "what it needs is left out"
                )
            else:
                self._take(name, self.landing[name])
            self.planning.went_on(1)
        if self.draft != self.was:
            drafts = self.planning.landing.drafts
            before = drafts.pop().was if self.pending else self.was
            drafts.append(NewDraft(self.at.set_id, before, self.draft))

    def _address(self, name: str) -> str:
        return f"{self.at.path}/{name}"

    def _rendered(self) -> dict[str, set[str]]:
        """Return the prompts of the selection that others of it render, with those others."""
        from anvil_nb.catalog.validation import partial_names  # noqa: PLC0415 - loads the parser

        contents = {name: self.contents[leaf.digest] for name, leaf in self.theirs.items()}
        found: dict[str, set[str]] = {}
        for name, content in contents.items():
            self.planning.still()
            for partial in partial_names(content, contents):
                found.setdefault(partial, set()).add(name)
        return found

    def _external(self) -> None:
        """Look at the partials that the bundle left out: dependencies on what stands here."""
        wanted: dict[str, tuple[list[str], set[str]]] = {}
        for reference in self.bundle.external.get(self.path_there, ()):
            name = reference.address.rpartition("/")[2]
            needing = {path.rpartition("/")[2] for path in reference.needed_by}
            needing &= self.theirs.keys()
            ours = self.draft.get(name)
            if needing and (ours is None or ours.digest != reference.content):
                contents, names = wanted.setdefault(name, ([], set()))
                contents.append(short(reference.content))
                names |= needing
        for name, (contents, names) in sorted(wanted.items()):
            self._missing(name, contents, sorted(names))

    def _missing(self, name: str, contents: list[str], needing: list[str]) -> None:
        """Decide on a partial that was left out, and is not here as it was there."""
        ours = self.draft.get(name)
        state = "is not here" if ours is None else "is another one here"
        conflict = Conflict(
            key=f"dependency:{self._address(name)}",
            kind="dependency",
            address=self._address(name),
            message=f"{', '.join(needing)} renders {name}, which the bundle left out and "
            f"which {state}",
            base=None,
            ours=short(ours.digest) if ours else "nothing",
            theirs=", ".join(contents),
            choices={
                "skip": f"{', '.join(needing)} is left out",
                "anyway": f"it comes all the same, and renders ours once there is a {name}",
            },
        )
        if self.planning.choose(conflict) in (None, "skip"):
            self.left.update(needing)

    def _take(self, name: str, leaf: Leaf) -> None:
        ours = self.draft.get(name)
        elsewhere = self.was_at.get(leaf.prompt_id)
        if elsewhere is not None and ours is None:
            self._id_conflict(name, leaf, elsewhere)
        elif ours is None:
            self._put(name, leaf, "add")
        elif ours.digest == leaf.digest:
            self.planning.step("same", "prompt", self._address(name))
        elif self.pending is not None and ours == self.pending.tree.get(name):
            self._put(name, leaf, "change")  # what stood here follows to theirs as it is
        elif name in self.rendered:
            self._dependency_conflict(name, leaf, ours)
        elif ours.prompt_id != leaf.prompt_id:
            self._name_conflict(name, leaf, ours)
        else:
            self._changed(name, leaf, ours)

    def _put(self, name: str, leaf: Leaf, action: str, note: str = "") -> None:
        if self.draft.get(name) == leaf:
            self.planning.step("same", "prompt", self._address(name), note)
            return
        self.draft[name] = leaf
        self.planning.step(action, "prompt", self._address(name), note or "in the draft")

    def _keep(self, name: str, note: str = "theirs is left out") -> None:
        self.planning.step("keep", "prompt", self._address(name), note)

    def _changed(self, name: str, leaf: Leaf, ours: Leaf) -> None:
        """Plan a prompt that is the same one on both sides, with another content on each."""
        base = self._base(name, ours)
        decision = decide(base, ours.digest, leaf.digest)
        if decision is Decision.TAKE:
            self._put(name, leaf, "change")
        elif decision is Decision.KEEP:
            self._keep(name, "ours is newer")
        else:
            self._version_conflict(name, leaf, ours, base)

    def _base(self, name: str, ours: Leaf) -> str | None:
        """Return what our prompt had last of all that theirs was up to what it is in the bundle."""
        if ours == self.was.get(name):
            return self._bases.get(name)
        return self._bases_of({name: ours}).get(name)  # the plan itself has moved it

    @cached_property
    def _bases(self) -> Mapping[str, str]:
        """The bases of all prompts that are the same ones, and differ."""
        return self._bases_of({
            name: ours for name, ours in self.was.items()
            if (leaf := self.landing.get(name)) is not None
            and ours.prompt_id == leaf.prompt_id and ours.digest != leaf.digest
        })  # fmt: skip

    def _bases_of(self, ours: Tree) -> Mapping[str, str]:
        planning = self.planning
        return bases(planning.tx, self.at.set_id, ours, self.theirs, self.bundle.prompts)

    def _version_conflict(self, name: str, leaf: Leaf, ours: Leaf, base: str | None) -> None:
        address = f"{self._address(name)}@draft"
        free = self._free(name)
        conflict = Conflict(
            key=f"version:{address}",
            kind="version",
            address=address,
            message=f"{self._address(name)} was changed here and there",
            base=base and short(base),
            ours=short(ours.digest),
            theirs=short(leaf.digest),
            choices={
                "skip": "ours stays, and theirs is left out",
                "overwrite": "theirs becomes the draft; ours stays in its history",
                "version": f"ours stays, and theirs comes beside it as {free}",
                "merged": "a text that you give becomes the draft",
            },
            prompts=self._sides(name, ours, leaf, base),
            declared={name: self._content(leaf.digest)},
            among=Contents(self.draft, self._later),
        )
        choice = self.planning.choose(conflict)
        if choice == "merged":
            self._merge(name, leaf, conflict)
        else:
            self._chosen(choice, name, leaf, free)

    def _sides(
        self, name: str, ours: Leaf, theirs: Leaf, base: str | None = None
    ) -> tuple[PromptSides, ...]:
        content = self._content
        return prompt_sides(
            None if base is None else {name: content(base)},
            {name: content(ours.digest)},
            {name: content(theirs.digest)},
        )

    def _content(self, digest: str) -> Content:
        return self.contents.get(digest) or self._shown.get(digest) or self.planning.content(digest)

    @cached_property
    def _shown(self) -> Mapping[str, Content]:
        """What the conflicts show of ours and of what was before, read at once."""
        digests: set[str] = set()
        for name, leaf in self.landing.items():
            ours, base = self.was.get(name), self._bases.get(name)
            if ours is None or ours.digest == leaf.digest:
                continue
            if name in self.rendered or decide(base, ours.digest, leaf.digest) is Decision.CONFLICT:
                digests.update((ours.digest, base or ours.digest))
        return self.planning.contents(digests - self.contents.keys())

    @cached_property
    def _later(self) -> Callable[[str], Content]:
        """What reads the draft that was planned when the plan is looked at."""
        planning = self.planning
        return later(planning.access, ChainMap(planning.landing.merged, self.contents))

    def _merge(self, name: str, leaf: Leaf, conflict: Conflict) -> None:
        from dataclasses import replace  # noqa: PLC0415 - here only

        given = self.planning.choices.merged
        texts = given.get(conflict.key) or given.get(conflict.address, {})
        if set(texts) != {name}:
            msg = f"{conflict.key} is resolved by a merged text, and there is none for '{name}'"
            raise InvalidInputError(
                msg, f'Give it in a file: {{"{conflict.key}": {{"merged": {{"{name}": "text"}}}}}}'
            )
        content = replace(self._content(leaf.digest), template=texts[name])
        self.planning.landing.merged[content.digest] = content
        made = Leaf(leaf.prompt_id, content.digest)
        contents = Contents({**self.draft, name: made}, self._content)
        check_merged(conflict.key, contents, [name], self.planning.still)
        self._put(name, made, "change", "merged")

    def _name_conflict(self, name: str, leaf: Leaf, ours: Leaf) -> None:
        free = self._free(name)
        conflict = Conflict(
            key=f"name:{self._address(name)}",
            kind="name",
            address=self._address(name),
            message=f"there is another prompt {self._address(name)} here, made apart from theirs",
            base=None,
            ours=short(ours.digest),
            theirs=short(leaf.digest),
            choices={
                "skip": "ours stays, and theirs is left out",
                "overwrite": f"theirs becomes {name}, and ours {free}",
                "version": f"ours stays {name}, and theirs becomes {free}",
                "merge": "they are one: theirs becomes the draft; ours stays in its history",
            },
            prompts=self._sides(name, ours, leaf),
        )
        choice = self.planning.choose(conflict)
        if choice == "overwrite":
            self.planning.step("rename", "prompt", self._address(name), f"ours becomes {free}")
            self.draft[free] = ours
            self._put(name, self._alone(name, leaf), "add")
        elif choice == "merge":
            self._put(name, Leaf(ours.prompt_id, leaf.digest), "change")
        else:
            self._chosen(choice, name, leaf, free)

    def _alone(self, name: str, leaf: Leaf) -> Leaf:
        """Return a leaf for ``name``, under another id where the draft has its id elsewhere."""
        if any(one.prompt_id == leaf.prompt_id for at, one in self.draft.items() if at != name):
            return Leaf(uuid5(self.at.set_id, f"{leaf.prompt_id} {name}"), leaf.digest)
        return leaf

    def _id_conflict(self, name: str, leaf: Leaf, there: str) -> None:
        new = f"theirs comes as a prompt of its own, {name}, under a new id"
        conflict = Conflict(
            key=f"id:{self._address(name)}",
            kind="id",
            address=self._address(name),
            message=f"the prompt that is {name} there is called {there} here",
            base=None,
            ours=self._address(there),
            theirs=self._address(name),
            choices={
                "skip": f"{there} stays as it is, and theirs is left out",
                "overwrite": new,
                "version": new,
                "merge": f"they are one: its text goes into the draft of {there}",
            },
        )
        choice = self.planning.choose(conflict)
        if choice in ("overwrite", "version"):
            self._put(name, self._alone(name, leaf), "add")
        elif choice == "merge":
            if self.draft[there].digest == leaf.digest:
                self.planning.step("same", "prompt", self._address(there))
            else:
                self._put(there, leaf, "change")
        elif choice == "skip":
            self._keep(name)

    def _dependency_conflict(self, name: str, leaf: Leaf, ours: Leaf) -> None:
        needing = sorted(self.rendered[name])
        names = ", ".join(needing)
        conflict = Conflict(
            key=f"dependency:{self._address(name)}",
            kind="dependency",
            address=self._address(name),
            message=f"{names} renders {name}, which is another one here",
            base=None,
            ours=short(ours.digest),
            theirs=short(leaf.digest),
            choices={
                "skip": f"ours stays, and {names} is left out",
                "overwrite": f"theirs becomes {name}; ours stays in its history",
                "version": f"ours stays, and {names} renders it",
            },
            prompts=self._sides(name, ours, leaf),
        )
        choice = self.planning.choose(conflict)
        if choice == "overwrite":
            self._put(name, Leaf(ours.prompt_id, leaf.digest), "change")
        elif choice == "version":
            self._keep(name, "ours is rendered")
        else:
            self.left.update(needing)
            if choice == "skip":
                self._keep(name)

    def _chosen(self, choice: str | None, name: str, leaf: Leaf, free: str) -> None:
        if choice == "overwrite":
            self._put(name, leaf, "change")
        elif choice == "version":
            fresh = uuid5(self.at.set_id, f"{leaf.prompt_id} {leaf.digest}")
            self._put(free, Leaf(fresh, leaf.digest), "add", f"theirs is {name}")
        elif choice == "skip":
            self._keep(name)

    def _free(self, name: str) -> str:
        """Return a name beside ``name``; the one under which theirs came before, if it did."""
        for number in range(2, _MOST_SUFFIXES):
            found = suffixed(name, number)
            if found not in self.draft and found not in self.theirs:
                return found
            ours = self.was.get(found)
            if ours is not None and ours.digest == self.theirs[name].digest:
                return found
        msg = f"there are too many prompts called {name}-2, {name}-3 …"
        raise InvalidInputError(msg, "Remove some of them.")


def _newest(versions: Iterable[VersionDocument]) -> Tree:
    """Return those prompts of parts of versions that no newer whole version has.

    Args:
        versions: In the order they were published.
    """
    found: Tree = {}
    for version in versions:
        if version.complete:
            found = {name: leaf for name, leaf in found.items() if name not in version.tree}
        else:
            found |= version.tree
    return found
