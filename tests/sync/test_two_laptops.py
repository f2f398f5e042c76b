"""Two laptops and one store: whatever happens, no version is lost, and at rest all are the same.

Random edits, deletes, renames, syncs, settlings and kills. Every version that somebody wrote is at
the end current, an ancestor of what is current, in a conflict record, or in the trash of a folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from anvil_nb.errors import ConflictError, InvalidInputError, NotFoundError, SyncGuardError
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.sync.laptops import Laptop, drop, put_skill, skill, stored
from tests.sync.test_kills import KILLED, counted_steps, versions

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("a", "b", "c")
LAPTOP = st.integers(0, 1)
NAME = st.sampled_from(NAMES)
CHOICE = st.sampled_from(["stop", "keep", "ours", "theirs"])
WAY = st.sampled_from(["push", "pull"])


class TwoLaptops(RuleBasedStateMachine):
    """The world: two folders, a store, and all that was ever written in them."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="anvil-laptops-"))
        store = str(self.folder / "store.duckdb")
        self.laptops = []
        for name in ("one", "two"):
            services = self.folder / name
            (services / "skills").mkdir(parents=True)
            ws = Workspace(Settings(None, store, "acme", name, services=services))
            self.laptops.append(Laptop(ws, services))
        self.ws = self.laptops[0].ws
        self.written: set[bytes] = set()
        self.forgone: set[bytes] = set()
        self.number = 0
        for one in self.laptops:
            one.push()

    def teardown(self) -> None:
        if not hasattr(self, "laptops"):
            return
        try:
            self._come_to_rest()
        finally:
            for one in self.laptops:
                one.ws.close()
            shutil.rmtree(self.folder)

    def _body(self) -> str:
        self.number += 1
        return f"Version {self.number}."

    def _replaced(self, one: Laptop, name: str) -> None:
        """What somebody writes over or deletes on disk that no sync has seen is theirs to lose."""
        place = one.services / "skills" / name / "SKILL.md"
        if place.exists():
            self.forgone.add(place.read_bytes())

    @rule(at=LAPTOP, name=NAME)
    def edit_on_disk(self, at: int, name: str) -> None:
        one = self.laptops[at]
        self._replaced(one, name)
        body = self._body()
        one.skill(name, body)
        self.written.add(skill(name, body))

    @rule(at=LAPTOP, name=NAME)
    def delete_on_disk(self, at: int, name: str) -> None:
        one = self.laptops[at]
        self._replaced(one, name)
        if (one.services / "skills" / name).exists():
            one.rm(f"skills/{name}")

    @rule(at=LAPTOP, name=NAME, new=NAME)
    def rename_on_disk(self, at: int, name: str, new: str) -> None:
        one = self.laptops[at]
        here, there = one.services / "skills" / name, one.services / "skills" / new
        if here.exists() and not there.exists():
            here.rename(there)
            self._replaced(one, new)
            text = (there / "SKILL.md").read_bytes()
            text = text.replace(f"name: {name}".encode(), f"name: {new}".encode())
            (there / "SKILL.md").write_bytes(text)
            self.written.add(text)

    @rule(name=NAME)
    def edit_in_store(self, name: str) -> None:
        body = self._body()
        put_skill(self.ws, name, body)
        self.written.add(skill(name, body))

    @rule(data=st.data())
    @precondition(lambda self: self.written)
    def delete_in_store(self, data: st.DataObject) -> None:
        if there := sorted(stored(self.ws)):
            drop(self.ws, data.draw(st.sampled_from(there)))

    @rule(at=LAPTOP, way=WAY, choice=CHOICE, delete=st.booleans())
    def sync(self, at: int, way: str, choice: str, delete: bool) -> None:  # noqa: FBT001 - drawn
        self._sync(self.laptops[at], way, choice, delete=delete)

    @rule(at=LAPTOP, name=NAME, choice=st.sampled_from(["ours", "theirs", "both", "merged"]))
    def resolve(self, at: int, name: str, choice: str) -> None:
        one = self.laptops[at]
        merged = skill(name, self._body()) if choice == "merged" else None
        try:
            done = one.ws.sync_resolve(f"skills/{name}", choice, merged=merged)
        except (ConflictError, InvalidInputError, NotFoundError, SyncGuardError):
            return
        if merged is not None and done.message.startswith("Settled"):
            self.written.add(merged)
            assert one.bodies()[f"skills/{name}/SKILL.md"] == merged

    @rule(at=LAPTOP, way=WAY, choice=CHOICE, step=st.integers(1, 150))
    def killed_sync(self, at: int, way: str, choice: str, step: int) -> None:
        one = self.laptops[at]
        self._killed(step, lambda: self._sync(one, way, choice, delete=True))

    @rule(at=LAPTOP, name=NAME, step=st.integers(1, 150))
    def killed_resolve(self, at: int, name: str, step: int) -> None:
        self._killed(step, lambda: self.resolve(at, name, "both"))

    def _sync(self, one: Laptop, way: str, choice: str, *, delete: bool) -> None:
        before = one.bodies(), stored(one.ws)
        try:
            one.ws.sync("skills", way, dry_run=False, delete=delete, on_conflict=choice)
        except (ConflictError, SyncGuardError):
            assert (one.bodies(), stored(one.ws)) == before

    def _killed(self, step: int, work: Callable[[], object]) -> None:
        child = os.fork()
        if child == 0:
            with counted_steps(step):
                work()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in {0, KILLED}

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "laptops"):
            return
        known = set().union(*(versions(one) for one in self.laptops), self._staged())
        lost = self.written - self.forgone - known
        assert not lost

    def _staged(self) -> set[bytes]:
        """What lies in the staging of a run that was killed, until the next sync goes on."""
        return {
            place.read_bytes()
            for one in self.laptops
            for place in (one.services / ".anvil/staging").rglob("*")
            if place.is_file()
        }

    def _come_to_rest(self) -> None:
        for _ in range(2):
            for one in self.laptops:
                one.push(delete=True, on_conflict="ours", force=True)
                one.pull(delete=True, on_conflict="ours", force=True)
        one, two = self.laptops
        there = {
            f"skills/{key}/{path}": data
            for key, files in stored(self.ws).items()
            for path, data in files.items()
        }
        assert one.bodies() == two.bodies() == there
        for laptop in self.laptops:
            assert laptop.staging() == []
            report = laptop.push(delete=True)
            assert (report.state, report.items, report.waiting) == ("completed", (), ())
        assert self.ws.sync_conflicts().conflicts == ()
        known = versions(one) | versions(two)
        assert self.written - self.forgone <= known


TestTwoLaptops = TwoLaptops.TestCase
TestTwoLaptops.settings = settings(
    max_examples=8,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink takes minutes
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
