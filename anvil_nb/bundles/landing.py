"""What an import does to a store, as values: the plan makes them, applying carries them out.

They stand in the order in which they are carried out: projects, sets, versions, what moves with
them, drafts, labels.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from anvil_nb.bundles.documents import VersionDocument
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.entries import Leaf


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project to make."""

    id: UUID
    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class RenamedSet:
    """A set of ours that gives way: ``path`` is its new one."""

    set_id: UUID
    was: str
    path: str


@dataclass(frozen=True, slots=True)
class NewSet:
    """A set to make."""

    id: UUID
    path: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A set of ours that is a set of the bundle: ``origin_id`` there, which wanted ``path``."""

    origin_id: UUID
    path: str
    set_id: UUID


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to add: ``number`` is the one it gets here, ``document`` what it was there."""

    id: UUID
    set_id: UUID
    number: str
    digest: str
    tree: Mapping[str, Leaf]
    document: VersionDocument


@dataclass(frozen=True, slots=True)
class NewLatest:
    """The version that becomes the latest of its set; ``None`` takes the entries away."""

    set_id: UUID
    number: str
    digest: str
    tree: Mapping[str, Leaf]


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What the draft of a set becomes, whole: ``was`` is what stood there, by name."""

    set_id: UUID
    was: Mapping[str, Leaf]
    tree: Mapping[str, Leaf]


@dataclass(frozen=True, slots=True)
class MovedLabel:
    """A label that moves from one version number to another."""

    set_id: UUID
    name: str
    was: str | None
    number: str


@dataclass(slots=True)
class Landing:
    """All that an import does.

    Args:
        projects: To make.
        renamed: Sets of ours that give way.
        sets: To make.
        origins: To record.
        versions: To add, in the order in which they are published.
        latest: What becomes the latest version of sets.
        drafts: What becomes of drafts.
        labels: That move.
        merged: Contents that are in no bundle: texts that were merged, by digest.
    """

    projects: list[NewProject] = field(default_factory=list)
    renamed: list[RenamedSet] = field(default_factory=list)
    sets: list[NewSet] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    versions: list[NewVersion] = field(default_factory=list)
    latest: list[NewLatest] = field(default_factory=list)
    drafts: list[NewDraft] = field(default_factory=list)
    labels: list[MovedLabel] = field(default_factory=list)
    merged: dict[str, Content] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (
            self.projects
            or self.renamed
            or self.sets
            or self.versions
            or self.latest
            or self.drafts
            or self.labels
        )

    @property
    def writes(self) -> Counter[UUID]:
        """How many writes each set sees: every version and every move counts as one."""
        found = Counter(one.set_id for one in self.renamed)
        found.update(one.set_id for one in self.versions)
        found.update(one.set_id for one in self.latest)
        found.update(one.set_id for one in self.drafts)
        found.update(one.set_id for one in self.labels)
        return found

    @property
    def digests(self) -> set[str]:
        """The digests of all contents that entries will name."""
        trees = [one.tree for one in self.versions] + [one.tree for one in self.drafts]
        return {leaf.digest for tree in trees for leaf in tree.values()}
