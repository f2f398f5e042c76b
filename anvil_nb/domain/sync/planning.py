"""The plan of a sync: what to do at each key of two trees that may have moved apart.

Pure: digests in, a plan out. What only the source changed since both sides agreed is to be written
on the destination; what only the destination changed waits for the other direction; what both
changed apart is a conflict, and neither side is touched. Nothing goes by clocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.domain.plan import Decision, decide, plan_id
from anvil_nb.domain.sync.filters import parse_filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.sync.filters import Filter
    from anvil_nb.domain.sync.tree import Entry, Problem, Tree

Sides: TypeAlias = "tuple[str | None, str | None, str | None]"
"""The digests of one key: what both sides had last, what stands near, what stands far."""

BELOW: Final = "/**"
"""How the key of a problem ends that stands for everything below it too: a closed folder."""


class Direction(Enum):
    """Which side is written: the far one by a push, the near one by a pull."""

    PUSH = "push"
    PULL = "pull"


class Action(Enum):
    """What is done to a key."""

    ADD = "added"
    CHANGE = "modified"
    DELETE = "removed"


class ConflictKind(Enum):
    """How two sides moved apart; ours, the near side, is named first."""

    BOTH_CHANGED = "both-changed"
    CHANGED_AND_DELETED = "changed-and-deleted"
    DELETED_AND_CHANGED = "deleted-and-changed"
    FIRST_CONTACT = "first-contact"


@dataclass(frozen=True, slots=True)
class Change:
    """One key to write on the destination.

    Args:
        key: Of the entry.
        name: How people call it.
        action: What is done.
        base: Digest that both sides agreed on last.
        source: What is to be written; ``None`` to delete.
        standing: What stands on the destination now: the condition on which it is written.
    """

    key: str
    name: str
    action: Action
    base: str | None
    source: Entry | None
    standing: Entry | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One key that both sides changed apart: ours is the near side, theirs the far one."""

    key: str
    name: str
    kind: ConflictKind
    base: str | None
    ours: Entry | None
    theirs: Entry | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One key that this sync leaves as it is, and what it would take to do ``action`` to it.

    Args:
        key: Of the entry.
        name: How people call it.
        action: What waits to be done.
        why: Why it waits.
        stays: Whether no other sync does it either, since our side's rules leave it out.
    """

    key: str
    name: str
    action: Action
    why: str
    stays: bool = False


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """All that a sync would do.

    Args:
        target: What is synced: files, database, skills, content, agents or bundles.
        direction: Which side is written.
        id: Shortened digest of everything that the plan was made from.
        changes: To write, in the order of their keys.
        conflicts: To decide.
        waiting: Left as it is.
        agreed: Bases to record without writing anything; ``None`` drops one.
        problems: Keys that cannot be read, and are neither written nor deleted.
        unchanged: How many keys are the same on both sides.
        inputs: The digests of every key that is not the same everywhere.
        delete: Whether deletions are carried over.
        filter: The globs, as ``str(Filter)`` writes them.
    """

    target: str
    direction: Direction
    id: str
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    waiting: tuple[Waiting, ...]
    agreed: Mapping[str, str | None]
    problems: tuple[Problem, ...]
    unchanged: int
    inputs: Mapping[str, Sides]
    delete: bool
    filter: str


def make_plan(  # noqa: PLR0913 - a plan is made from all of these
    *,
    target: str,
    direction: Direction,
    base: Mapping[str, str],
    near: Tree,
    far: Tree,
    delete: bool,
    filter: str | Sequence[str] = "",  # noqa: A002 - the word of the option
) -> SyncPlan:
    """Return what a sync would do.

    Args:
        target: What is synced.
        direction: Which side is written.
        base: Digests that both sides agreed on last, by key.
        near: Our side.
        far: Theirs.
        delete: Whether what the source deleted is deleted on the destination.
        filter: Globs over names (``anvil_nb.domain.sync.filters``); empty for everything.

    Raises:
        InvalidInputError: for a filter that matches nothing on either side.
    """
    scope = parse_filter(filter)
    planning = _Planning(base, near, far, scope, push=direction is Direction.PUSH, delete=delete)
    planning.run()
    return SyncPlan(
        target=target,
        direction=direction,
        id=plan_id([target, direction.value, delete, list(scope.globs), *planning.seen()]),
        changes=tuple(planning.changes),
        conflicts=tuple(planning.conflicts),
        waiting=tuple(planning.waiting),
        agreed=planning.agreed,
        problems=planning.problems,
        unchanged=planning.unchanged,
        inputs=planning.inputs,
        delete=delete,
        filter=str(scope),
    )


def moved_since(then: Mapping[str, Sequence[str | None]], now: SyncPlan) -> tuple[str, ...]:
    """Return the keys that moved since a plan was made, in order.

    Args:
        then: ``SyncPlan.inputs`` of the plan that was made.
        now: The plan for the same sync as it is now.
    """
    before = {key: tuple(sides) for key, sides in then.items()}
    keys = {*before, *now.inputs}
    return tuple(sorted(key for key in keys if before.get(key) != now.inputs.get(key)))


class _Planning:
    """One planning; its results grow as keys are decided, in their order."""

    def __init__(  # noqa: PLR0913 - a plan is made from all of these
        self,
        base: Mapping[str, str],
        near: Tree,
        far: Tree,
        scope: Filter,
        *,
        push: bool,
        delete: bool,
    ) -> None:
        self.base, self.near, self.far = base, near.entries, far.entries
        self.left, self.right = near.digests(), far.digests()
        self.scope, self.push, self.delete = scope, push, delete
        self.trees = (near, far)
        self.changes: list[Change] = []
        self.conflicts: list[Conflict] = []
        self.waiting: list[Waiting] = []
        self.agreed: dict[str, str | None] = {}
        self.inputs: dict[str, Sides] = {}
        self.unread: dict[str, Sides] = {}
        self.same: list[str] = []
        self.unchanged = 0
        self.problems = self._problems()
        self.closed = frozenset(one.key for one in self.problems)
        self.closed_below = tuple(
            {key[: -len(BELOW) + 1] for key in self.closed if key.endswith(BELOW)}
        )

    def _problems(self) -> tuple[Problem, ...]:
        found = {(one.key, one.message): one for tree in self.trees for one in tree.problems}
        return tuple(
            found[at]
            for at in sorted(found)
            if self.scope.matches(*self._names(at[0].removesuffix(BELOW)))
        )

    def run(self) -> None:
        """Decide every key."""
        # Most keys are everywhere, and in order: to sort them then is to look at them once.
        keys: Iterable[str] = {**self.base, **self.left, **self.right}
        if self.scope:
            keys = self._in_scope(keys)
        base = self._base_of if any(tree.gone for tree in self.trees) else self.base.get
        ordered = sorted(keys)
        columns = (map(side, ordered) for side in (base, self.left.get, self.right.get))
        for key, before, left, right in zip(ordered, *columns, strict=True):
            sides = (before, left, right)
            if left == before == right and before is not None:
                self.same += (key, before)
            elif self.closed and self._is_closed(key):
                self.unread[key] = sides
            else:
                self._decide(key, sides, self.near.get(key), self.far.get(key))
        self.unchanged += len(self.same) // 2

    def seen(self) -> list[Json]:
        """Return all that was decided by: for one id per state of both sides."""
        apart: list[Json] = [[key, *sides] for key, sides in self.inputs.items()]
        unread: list[Json] = [[key, *sides] for key, sides in self.unread.items()]
        # What is the same by its digest: a list of thousands takes long to write.
        same = digest_of_bytes("\0".join(self.same).encode("utf-8", "surrogatepass"))
        return [same, apart, unread, [one.key for one in self.problems]]

    def _in_scope(self, keys: Iterable[str]) -> list[str]:
        names = {key: self._names(key) for key in keys}
        problems = (one.key.removesuffix(BELOW) for tree in self.trees for one in tree.problems)
        self.scope.check([*(name for some in names.values() for name in some), *problems])
        return [key for key, some in names.items() if self.scope.matches(*some)]

    def _names(self, key: str) -> set[str]:
        """Return what a key is called on either side; its own name where it is on none."""
        return {entry.name for side in (self.near, self.far) if (entry := side.get(key))} or {key}

    def _base_of(self, key: str) -> str | None:
        """Return the base of a key; what a side says it deleted, where there is none."""
        known = self.base.get(key)
        if known is None:
            for tree in self.trees:
                if key not in tree.entries and key in tree.gone:
                    return tree.gone[key]
        return known

    def _is_closed(self, key: str) -> bool:
        return (
            key in self.closed
            or key + BELOW in self.closed
            or (bool(self.closed_below) and key.startswith(self.closed_below))
        )

    def _decide(self, key: str, sides: Sides, ours: Entry | None, theirs: Entry | None) -> None:
        self.inputs[key] = sides
        before, left, right = sides
        source, standing = (ours, theirs) if self.push else (theirs, ours)
        name = (source or standing).name if source or standing else key  # type: ignore[union-attr]
        # TAKE is what the rule calls it when only the second of the two sides moved.
        decision = decide(before, *((right, left) if self.push else (left, right)))
        if decision is Decision.SAME:
            self._agree(key, left)
        elif decision is Decision.CONFLICT:
            self.conflicts.append(Conflict(key, name, _kind(sides), before, ours, theirs))
        elif decision is Decision.KEEP:
            action = _action(standing, source)
            why = _why_later(action, push=self.push)
            self.waiting.append(Waiting(key, name, action, why))
        elif source is None and not self.delete:
            self.waiting.append(Waiting(key, name, Action.DELETE, _why_kept(push=self.push)))
        else:
            action = _action(source, standing)
            self.changes.append(Change(key, name, action, before, source, standing))

    def _agree(self, key: str, both: str | None) -> None:
        """Take what both sides have as the base; only a base that is recorded can be dropped."""
        if both is not None:
            self.unchanged += 1
        if both is not None or key in self.base:
            self.agreed[key] = both


def _action(source: Entry | None, standing: Entry | None) -> Action:
    if source is None:
        return Action.DELETE
    return Action.ADD if standing is None else Action.CHANGE


def _kind(sides: Sides) -> ConflictKind:
    before, left, right = sides
    if before is None:
        return ConflictKind.FIRST_CONTACT
    if left is None:
        return ConflictKind.DELETED_AND_CHANGED
    return ConflictKind.CHANGED_AND_DELETED if right is None else ConflictKind.BOTH_CHANGED


_LATER: Final = {
    (True, Action.ADD): "only there; pull brings it",
    (True, Action.CHANGE): "newer there; pull brings it",
    (True, Action.DELETE): "deleted there; pull --delete takes it away here too",
    (False, Action.ADD): "only here; push sends it",
    (False, Action.CHANGE): "newer here; push sends it",
    (False, Action.DELETE): "deleted here; push --delete takes it away there too",
}


def _why_later(action: Action, *, push: bool) -> str:
    """Say why a key waits that only the destination changed; ``action`` is what it did."""
    return _LATER[push, action]


def _why_kept(*, push: bool) -> str:
    """Say why a key waits that the source deleted."""
    if push:
        return "deleted here; --delete takes it away there too"
    return "deleted there; --delete takes it away here too"
