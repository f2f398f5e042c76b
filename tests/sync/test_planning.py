"""The planner: every case of its table, and that nobody's work is lost, whatever happens when."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from anvil_nb.domain.filetree import Leaf
from anvil_nb.domain.sync.guards import guards
from anvil_nb.domain.sync.planning import (
    Action,
    ConflictKind,
    Direction,
    SyncPlan,
    make_plan,
    moved_since,
)
from anvil_nb.domain.sync.tree import Entry, Problem, Tree
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.sync.planning import Change

PUSH, PULL = Direction.PUSH, Direction.PULL


def entry(key: str, digest: str) -> Entry:
    return Entry(key, digest, (Leaf(key, digest, 1),), f"skills/{key}")


def tree(
    digests: Mapping[str, str | None], *, gone: Mapping[str, str] | None = None, bad: str = ""
) -> Tree:
    entries = {key: entry(key, digest) for key, digest in digests.items() if digest is not None}
    problems = tuple(Problem(key, f"{key} cannot be read", "Mend it.") for key in bad.split())
    return Tree(entries, problems, gone or {})


def plan(
    base: Mapping[str, str],
    near: Mapping[str, str | None] | Tree,
    far: Mapping[str, str | None] | Tree,
    direction: Direction = PUSH,
    *,
    delete: bool = False,
    only: str = "",
) -> SyncPlan:
    return make_plan(
        target="skills",
        direction=direction,
        base=base,
        near=near if isinstance(near, Tree) else tree(near),
        far=far if isinstance(far, Tree) else tree(far),
        delete=delete,
        filter=only,
    )


CASES = [case for case in product((None, "a", "b", "c"), repeat=3) if case != (None, None, None)]


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("delete", ["kept", "delete"])
@pytest.mark.parametrize(("base", "left", "right"), CASES)
def test_one_key_is_decided_by_its_three_digests(
    base: str | None, left: str | None, right: str | None, direction: Direction, delete: str
) -> None:
    made = plan(
        {"k": base} if base else {},
        {"k": left},
        {"k": right},
        direction,
        delete=delete == "delete",
    )
    source, standing = (left, right) if direction is PUSH else (right, left)
    done = [one for group in (made.changes, made.conflicts, made.waiting) for one in group]
    if left == right:
        assert done == []
        assert made.agreed == ({} if base == left else {"k": left})
        assert made.unchanged == (left is not None)
        assert made.inputs == ({} if base == left else {"k": (base, left, right)})
        return
    assert made.agreed == {}
    assert made.unchanged == 0
    assert made.inputs == {"k": (base, left, right)}
    (one,) = done
    assert (one.key, one.name) == ("k", "skills/k")
    if base not in {left, right}:
        (conflict,) = made.conflicts
        assert conflict.base == base
        assert (conflict.ours and conflict.ours.digest) == left
        assert (conflict.theirs and conflict.theirs.digest) == right
        absent = {(False, False): "both-changed", (True, False): "deleted-and-changed",
                  (False, True): "changed-and-deleted"}[left is None, right is None]  # fmt: skip
        assert conflict.kind.value == ("first-contact" if base is None else absent)
    elif source == base:  # only the destination moved
        (waiting,) = made.waiting
        assert waiting.action is action(base, standing)
        assert ("pull" if direction is PUSH else "push") in waiting.why
    elif source is None and delete == "kept":
        (waiting,) = made.waiting
        assert waiting.action is Action.DELETE
        assert "--delete" in waiting.why
    else:
        (change,) = made.changes
        assert change.action is action(base, source)
        assert change.base == base
        assert (change.source and change.source.digest) == source
        assert (change.standing and change.standing.digest) == standing


def action(before: str | None, after: str | None) -> Action:
    if after is None:
        return Action.DELETE
    return Action.ADD if before is None else Action.CHANGE


def test_a_tombstone_stands_for_the_base_where_there_is_none() -> None:
    far = {"k": "a"}
    made = plan({}, tree({}, gone={"k": "a"}), far, PUSH, delete=True)
    assert [(one.action, one.base) for one in made.changes] == [(Action.DELETE, "a")]
    made = plan({}, tree({}, gone={"k": "other"}), far, PUSH, delete=True)
    assert [one.kind for one in made.conflicts] == [ConflictKind.DELETED_AND_CHANGED]
    made = plan({"k": "a"}, tree({}, gone={"k": "other"}), far, PUSH, delete=True)
    assert [one.action for one in made.changes] == [Action.DELETE]
    made = plan({}, tree({"k": "b"}, gone={"k": "a"}), far, PUSH, delete=True)
    assert [one.kind for one in made.conflicts] == [ConflictKind.FIRST_CONTACT]
    made = plan({}, tree({}, gone={"k": "a"}), tree({}, gone={"k": "b"}), PUSH)
    assert made.inputs == {}


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("side", ["near", "far"])
def test_what_cannot_be_read_is_neither_changed_nor_deleted(
    direction: Direction, side: str
) -> None:
    whole = {"a": "1", "b": "1", "dir/x": "1", "dir/y/z": "1", "dirt": "1"}
    partial = tree({"b": "2", "dirt": "1"}, bad="a dir/**")
    near, far = (partial, tree(whole)) if side == "near" else (tree(whole), partial)
    made = plan(whole, near, far, direction, delete=True)
    touched = {one.key for one in made.changes} | {one.key for one in made.waiting}
    assert made.conflicts == ()
    assert touched == {"b"}
    assert made.agreed == {}
    assert [one.key for one in made.problems] == ["a", "dir/**"]
    assert made.unchanged == 1


def test_a_filter_takes_part_of_all() -> None:
    base = {"a": "1", "b": "1", "old": "1"}
    made = plan(base, {"a": "2", "b": "2"}, {"a": "1", "b": "1"}, only="skills/a")
    assert [one.key for one in made.changes] == ["a"]
    assert made.agreed == {}
    assert made.filter == "skills/a"
    bad = tree({"b": "2"}, bad="a x/y")
    made = plan(base, bad, base, only="skills/b,x/")
    assert [one.key for one in made.problems] == ["x/y"]
    with pytest.raises(InvalidInputError, match="matches nothing"):
        plan(base, base, base, only="skills/nothing")


def test_what_moved_since_a_plan_was_made_is_named() -> None:
    before = plan({"a": "1", "b": "1", "c": "1", "d": "1"},
                  {"a": "2", "b": "1", "c": "2", "d": "1"},
                  {"a": "1", "b": "1", "c": "1", "d": "1"})  # fmt: skip
    after = plan({"a": "1", "b": "1", "c": "1", "d": "1"},
                 {"a": "2", "b": "2", "c": "1", "d": "1", "e": "1"},
                 {"a": "1", "b": "1", "c": "1", "d": "1"})  # fmt: skip
    kept = {key: list(sides) for key, sides in before.inputs.items()}  # as JSON brings it back
    assert moved_since(kept, before) == ()
    assert moved_since(kept, after) == ("b", "c", "e")


KEYS = st.sampled_from(["a", "b", "c/d"])
DIGESTS = st.dictionaries(KEYS, st.sampled_from("123"))
INPUTS = st.tuples(
    DIGESTS, DIGESTS, DIGESTS, st.sampled_from(Direction), st.booleans(),
    st.sampled_from(["", "a"]),
)  # fmt: skip


@given(INPUTS, INPUTS)
def test_a_plan_has_another_id_if_and_only_if_its_inputs_are_others(
    one: tuple[dict[str, str], dict[str, str], dict[str, str], Direction, bool, str],
    other: tuple[dict[str, str], dict[str, str], dict[str, str], Direction, bool, str],
) -> None:
    def made(
        base: dict[str, str],
        near: dict[str, str],
        far: dict[str, str],
        direction: Direction,
        delete: bool,  # noqa: FBT001 - a drawn value
        only: str,
    ) -> tuple[str, object]:
        only = only and "skills/a"
        try:
            said = plan(base, near, far, direction, delete=delete, only=only)
        except InvalidInputError:  # nothing to filter
            return "", None
        within = [
            {key: digest for key, digest in side.items() if not only or key == "a"}
            for side in (base, near, far)
        ]
        return said.id, (within, direction, delete, only)

    (one_id, one_inputs), (other_id, other_inputs) = made(*one), made(*other)
    assert (one_id == other_id) == (one_inputs == other_inputs)


def test_problems_and_tombstones_are_inputs_too() -> None:
    base, far = {"a": "1"}, {"a": "1", "b": "1"}
    ids = [
        plan(base, tree({"a": "1"}), far).id,
        plan(base, tree({"a": "1"}, bad="c"), far).id,
        plan(base, tree({"a": "1"}, gone={"b": "1"}), far).id,
    ]
    assert len(set(ids)) == 3


CONTENTS = st.sampled_from("1234")
SIDES = ("near", "far")


def written(change: Change) -> str | None:
    return None if change.source is None else change.source.digest


class Replica:
    """One side, in memory: what stands there, what it deleted, and every content it ever saw."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        self.trash: dict[str, set[str]] = {}
        self.knows: dict[str, set[str]] = {}

    def tree(self) -> Tree:
        return tree(self.digests, gone=self.gone)

    def put(self, key: str, digest: str | None) -> None:
        standing = self.digests.pop(key, None)
        if digest is not None:
            self.digests[key] = digest
            self.gone.pop(key, None)
            self.knows.setdefault(key, set()).add(digest)
        elif standing is not None:
            self.gone[key] = standing

    def apply(self, change: Change, source: Replica) -> bool:
        standing = self.digests.get(change.key)
        if standing != (change.standing and change.standing.digest):
            return False
        if standing is not None:
            # Whoever replaces something has seen it: this is what loses nothing.
            assert standing in source.knows.get(change.key, set())
            self.trash.setdefault(change.key, set()).add(standing)
        self.put(change.key, written(change))
        self.knows.setdefault(change.key, set()).update(source.knows.get(change.key, set()))
        return True


class TwoReplicas(RuleBasedStateMachine):
    """Edits and deletions on both sides, syncs both ways that die, and edits in between."""

    def __init__(self) -> None:
        super().__init__()
        self.sides = {name: Replica() for name in SIDES}
        self.base: dict[str, str] = {}
        self.written: dict[str, set[str]] = {}

    @rule(side=st.sampled_from(SIDES), key=KEYS, content=st.one_of(st.none(), CONTENTS))
    def edit(self, side: str, key: str, content: str | None) -> None:
        replica = self.sides[side]
        if content is not None:
            self.written.setdefault(key, set()).add(content)
        before = replica.digests.get(key)
        if before is not None and before != content:  # its own writer did away with it
            replica.trash.setdefault(key, set()).add(before)
        replica.put(key, content)

    @rule(data=st.data(), direction=st.sampled_from(Direction), delete=st.booleans())
    def sync(self, data: st.DataObject, direction: Direction, delete: bool) -> None:  # noqa: FBT001 - drawn
        made = self.plan(direction, delete=delete)
        source, destination = self.ends(direction)
        for key in made.agreed:
            self.agree(key, made.agreed[key])
        for change in made.changes:
            what = data.draw(st.sampled_from(["edit first", "edit after", "die", "die late", "go"]))
            if what == "die":
                return
            if what == "edit first":
                self.edit_somewhere(data, change.key)
            if not destination.apply(change, source):
                continue
            if what == "edit after":
                self.edit_somewhere(data, change.key)
            if what == "die late":
                return
            self.record(change.key, written(change))

    @rule(data=st.data())
    def settle_conflicts(self, data: st.DataObject) -> None:
        for conflict in self.plan(PUSH).conflicts:
            if data.draw(st.booleans()):
                self.settle(conflict.key, data.draw(st.sampled_from(SIDES)))

    @rule()
    def come_to_rest(self) -> None:
        for conflict in self.plan(PUSH).conflicts:
            self.settle(conflict.key, "near")
        for direction in (*Direction, *Direction):
            source, destination = self.ends(direction)
            made = self.plan(direction, delete=True)
            for change in made.changes:
                assert destination.apply(change, source)
                self.record(change.key, written(change))
            for key in made.agreed:
                self.agree(key, made.agreed[key])
        near, far = (self.sides[name].digests for name in SIDES)
        assert near == far == self.base
        for direction in Direction:
            made = self.plan(direction, delete=True)
            assert (made.changes, made.conflicts, made.waiting, made.agreed) == ((), (), (), {})
            assert made.inputs == {}
            assert made.unchanged == len(near)

    @invariant()
    def every_content_that_was_written_is_there_or_in_the_trash(self) -> None:
        for key, contents in self.written.items():
            kept = {
                content
                for side in self.sides.values()
                for content in (side.digests.get(key), *side.trash.get(key, ()))
            }
            assert contents <= kept

    @invariant()
    def a_dry_run_is_exact(self) -> None:
        assert self.plan(PUSH) == self.plan(PUSH)

    def plan(self, direction: Direction, *, delete: bool = False) -> SyncPlan:
        near, far = (self.sides[name].tree() for name in SIDES)
        return plan(self.base, near, far, direction, delete=delete)

    def ends(self, direction: Direction) -> tuple[Replica, Replica]:
        near, far = (self.sides[name] for name in SIDES)
        return (near, far) if direction is PUSH else (far, near)

    def edit_somewhere(self, data: st.DataObject, key: str) -> None:
        side = data.draw(st.sampled_from(SIDES))
        self.edit(side, key, data.draw(st.one_of(st.none(), CONTENTS)))

    def record(self, key: str, digest: str | None) -> None:
        self.base.pop(key, None)
        if digest is not None:
            self.base[key] = digest

    def agree(self, key: str, digest: str | None) -> None:
        """Both have the same: what either saw before is behind it."""
        self.record(key, digest)
        seen = set().union(*(side.knows.get(key, set()) for side in self.sides.values()))
        for side in self.sides.values():
            side.knows[key] = set(seen)

    def settle(self, key: str, winner: str) -> None:
        """Write the winner's content over the other's, which goes to the trash and is known."""
        (other,) = set(SIDES) - {winner}
        won, lost = self.sides[winner], self.sides[other]
        seen = won.knows.get(key, set()) | lost.knows.get(key, set())
        standing = lost.digests.get(key)
        if standing is not None:
            lost.trash.setdefault(key, set()).add(standing)
        lost.put(key, won.digests.get(key))
        won.knows[key], lost.knows[key] = set(seen), set(seen)
        self.record(key, won.digests.get(key))


TestTwoReplicas = TwoReplicas.TestCase
TestTwoReplicas.settings = settings(max_examples=300, stateful_step_count=30)


def test_a_conflict_keeps_all_bodies_and_touches_neither_side() -> None:
    base, near, far = {"k": "1"}, {"k": "2"}, {"k": "3"}
    for direction in Direction:
        made = plan(base, near, far, direction, delete=True)
        assert made.changes == ()
        assert made.agreed == {}
    assert plan(base, near, far).id != plan(base, near, {"k": "4"}).id


def digests(count: int, content: str = "1") -> dict[str, str]:
    return {f"k{number}": content for number in range(count)}


def names(base: Mapping[str, str], near: Tree, far: Tree, made: SyncPlan) -> list[str]:
    return [guard.name for guard in guards(made, base, near, far)]


def test_guards_name_what_looks_like_an_accident() -> None:
    base = digests(6)
    most_gone, half_gone = tree(digests(2)), tree(digests(3))
    all_new, nearly = tree(digests(6, "2")), tree({**digests(6, "2"), "k0": "1"})
    there, none = tree(base), tree({})

    def pushed(near: Tree, *, delete: bool = True, only: str = "") -> list[str]:
        return names(base, near, there, plan(base, near, there, delete=delete, only=only))

    assert pushed(there) == []
    assert pushed(most_gone) == ["many-deleted"]
    assert pushed(most_gone, delete=False) == []
    assert pushed(half_gone) == []
    assert pushed(all_new) == ["all-changed"]
    assert pushed(nearly) == []
    assert pushed(none) == ["empty-side", "many-deleted"]
    assert pushed(none, delete=False) == ["empty-side"]
    assert pushed(tree({}, bad="other")) == ["many-deleted"]
    # As many as before, but few enough to be meant.
    few = digests(4)
    made = plan(few, {"k0": "2"}, few, delete=True)
    assert names(few, tree({"k0": "2"}), tree(few), made) == []
    # The other direction looks at the other side.
    made = plan(base, there, all_new, PULL)
    assert names(base, there, all_new, made) == ["all-changed"]
    made = plan(base, there, all_new, PUSH)
    assert names(base, there, all_new, made) == []
    # What both changed to the same is nothing to be afraid of.
    made = plan(base, all_new, all_new)
    assert names(base, all_new, all_new, made) == []
    assert names({}, none, there, plan({}, none, there)) == []


def test_guards_look_within_the_filter() -> None:
    base = {**digests(6), **{f"other{number}": "1" for number in range(20)}}
    near = tree({key: digest for key, digest in base.items() if key.startswith("other")})
    whole = plan(base, near, base, delete=True)
    assert names(base, near, tree(base), whole) == []
    part = plan(base, near, base, delete=True, only="skills/k*")
    assert names(base, near, tree(base), part) == ["empty-side", "many-deleted"]
    messages = " ".join(guard.message for guard in guards(part, base, near, tree(base)))
    assert "6 of 6 entries" in messages
    assert replace(part, filter="").filter == ""
