"""Two stores that publish, and import from each other under any strategy, in any order."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from anvil_nb.domain.digest import digest_of_tree
from anvil_nb.domain.semver import Version, latest
from anvil_nb.errors import NotFoundError, RefusedError
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.bundles.stores import everything, plan, published, send, state, take
from tests.services.conftest import Clock

if TYPE_CHECKING:
    from tests.bundles.conftest import EmptyStore

SIDES = st.sampled_from(["ours", "theirs"])
SETS = st.sampled_from(["desk/emails", "desk/letters", "shop/emails"])
NAMES = st.sampled_from(["a", "b", "foot"])
TEXTS = st.sampled_from(
    ["one", "two\nlines", "three", "{% render 'foot' %}", "and {% render 'b' %}"]
)
STRATEGIES = st.sampled_from(["manual", "skip", "overwrite", "version"])


def versions_of(ws: Workspace) -> dict[str, list[str]]:
    """Return the versions of all sets that have any, by path."""
    paths = [item.address for project in ws.ls() for item in ws.ls(project.address)]
    found = {path: [version.number for version in ws.log(path)] for path in paths}
    return {path: numbers for path, numbers in found.items() if numbers}


def decided(
    ws: Workspace, path: Path, options: dict[str, Any], data: st.DataObject
) -> dict[str, str]:
    """Decide what the strategy leaves open, one way or the other."""
    made: dict[str, str] = {}
    while found := plan(ws, path, **options, resolutions=made).open:
        for one in found:
            choices = [choice for choice in one.choices if choice != "merged"]
            made[one.key] = data.draw(st.sampled_from(choices), label=one.key)
    return made


class Exchange(RuleBasedStateMachine):
    """The two stores; ``locate`` says where they are."""

    def __init__(self, locate: EmptyStore) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="anvil-exchange-"))
        self.clock = Clock()
        self.stores = {
            "ours": self.opened(locate, "ours", "acme", "ada"),
            "theirs": self.opened(locate, "theirs", "umbra", "bob"),
        }
        self.seen = {side: set[tuple[Any, ...]]() for side in self.stores}

    def opened(self, locate: EmptyStore, side: str, organisation: str, actor: str) -> Workspace:
        found = Settings(None, locate(side, self.folder), organisation, actor)
        return Workspace(found, clock=self.clock)

    def teardown(self) -> None:
        for ws in self.stores.values():
            ws.close()
        shutil.rmtree(self.folder)

    @initialize(text=TEXTS, data=st.data())
    def both_begin(self, text: str, data: st.DataObject) -> None:
        self.publish("theirs", "desk/emails", {"foot": "Bye", "b": "b", "a": text})
        self._send("theirs", "desk", {}, {}, data)

    @rule(side=SIDES, path=SETS, texts=st.dictionaries(NAMES, TEXTS, max_size=2))
    def publish(self, side: str, path: str, texts: dict[str, str]) -> None:
        ws = self.stores[side]
        with suppress(NotFoundError, RefusedError):  # what is empty, unsound or circular
            for name, text in texts.items():
                ws.save(f"{path}/{name}", text)
            ws.publish(path)

    @rule(side=SIDES, path=SETS, name=NAMES, data=st.data())
    def edit(self, side: str, path: str, name: str, data: st.DataObject) -> None:
        ws = self.stores[side]
        kind = data.draw(st.sampled_from(["remove", "rename", "label", "rollback", "move", "save"]))
        note(f"{kind} {path}/{name}")
        with suppress(NotFoundError, RefusedError):
            if kind == "remove":
                ws.remove(f"{path}/{name}")
            elif kind == "rename":
                ws.rename(f"{path}/{name}", f"{name}-renamed")
            elif kind == "save":
                ws.save(f"{path}/{name}", data.draw(TEXTS))
            elif kind == "label":
                numbers = versions_of(ws).get(path, [])
                number = data.draw(st.sampled_from([*numbers, "latest"]))
                ws.label(f"{path}@{number}", "production")
            elif kind == "rollback":
                ws.rollback(f"{path}@{versions_of(ws).get(path, ['1.0.0'])[-1]}")
            elif not any(item.address == f"{path}-moved" for item in ws.ls(path)):
                ws.update_set(path, rename=f"{path.partition('/')[2]}-moved")

    @rule(
        side=SIDES,
        project=st.sampled_from(["desk", "shop"]),
        options=st.fixed_dictionaries(
            {
                "into": st.sampled_from([None, None, "copy"]),
                "strategy": STRATEGIES,
                "labels": st.booleans(),
            }
        ),
        versions=st.sampled_from(["all", "latest"]),
        data=st.data(),
    )
    def send(
        self, side: str, project: str, options: dict[str, Any], versions: str, data: st.DataObject
    ) -> None:
        with suppress(NotFoundError, RefusedError):  # where nothing is published
            self._send(side, project, {"versions": versions, "labels": True}, options, data)

    @rule(
        side=SIDES,
        path=SETS,
        name=NAMES,
        strategy=STRATEGIES,
        include_deps=st.booleans(),
        data=st.data(),
    )
    def send_a_part(
        self,
        side: str,
        path: str,
        name: str,
        strategy: str,
        *,
        include_deps: bool,
        data: st.DataObject,
    ) -> None:
        export, options = {"include_deps": include_deps}, {"strategy": strategy}
        with suppress(NotFoundError, RefusedError):
            self._send(side, f"{path}/{name}", export, options, data)

    def _send(
        self,
        side: str,
        address: str,
        export: dict[str, Any],
        options: dict[str, Any],
        data: st.DataObject,
    ) -> None:
        sender = self.stores[side]
        receiver = self.stores["ours" if side == "theirs" else "theirs"]
        path = self.folder / "sent.anvil"
        untouched = everything(sender)
        send(sender, address, path, **export)
        assert everything(sender) == untouched
        before = state(receiver)
        options["resolutions"] = decided(receiver, path, options, data)
        report = take(receiver, path, **options)
        note(report.to_text())
        if report.changed and data.draw(st.booleans(), label="undo"):
            receiver.undo_import(report.id)
            assert state(receiver) == before
            report = take(receiver, path, **options)
        if not options.get("labels"):
            assert state(receiver)["labels"] == before["labels"]
        settled = everything(receiver)
        again = take(receiver, path, **options)
        assert not again.changed, again.to_text()
        assert everything(receiver) == settled

    @invariant()
    def no_published_version_changes_or_goes(self) -> None:
        for side, ws in self.stores.items():
            now = published(ws)
            assert self.seen[side] <= now
            self.seen[side] = now

    @invariant()
    def everything_is_whole(self) -> None:
        for ws in self.stores.values():
            rows = everything(ws)
            objects = {row[1] for row in rows["objects"]}
            versions = {(row[2], row[3]): row[4] for row in rows["versions"]}
            trees: dict[tuple[Any, str], dict[str, tuple[Any, str]]] = {}
            for _, address, set_id, selector, slug, prompt_id, digest, *_ in rows["entries"]:
                trees.setdefault((set_id, selector), {})[slug] = (prompt_id, digest)
                assert digest in objects
                assert address.endswith(f"/{slug}@{selector}")
            for (set_id, selector), tree in trees.items():
                ids = [prompt_id for prompt_id, _ in tree.values()]
                assert len(set(ids)) == len(ids), "one prompt stands under two names"
                if (set_id, selector) in versions:
                    named = {slug: digest for slug, (_, digest) in tree.items()}
                    assert digest_of_tree(named) == versions[set_id, selector]
            for set_id in {one for one, _ in versions}:
                numbers = [Version.parse(number) for one, number in versions if one == set_id]
                top = latest(numbers)
                if top is not None:
                    assert trees[set_id, "latest"] == trees[set_id, str(top)]
            owners = {
                (prompt_id, set_id)
                for (set_id, _), tree in trees.items()
                for prompt_id, _ in tree.values()
            }
            assert len({prompt_id for prompt_id, _ in owners}) == len(owners), "of two sets"


def test_two_stores_that_send_to_each_other_lose_nothing(empty_store: EmptyStore) -> None:
    class Here(Exchange):
        def __init__(self) -> None:
            super().__init__(empty_store)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
