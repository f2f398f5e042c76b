"""Saves one after another: DuckDB hands on what the last one left, and whatever comes between."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvil_nb.errors import DraftConflictError, NotFoundError, RefusedError, StoreUnavailableError
from anvil_nb.settings import Settings
from anvil_nb.store.duckdb_file import DuckDBFile
from anvil_nb.workspace import Workspace
from tests.services.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.services.conftest import Opener, Starter

SET = "desk/emails"
WELCOME = f"{SET}/welcome"


def check_history(ws: Workspace, path: str = SET) -> None:
    """See that the history of a set agrees with itself, with its draft and with its revision."""
    with ws.access.engine.read() as tx:
        revision, updated = tx.rows(
            "select revision, updated_at from prompt_sets where path = $1", path
        )[0]
        draft = dict(
            tx.rows(
                "select e.prompt_id, e.digest from entries e join prompt_sets s on s.id = e.set_id"
                " where s.path = $1 and e.selector = 'draft' and e.address = s.path || '/' ||"
                " e.slug || '@draft'",
                path,
            )
        )
        log = tx.rows(
            "select l.sequence, l.prompt_id, l.digest, l.previous, l.saved_at from draft_log l"
            " join prompt_sets s on s.id = l.set_id where s.path = $1 order by l.sequence",
            path,
        )
    last: dict[Any, str | None] = {}
    for _, prompt_id, digest, previous, _ in log:
        assert previous == last.get(prompt_id)
        last[prompt_id] = digest
    assert {key: digest for key, digest in last.items() if digest} == draft
    sequences = [line[0] for line in log]
    assert sequences == sorted(set(sequences))
    assert sequences[-1] <= revision
    assert log[-1][4] <= updated


def in_another_process(start: Starter, program: str) -> None:
    """Run a program to its end."""
    process = start(program)
    process.communicate()
    assert process.returncode == 0


def first_digest(ws: Workspace, address: str = WELCOME) -> str:
    """Return the first digest that a prompt had."""
    digest = list(ws.draft_log(address))[-1].digest
    assert digest is not None
    return digest


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that DuckDB is handed, by their first words."""
    seen: list[str] = []
    execute = DuckDBFile.execute

    def note(file: DuckDBFile, sql: str, *rest: Any, **named: Any) -> list[tuple[Any, ...]]:
        seen.append(" ".join(sql.split()[:3]) + " returning" * ("returning" in sql))
        return execute(file, sql, *rest, **named)

    monkeypatch.setattr(DuckDBFile, "execute", note)
    return seen


@pytest.fixture
def held(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A workspace on DuckDB."""
    ws = Workspace(Settings(None, str(tmp_path / "held.duckdb"), "acme", "ada"), clock=clock)
    yield ws
    ws.close()


ON_KNOWN = [
    "begin",
    "update prompt_sets set",
    "insert into objects",
    "update entries set",
    "insert into draft_log",
    "select block_id, block_size",  # of what DuckDB overwrites when it writes its log into the file
    "commit",
]


@pytest.mark.parametrize("burst", [True, False])
def test_a_save_after_a_save_reads_nothing(
    held: Workspace, statements: list[str], *, burst: bool
) -> None:
    held.save(WELCOME, "one")
    held.save(f"{SET}/other", "one")
    statements.clear()
    if burst:
        with held.burst():
            held.save(WELCOME, "two")
    else:
        held.save(WELCOME, "two")
    assert statements == ON_KNOWN
    held.save(f"{SET}/other", "two")
    assert statements == ON_KNOWN * 2
    check_history(held)


def test_within_a_burst_what_is_overwritten_is_looked_up_once(
    held: Workspace, statements: list[str]
) -> None:
    held.save(WELCOME, "one")
    with held.burst():
        statements.clear()
        for text in ("two", "three", "four"):
            held.save(WELCOME, text)
        assert statements.count("commit") == 3
        assert statements.count("select block_id, block_size") == 1


BETWEEN: dict[str, Callable[[Workspace], object]] = {
    "publish": lambda ws: ws.publish(SET),
    "label": lambda ws: (ws.publish(SET), ws.label(f"{SET}@1.0.0", "production")),
    "remove": lambda ws: ws.remove(WELCOME),
    "remove, restore": lambda ws: (
        ws.remove(WELCOME),
        ws.restore(WELCOME, first_digest(ws)),
    ),
    "restore": lambda ws: ws.restore(WELCOME, first_digest(ws)),
    "rename": lambda ws: ws.rename(WELCOME, "greeting"),
    "rename another here": lambda ws: (
        ws.rename(WELCOME, "greeting"),
        ws.rename(f"{SET}/other", "welcome"),
    ),
    "copy over a removed one": lambda ws: (ws.remove(WELCOME), ws.copy(f"{SET}/other", WELCOME)),
    "describe the set": lambda ws: ws.update_set(SET, title="Mails", description="All"),
    "rename the set": lambda ws: ws.update_set(SET, rename="mails"),
    "there and back": lambda ws: (
        ws.update_set(SET, rename="mails"),
        ws.update_set("desk/mails", rename="emails"),
    ),
    "rename the project": lambda ws: ws.update_project("desk", rename="help"),
    "delete the set": lambda ws: ws.delete_set(SET),
    "delete the project": lambda ws: ws.delete_project("desk", force=True),
    "another set": lambda ws: ws.save("desk/second/welcome", "there"),
    "reset": lambda ws: (ws.publish(SET), ws.rollback(f"{SET}@1.0.0", draft=True)),
}


@pytest.mark.parametrize("change", BETWEEN.values(), ids=BETWEEN.keys())
def test_a_save_goes_by_what_came_between(
    ws: Workspace, change: Callable[[Workspace], object]
) -> None:
    ws.save(f"{SET}/other", "other")
    ws.save(WELCOME, "one")
    ws.save(WELCOME, "two")
    change(ws)
    before = ws.find(f"{WELCOME}@draft")
    saved = ws.save(WELCOME, "three")
    assert saved.previous == (before.digest if before else None)
    assert ws.get(f"{WELCOME}@draft").template == "three"
    ws.save(WELCOME, "four", expect=saved.digest)
    check_history(ws)
    titles = {item.title for item in ws.ls("desk") if item.address == SET}
    assert titles == {"Mails" if change is BETWEEN["describe the set"] else ""}


KILLED_BEHIND_THE_COMMIT = """
import os
with ws.burst():
    ws.save("desk/emails/welcome", "theirs")
    os._exit(0)
"""

KILLED_BEFORE_THE_COMMIT = """
import os
from anvil_nb.store.duckdb_file import DuckDBFile
from anvil_nb.store.postgres_transaction import PostgresTransaction
DuckDBFile.commit = PostgresTransaction.commit = lambda *_: os._exit(0)
ws.save("desk/emails/welcome", "theirs")
"""


@pytest.mark.parametrize(
    "program",
    [
        'ws.save("desk/emails/welcome", "theirs")',
        'ws.remove("desk/emails/welcome")',
        'ws.delete_set("desk/emails"); ws.save("desk/emails/welcome", "begun anew")',
        'ws.update_set("desk/emails", rename="mails")',
        KILLED_BEHIND_THE_COMMIT,
        KILLED_BEFORE_THE_COMMIT,
    ],
    ids=["save", "remove", "begin anew", "rename the set", "killed behind", "killed before"],
)
def test_a_save_goes_by_what_another_process_did(
    ws: Workspace, start: Starter, program: str
) -> None:
    ws.save(WELCOME, "one")
    mine = ws.save(WELCOME, "two")
    in_another_process(start, program)
    before = ws.find(f"{WELCOME}@draft")
    if before is None or before.digest != mine.digest:
        with pytest.raises(DraftConflictError):
            ws.save(WELCOME, "three", expect=mine.digest)
    assert ws.save(WELCOME, "three").previous == (before.digest if before else None)
    ws.save(WELCOME, "four")
    check_history(ws)


def test_a_save_that_is_refused_leaves_the_next_one_right(ws: Workspace) -> None:
    ws.save(f"{SET}/other", "{% render 'welcome' %}")
    ws.save(WELCOME, "one")
    two = ws.save(WELCOME, "two")
    with ws.burst():
        with pytest.raises(DraftConflictError):
            ws.save(WELCOME, "three", expect="new")
        assert not ws.save(WELCOME, "two").changed
        with pytest.raises(RefusedError):
            ws.save(WELCOME, "{% render 'other' %}")
        with pytest.raises(NotFoundError):
            ws.remove(f"{SET}/none")
        assert ws.save(WELCOME, "one").previous == two.digest  # stored already: begun twice
    check_history(ws)
    assert [line.sequence for line in ws.draft_log(WELCOME)] == [4, 3, 2]


def test_a_save_that_cannot_be_committed_leaves_the_next_one_right(held: Workspace) -> None:
    held.save(WELCOME, "one")
    two = held.save(WELCOME, "two")
    counter, aside = (Path(f"{held.settings.store}.{end}") for end in ("generation", "aside"))
    with held.burst():
        held.save(f"{SET}/other", "x")
        counter.rename(aside)
        counter.mkdir()
        with pytest.raises(StoreUnavailableError):
            held.save(WELCOME, "three")
        counter.rmdir()
        aside.rename(counter)
        assert held.save(WELCOME, "four").previous == two.digest
    check_history(held)
    assert len(held.draft_log(WELCOME)) == 3


@pytest.mark.parametrize("in_place", [True, False])
def test_a_store_put_back_from_a_copy_is_read_again(
    held: Workspace, tmp_path: Path, *, in_place: bool
) -> None:
    old = held.save(WELCOME, "one")
    copied = tmp_path / "copy"
    shutil.copy(held.settings.store, copied)
    held.save(WELCOME, "two")
    held.save(f"{SET}/other", "x")
    if in_place:
        Path(held.settings.store).write_bytes(copied.read_bytes())
    else:
        copied.replace(held.settings.store)
    assert held.save(WELCOME, "three").previous == old.digest
    assert held.save(f"{SET}/other", "y").previous is None
    check_history(held)


def test_two_who_act_in_one_process_go_by_each_others_saves(
    ws: Workspace, open_workspace: Opener
) -> None:
    bob, elsewhere = open_workspace("bob"), open_workspace("ada", "other")
    expected = None
    with ws.burst():
        for number in range(6):
            who = (ws, bob)[number % 2]
            saved = who.save(WELCOME, f"text {number}")
            assert saved.previous == expected
            expected = saved.digest
            assert (elsewhere.save(WELCOME, f"theirs {number}").previous is None) == (number == 0)
    assert [line.actor for line in ws.draft_log(WELCOME)] == ["bob", "ada"] * 3
    assert [line.sequence for line in ws.draft_log(WELCOME)] == [6, 5, 4, 3, 2, 1]


def test_a_clock_that_goes_back_does_not_take_the_set_with_it(ws: Workspace, clock: Clock) -> None:
    ws.save(WELCOME, "one")
    ws.save(WELCOME, "two")
    latest = clock.now
    clock.now = latest.replace(year=2020)
    ws.save(WELCOME, "three")
    ws.save(WELCOME, "four")
    assert [line.at for line in ws.draft_log(WELCOME)][:3] == [latest] * 3
    check_history(ws)


class Desk:
    """A set of two names at most, and beside it the texts that its draft must hold."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self.texts: dict[str, str] = {}
        for name in "ab":
            self.save(name, "begun")

    def save(self, name: str, text: str) -> None:
        self.ws.save(f"{SET}/{name}", text)
        self.texts[name] = text

    def publish(self, *_: str) -> None:
        if self.texts:
            self.ws.publish(SET)

    def lose(self, name: str, text: str) -> None:
        with pytest.raises(DraftConflictError):
            self.ws.save(f"{SET}/{name}", f"not {text}", expect="sha256:000000")

    def remove(self, name: str, _: str) -> None:
        if name in self.texts:
            self.ws.remove(f"{SET}/{name}")
            del self.texts[name]
            return
        with pytest.raises(NotFoundError):
            self.ws.remove(f"{SET}/{name}")

    def rename(self, name: str, _: str) -> None:
        if list(self.texts) == [name]:
            other = "b" if name == "a" else "a"
            self.ws.rename(f"{SET}/{name}", other)
            self.texts[other] = self.texts.pop(name)

    def copy(self, name: str, _: str) -> None:
        if list(self.texts) == [name]:
            other = "b" if name == "a" else "a"
            self.ws.copy(f"{SET}/{name}", f"{SET}/{other}")
            self.texts[other] = self.texts[name]

    def restore(self, name: str, _: str) -> None:
        if name in self.texts:
            first = first_digest(self.ws, f"{SET}/{name}")
            self.ws.restore(f"{SET}/{name}", first)
            self.texts[name] = self.ws.get(f"{SET}/{name}@{first}").template


STEPS = st.lists(
    st.tuples(
        st.sampled_from([Desk.save] * 6)
        | st.sampled_from(
            [Desk.publish, Desk.lose, Desk.remove, Desk.rename, Desk.copy, Desk.restore]
        ),
        st.sampled_from("ab"),
        st.sampled_from(["one", "two", "three"]),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_any_order_of_changes_leaves_one_history(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Callable[..., None], str, str]]
) -> None:
    store = tmp_path_factory.mktemp("any") / "store.duckdb"
    ws = Workspace(Settings(None, str(store), "acme", "ada"), clock=Clock())
    with ws.burst():
        desk = Desk(ws)
        for step, name, text in steps:
            step(desk, name, text)
        drafts = {name: ws.get(f"{SET}/{name}@draft").template for name in desk.texts}
        assert drafts == desk.texts
        assert {item.address for item in ws.ls(SET)} == {f"{SET}/{name}" for name in desk.texts}
        check_history(ws)
    ws.close()
