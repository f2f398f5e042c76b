"""Planning what comes of single prompts: a selection of them lands in the draft of their set.

A part of a version is no version, so nothing is published: whoever imports it looks at it and
publishes. What stood in the draft stays in its history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid5

from anvil_nb.bundles.landing import NewDraft
from anvil_nb.bundles.suggesting import prompt_sides
from anvil_nb.domain.digest import short
from anvil_nb.domain.plan import Decision, decide
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.exchange import Conflict
from anvil_nb.store import drafts
from anvil_nb.store.entries import Leaf

if TYPE_CHECKING:
    from uuid import UUID

    from anvil_nb.bundles.documents import SetDocument
    from anvil_nb.bundles.planning import Planning
    from anvil_nb.bundles.version_plan import Destination
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.entries import Tree

_MOST_SUFFIXES = 1_000


class PromptPlan:
    """The plan for the prompts of one set that came without the rest of their version."""

    def __init__(self, planning: Planning, document: SetDocument, destination: Destination) -> None:
        self.planning, self.at = planning, destination
        self.bundle = planning.bundle
        parts = [one for one in self.bundle.by_set[document.id] if not one.complete]
        self.theirs: Tree = {}
        for part in parts:  # of several, the newest version of each prompt counts
            self.theirs |= part.tree
        self.rendered = self._rendered() if parts else {}
        self.was = dict(planning.target.drafts.get(destination.set_id, {}))
        self.draft = dict(self.was)
        self.left: set[str] = set()

    def make(self) -> None:
        """Plan every prompt; partials first, since leaving one out leaves out what needs it."""
        if not self.theirs:
            return
        self._external()
        for name in sorted(self.theirs, key=lambda one: (one not in self.rendered, one)):
            if name in self.left:
                self.planning.step(
                    "keep", "prompt", self._address(name), "what it needs is left out"
                )
            else:
                self._take(name, self.theirs[name])
        if self.draft != self.was:
            change = NewDraft(self.at.set_id, self.was, self.draft)
            self.planning.landing.drafts.append(change)

    def _address(self, name: str) -> str:
        return f"{self.at.path}/{name}"

    def _rendered(self) -> dict[str, set[str]]:
        """Return the prompts of the selection that others of it render, with those others."""
        from anvil_nb.catalog.validation import partial_names  # noqa: PLC0415 - loads the parser

        contents = {name: self.bundle.content(leaf.digest) for name, leaf in self.theirs.items()}
        found: dict[str, set[str]] = {}
        for name, content in contents.items():
            for partial in partial_names(content, contents):
                found.setdefault(partial, set()).add(name)
        return found

    def _external(self) -> None:
        """Look at the partials that the bundle left out: dependencies on what stands here."""
        for reference in self.bundle.manifest.external:
            name = reference.address.rpartition("/")[2]
            needing = [path.rpartition("/")[2] for path in reference.needed_by]
            needing = [one for one in needing if one in self.theirs]
            ours = self.draft.get(name)
            if not needing or (ours is not None and ours.digest == reference.content):
                continue
            state = "is not here" if ours is None else "is another one here"
            conflict = Conflict(
                key=f"dependency:{self._address(name)}",
                kind="dependency",
                address=self._address(name),
                message=f"{', '.join(needing)} renders {name}, which the bundle left out and "
                f"which {state}",
                base=None,
                ours=short(ours.digest) if ours else "nothing",
                theirs=short(reference.content),
                choices={
                    "skip": f"{', '.join(needing)} is left out",
                    "anyway": f"it comes all the same, and renders ours once there is a {name}",
                },
            )
            if self.planning.choose(conflict) in (None, "skip"):
                self.left.update(needing)

    def _take(self, name: str, theirs: Leaf) -> None:
        ours = self.draft.get(name)
        leaf = self._leaf(name, theirs)
        elsewhere = [
            there for there, one in self.was.items()
            if one.prompt_id == leaf.prompt_id and there != name
        ]  # fmt: skip
        if elsewhere and ours is None:
            self._id_conflict(name, leaf, elsewhere[0])
        elif ours is None:
            self._put(name, leaf, "add")
        elif ours.digest == leaf.digest:
            self.planning.step("same", "prompt", self._address(name))
        elif name in self.rendered:
            self._dependency_conflict(name, leaf, ours)
        elif ours.prompt_id != leaf.prompt_id:
            self._name_conflict(name, leaf, ours)
        else:
            self._changed(name, leaf, ours)

    def _leaf(self, name: str, theirs: Leaf) -> Leaf:
        """Return a leaf with the prompt id that it gets here."""
        if self.at.row is None and self.at.set_id != self.bundle.prompts[theirs.prompt_id].set_id:
            return Leaf(uuid5(self.at.set_id, str(theirs.prompt_id)), theirs.digest)
        if self.at.merged and name in self.was:
            return Leaf(self.was[name].prompt_id, theirs.digest)
        return theirs

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
        base = self._base(leaf.prompt_id)
        decision = decide(base, ours.digest, leaf.digest)
        if decision is Decision.TAKE:
            self._put(name, leaf, "change")
        elif decision is Decision.KEEP:
            self._keep(name, "ours is newer")
        else:
            self._version_conflict(name, leaf, ours, base)

    def _base(self, prompt_id: UUID) -> str | None:
        """Return the newest content that the prompt had on both sides."""
        document = self.bundle.prompts.get(prompt_id)
        if document is None:
            return None
        had = drafts.had(self.planning.tx, self.at.set_id, prompt_id, document.ancestors)
        return next((digest for digest in document.ancestors if digest in had), None)

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
            prompts=prompt_sides(
                None if base is None else {name: self._ours(base)},
                {name: self._ours(ours.digest)},
                {name: self.bundle.content(leaf.digest)},
            ),
        )
        choice = self.planning.choose(conflict)
        if choice == "merged":
            self._merge(name, leaf, conflict)
        else:
            self._chosen(choice, name, leaf, free)

    def _merge(self, name: str, leaf: Leaf, conflict: Conflict) -> None:
        from dataclasses import replace  # noqa: PLC0415 - here only

        given = self.planning.choices.merged
        texts = given.get(conflict.key) or given.get(conflict.address, {})
        if set(texts) != {name}:
            msg = f"{conflict.key} is resolved by a merged text, and there is none for '{name}'"
            raise InvalidInputError(
                msg, f'Give it in a file: {{"{conflict.key}": {{"merged": {{"{name}": "text"}}}}}}'
            )
        content = replace(self.bundle.content(leaf.digest), template=texts[name])
        self.planning.landing.merged[content.digest] = content
        self._put(name, Leaf(leaf.prompt_id, content.digest), "change", "merged")

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
            prompts=prompt_sides(
                None, {name: self._ours(ours.digest)}, {name: self.bundle.content(leaf.digest)}
            ),
        )
        choice = self.planning.choose(conflict)
        if choice == "overwrite":
            self.planning.step("rename", "prompt", self._address(name), f"ours becomes {free}")
            self.draft[free] = ours
            self._put(name, leaf, "add")
        elif choice == "merge":
            self._put(name, Leaf(ours.prompt_id, leaf.digest), "change")
        else:
            self._chosen(choice, name, leaf, free)

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
            fresh = uuid5(self.at.set_id, f"{leaf.prompt_id} {name}")
            self._put(name, Leaf(fresh, leaf.digest), "add")
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
            prompts=prompt_sides(
                None, {name: self._ours(ours.digest)}, {name: self.bundle.content(leaf.digest)}
            ),
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
        from anvil_nb.bundles.planning import suffixed  # noqa: PLC0415 - it imports this module

        for number in range(2, _MOST_SUFFIXES):
            found = suffixed(name, number)
            if found not in self.draft and found not in self.theirs:
                return found
            ours = self.was.get(found)
            if ours is not None and ours.digest == self.theirs[name].digest:
                return found
        msg = f"there are too many prompts called {name}-2, {name}-3 …"
        raise InvalidInputError(msg, "Remove some of them.")

    def _ours(self, digest: str) -> Content:
        return self.planning.access.content(self.planning.tx, digest)
