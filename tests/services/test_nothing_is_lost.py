"""Any sequence of changes: what stands where, and that nothing saved or published ever goes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from anvil_nb.domain.semver import Version
from anvil_nb.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace
    from tests.services.conftest import Opener

NAMES = ("a", "b", "c-1")
LABELS = ("production", "canary")
SET = "desk/emails"
organisations = count()

names = st.sampled_from(NAMES)
texts = st.one_of(
    st.sampled_from(("", "plain", "{{ x }}", "{{ x | default: 1 }}{{ y }}", "two\nlines\n")),
    names.map(lambda name: f"{{% render '{name}' %}}"),
    st.integers(0, 3).map(str),
)


class Drafts(RuleBasedStateMachine):
    """Changes one set, beside a model of it in plain dictionaries."""

    def __init__(self, opener: Opener) -> None:
        super().__init__()
        self.ws: Workspace = opener(organisation=f"org-{next(organisations)}")
        self.draft: dict[str, str] = {}
        self.ever: dict[tuple[str, str], str] = {}
        self.versions: dict[str, dict[str, str]] = {}
        self.trees: dict[str, str] = {}
        self.labels: dict[str, str] = {}

    @property
    def latest(self) -> str | None:
        stable = [one for one in map(Version.parse, self.versions) if not one.is_prerelease]
        return str(max(stable)) if stable else None

    def stands(self, name: str, text: str, digest: str) -> None:
        self.draft[name] = text
        self.ever[name, digest] = text

    @initialize(text=texts)
    def begin(self, text: str) -> None:
        saved = self.ws.save(f"{SET}/first", text)
        self.stands("first", text, saved.digest)

    @rule(name=names, text=texts)
    def save(self, name: str, text: str) -> None:
        try:
            saved = self.ws.save(f"{SET}/{name}", text)
        except RefusedError as error:
            assert "circle" in error.message
        else:
            self.stands(name, text, saved.digest)

    @rule(name=names)
    def remove(self, name: str) -> None:
        try:
            self.ws.remove(f"{SET}/{name}")
        except NotFoundError:
            assert name not in self.draft
        else:
            del self.draft[name]

    @rule(name=names, new=names)
    def rename(self, name: str, new: str) -> None:
        if name not in self.draft or new in self.draft:
            return
        try:
            self.ws.rename(f"{SET}/{name}", new)
        except RefusedError as error:
            assert "circle" in error.message
        else:
            text = self.draft.pop(name)
            self.stands(new, text, self.ws.get(f"{SET}/{new}@draft").digest)

    @rule(name=names, new=names)
    def copy(self, name: str, new: str) -> None:
        if name not in self.draft or new in self.draft:
            return
        try:
            copied = self.ws.copy(f"{SET}/{name}", f"{SET}/{new}")
        except RefusedError as error:
            assert "circle" in error.message
        else:
            self.stands(new, self.draft[name], copied.digest)

    @precondition(lambda self: self.ever)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        name, digest = data.draw(st.sampled_from(sorted(self.ever)))
        try:
            self.ws.restore(f"{SET}/{name}", digest)
        except RefusedError as error:
            assert "circle" in error.message
        else:
            self.stands(name, self.ever[name, digest], digest)

    def published(self, number: str, digest: str, tree: dict[str, str], *, created: bool) -> None:
        if created:
            assert number not in self.versions
            self.versions[number] = tree
            self.trees[number] = digest
        assert (self.versions[number], self.trees[number]) == (tree, digest)

    @rule(bump=st.sampled_from((None, "minor", "major")))
    def publish(self, bump: str | None) -> None:
        before = self.latest
        try:
            made = self.ws.publish(SET, bump=bump)
        except RefusedError as error:
            assert ("empty" in error.message) == (not self.draft) or "too low" in error.message
            return
        assert made.previous == before
        if made.created and before is not None:
            assert Version.parse(made.version) > Version.parse(before)
        self.published(made.version, made.digest, dict(self.draft), created=made.created)

    @precondition(lambda self: self.draft)
    @rule(number=st.integers(0, 3))
    def publish_a_prerelease(self, number: int) -> None:
        major = Version.parse(self.latest).major + 1 if self.latest else 1
        wanted = f"{major}.0.0-rc.{number}"
        if wanted in self.versions:
            return
        try:
            made = self.ws.publish(SET, version=wanted)
        except RefusedError as error:
            assert "not sound" in error.message
            return
        self.published(made.version, made.digest, dict(self.draft), created=made.created)

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), draft=st.booleans())
    def roll_back(self, data: st.DataObject, draft: bool) -> None:  # noqa: FBT001 - drawn
        number = data.draw(st.sampled_from(sorted(self.versions)))
        made = self.ws.rollback(f"{SET}@{number}", draft=draft)
        tree = dict(self.versions[number])
        self.published(made.version, made.digest, tree, created=made.created)
        if draft:
            self.draft = dict(tree)
            for name, text in tree.items():
                self.ever[name, self.ws.get(f"{SET}/{name}@draft").digest] = text

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), name=st.sampled_from(LABELS))
    def label(self, data: st.DataObject, name: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.versions)))
        expect = self.labels.get(name, "none")
        self.ws.label(f"{SET}@{number}", name, expect=expect)
        self.labels[name] = number

    @rule(name=st.sampled_from(LABELS))
    def unlabel(self, name: str) -> None:
        if name in self.labels:
            self.ws.unlabel(SET, name, expect=self.labels.pop(name))

    def shown(self, selector: str) -> dict[str, str]:
        found = {}
        for name in ("first", *NAMES):
            prompt = self.ws.find(f"{SET}/{name}@{selector}")
            if prompt is not None:
                found[name] = prompt.template
        return found

    @invariant()
    def what_moves_stands_where_the_model_says(self) -> None:
        assert self.shown("draft") == self.draft
        assert self.shown("latest") == (self.versions[self.latest] if self.latest else {})
        for name in LABELS:
            at = self.labels.get(name)
            assert self.shown(name) == (self.versions[at] if at else {})

    def teardown(self) -> None:
        for (name, digest), text in self.ever.items():
            assert self.ws.get(f"{SET}/{name}@{digest}").template == text
        for number, tree in self.versions.items():
            assert self.shown(number) == tree
            assert self.shown(self.trees[number])  # the newest of this tree, or this one
            major = number.partition(".")[0]
            inside = [
                one for one in map(Version.parse, self.versions)
                if str(one.major) == major and not one.is_prerelease
            ]  # fmt: skip
            if inside:
                assert self.shown(f"{major}.x") == self.versions[str(max(inside))]
        if self.draft or self.ever:
            log = self.ws.log(SET)
            assert {one.number: one.digest for one in log} == self.trees
            assert self.ws.set(SET).labels == self.labels
            told = {one.prompt for one in self.ws.draft_log(SET, limit=1000)}
            assert told == {name for name, _ in self.ever}
            listed = self.ws.ls(f"{SET}/").items
            assert [one.address for one in listed] == sorted(f"{SET}/{n}" for n in self.draft)


def test_any_sequence_of_changes_loses_nothing(open_workspace: Opener) -> None:
    holder = open_workspace()
    with holder.burst():
        run_state_machine_as_test(
            lambda: Drafts(open_workspace),  # type: ignore[arg-type]  # any maker of one will do
            settings=settings(
                max_examples=10,
                stateful_step_count=25,
                deadline=None,
                phases=(Phase.reuse, Phase.generate),  # to shrink takes minutes and tells no more
            ),
        )
