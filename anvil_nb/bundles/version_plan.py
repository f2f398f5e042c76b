"""Planning what comes of the versions of one set: their numbers, the latest one, draft and labels.

What was published never changes, here or there. A number that stands for other content here is a
conflict; the version of theirs that it is about may come under another number, and is known again
by what the import records.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anvil_nb.bundles.identity import with_ids
from anvil_nb.bundles.landing import MovedLabel, NewDraft, NewLatest, NewVersion
from anvil_nb.bundles.merging import check_merged
from anvil_nb.bundles.suggesting import prompt_sides
from anvil_nb.domain.change import bump_of
from anvil_nb.domain.digest import digest_of_tree, short
from anvil_nb.domain.naming import slug_from_title
from anvil_nb.domain.semver import Bump, Version, latest, next_version
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.exchange import Conflict
from anvil_nb.store import entries
from anvil_nb.store.entries import Leaf
from anvil_nb.store.identity import new_id
from anvil_nb.versions.comparison import differences

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from anvil_nb.bundles.documents import SetDocument, VersionDocument
    from anvil_nb.bundles.planning import Planning
    from anvil_nb.bundles.set_plan import Destination
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.entries import Tree


class VersionPlan:
    """The plan for the whole versions of one set."""

    def __init__(self, planning: Planning, document: SetDocument, destination: Destination) -> None:
        self.planning, self.document, self.at = planning, document, destination
        self.bundle, self.target = planning.bundle, planning.target
        self.ids = planning.prompt_ids(document, destination)
        self.ours = {one.number: one for one in self.target.versions.get(destination.set_id, ())}
        self.added: dict[str, NewVersion] = {}
        self.landed: dict[UUID, str] = {}
        self.conflicting: list[VersionDocument] = []
        self.read: dict[str, Content] = {}

    def make(self) -> None:
        """Plan every version; then what moves with them."""
        whole = [one for one in self.bundle.by_set[self.document.id] if one.complete]
        if not whole:
            return
        for version in whole:
            self._take(version)
            if version not in self.conflicting[-1:]:
                self.planning.went_on(len(version.tree))
        for version in self.conflicting:
            self._resolve(version)
            self.planning.went_on(len(version.tree))
        self.planning.landing.versions += self.added.values()
        self._latest_and_draft()
        if self.planning.choices.labels:
            self._labels()

    def _address(self, number: str) -> str:
        return f"{self.at.path}@{number}"

    def _take(self, version: VersionDocument) -> None:
        here = self.target.version_origins.get((self.at.set_id, version.number, version.digest))
        ours = self.ours.get(version.number)
        if ours is not None and ours.digest == version.digest:
            here = version.number
        if here is not None:
            self.landed[version.id] = here
            note = "" if here == version.number else f"it is {here} here"
            self.planning.step("same", "version", self._address(version.number), note)
        elif ours is not None:
            self.conflicting.append(version)
        else:
            self._add(version, version.number, with_ids(version.tree, self.ids), version.digest)

    def _add(self, version: VersionDocument, number: str, tree: Tree, digest: str) -> None:
        fresh = self.at.set_id != version.set_id or version.id in self.target.taken
        made = NewVersion(
            id=new_id() if fresh or number != version.number else version.id,
            set_id=self.at.set_id,
            number=number,
            digest=digest,
            tree=tree,
            document=version,
        )
        self.added[number] = made
        self.landed[version.id] = number
        note = "" if number == version.number else f"theirs is {version.number}"
        self.planning.step("add", "version", self._address(number), note)

    def _resolve(self, version: VersionDocument) -> None:
        """Plan a version whose number stands for other content here."""
        address, key = self._address(version.number), f"version:{self._address(version.number)}"
        ours = self.ours[version.number]
        base = self._base(version)
        marked = self._marked(version)
        contents = self._contents_of(version)
        upcoming = self._next(contents)
        choices = {
            "skip": "ours stays, and theirs is left out",
            "overwrite": f"theirs becomes our next version, {upcoming}; "
            f"{version.number} stays what it is",
            "version": f"theirs comes beside ours as {marked}, which is never the latest",
            "merged": f"texts that you give become our next version, {upcoming}",
        }
        before = self._contents_at(base) if base else None
        conflict = Conflict(
            key=key,
            kind="version",
            address=address,
            message=f"{address} has other content here than in the bundle",
            base=base and self._address(base),
            ours=f"{short(ours.digest)}, published {ours.published_at:%Y-%m-%d} by "
            f"{ours.published_by}",
            theirs=f"{short(version.digest)}, published {version.published_at:%Y-%m-%d} by "
            f"{version.published_by}",
            choices=choices,
            prompts=prompt_sides(
                before, self._contents_at(version.number), contents, self.planning.still
            ),
            declared=contents,
            among=contents,
        )
        choice = self.planning.choose(conflict)
        if choice == "skip":
            self.planning.step("keep", "version", address, "theirs is left out")
        elif choice == "version":
            self._add(version, marked, with_ids(version.tree, self.ids), version.digest)
        elif choice == "overwrite":
            self._add(version, str(upcoming), with_ids(version.tree, self.ids), version.digest)
        elif choice == "merged":
            self._merge(version, conflict)

    def _merge(self, version: VersionDocument, conflict: Conflict) -> None:
        """Plan a version of merged texts over theirs."""
        key = conflict.key
        texts = self.planning.choices.merged.get(key) or self.planning.choices.merged.get(
            conflict.address, {}
        )
        tree = with_ids(version.tree, self.ids)
        unknown = sorted(texts.keys() - tree.keys())
        if not texts or unknown:
            msg = f"{key} is resolved by merged texts, and there are none for it"
            if unknown:
                msg = f"{key} has no prompt '{unknown[0]}' to take a merged text"
            raise InvalidInputError(
                msg, 'Give them in a file: {"' + key + '": {"merged": {"NAME": "text"}}}'
            )
        contents = self._contents_of(version)
        for name, text in texts.items():
            content = replace(contents[name], template=text)
            contents[name] = content
            self.planning.landing.merged[content.digest] = content
            tree[name] = Leaf(tree[name].prompt_id, content.digest)
        check_merged(key, contents, contents, self.planning.still)
        digest = digest_of_tree({name: leaf.digest for name, leaf in tree.items()})
        self._add(version, str(self._next(contents)), tree, digest)

    def _base(self, version: VersionDocument) -> str | None:
        """Return the number of a version that both sides have and theirs follows."""
        if version.previous is None:
            return None
        number, digest = version.previous
        ours = self.ours.get(number)
        return number if ours is not None and ours.digest == digest else None

    def _next(self, contents: Mapping[str, Content]) -> Version:
        """Return the number that these contents get after our latest version."""
        known = {Version.parse(number) for number in (*self.ours, *self.added)}
        top = latest(known)
        if top is None:
            return max(known).core
        before = self._contents_at(str(top))
        _, _, found = differences(before, contents)
        change = bump_of(tuple(reason for each in found for reason in each[2]))
        number = next_version(top, change)
        while number in known:
            number = next_version(number, Bump.PATCH)
        return number

    def _marked(self, version: VersionDocument) -> str:
        """Return a free number that says where the version came from."""
        maker = slug_from_title(self.bundle.manifest.created_by.organisation) or "elsewhere"
        joint = "." if "-" in version.number else "-"
        for count in range(1, 1_000):
            number = f"{version.number}{joint}from-{maker}.{count}"
            if number not in self.ours and number not in self.added:
                return number
        msg = f"{version.number} came from {maker} a thousand times already"
        raise InvalidInputError(msg, "Choose skip or overwrite for it.")

    def _contents_of(self, version: VersionDocument) -> dict[str, Content]:
        # Versions that are in conflict keep theirs: what is in several of them is kept once.
        for digest in {leaf.digest for leaf in version.tree.values()} - self.read.keys():
            self.read[digest] = self.planning.content(digest)
        return {name: self.read[leaf.digest] for name, leaf in version.tree.items()}

    def _contents_at(self, number: str) -> dict[str, Content]:
        """Return the contents of a version that is here, or about to be."""
        planning = self.planning
        if number in self.added:
            tree: Mapping[str, Leaf] = self.added[number].tree
        else:
            tree = entries.tree(planning.tx, self.at.set_id, number)
        contents = planning.contents(leaf.digest for leaf in tree.values())
        return {name: contents[leaf.digest] for name, leaf in tree.items()}

    def _latest_and_draft(self) -> None:
        """Plan what becomes the latest version, and the draft where nobody works in it."""
        landing, set_id = self.planning.landing, self.at.set_id
        known = [Version.parse(number) for number in (*self.ours, *self.added)]
        top, draft = latest(known), self.target.drafts.get(set_id, {})
        was = self.target.latest.get(set_id, {})
        if top is not None and str(top) in self.added:
            new = self.added[str(top)]
            landing.latest.append(NewLatest(set_id, new.number, new.digest, new.tree))
        elif self.at.row is None and known:
            new = self.added[str(max(known))]  # only prereleases: the draft begins with the newest
        else:
            return
        if _digests(draft) == _digests(was):
            if _digests(draft) != _digests(new.tree):
                landing.drafts.append(NewDraft(set_id, draft, new.tree))
                if self.at.row is not None:
                    self.planning.step(
                        "change", "draft", self.at.path, f"it follows to {new.number}"
                    )
        elif _digests(draft) != _digests(new.tree):
            note = f"it has unpublished changes and stays; compare it with {new.number}"
            self.planning.step("leave", "draft", self.at.path, note)

    def _labels(self) -> None:
        pointing = self.target.labels.get(self.at.set_id, {})
        for name, at in sorted(self.document.labels.items()):
            number, was = self.landed.get(at), pointing.get(name)
            if number is None or number == was:
                continue
            self.planning.landing.labels.append(MovedLabel(self.at.set_id, name, was, number))
            note = f"from {was} to {number}" if was else f"to {number}"
            self.planning.step("move", "label", f"{self.at.path}@{name}", note)


def _digests(tree: Mapping[str, Leaf]) -> dict[str, str]:
    return {name: leaf.digest for name, leaf in tree.items()}
