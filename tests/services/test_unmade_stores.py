"""A store that is not there: told to who reads, made by who writes, and never by a slip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import anvil_nb as anvil
from anvil_nb.errors import NotFoundError, StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace

SET, WELCOME = "desk/emails", "desk/emails/welcome"

READS: dict[str, Callable[[Workspace], object]] = {
    "get": lambda ws: ws.get(WELCOME),
    "find": lambda ws: ws.find(WELCOME),
    "render": lambda ws: ws.render(WELCOME),
    "ls": lambda ws: ws.ls(),
    "search": lambda ws: ws.search("hello"),
    "validate": lambda ws: ws.validate(SET),
    "run": lambda ws: ws.run(WELCOME, [{}]),
    "log": lambda ws: ws.log(SET),
    "draft_log": lambda ws: ws.draft_log(SET),
    "diff": lambda ws: ws.diff(SET),
    "set": lambda ws: ws.set(SET),
    "project": lambda ws: ws.project("desk"),
    "write": lambda ws: ws.write(SET, "out"),
    "publish": lambda ws: ws.publish(SET),
    "remove": lambda ws: ws.remove(WELCOME),
    "copy": lambda ws: ws.copy(WELCOME, f"{SET}/other"),
    "delete": lambda ws: ws.delete_project("desk", force=True),
    "dry run": lambda ws: ws.load("p.csv", SET, dry_run=True),
}
WRITES: dict[str, Callable[[Workspace], object]] = {
    "save": lambda ws: ws.save(WELCOME, "Hello"),
    "load": lambda ws: ws.load("p.csv", SET),
    "create_project": lambda ws: ws.create_project("desk"),
    "create_set": lambda ws: ws.create_set(SET),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, but for a table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text("name,prompt\na,b\n")
    return tmp_path


def _files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


@pytest.mark.parametrize("read", READS)
def test_reading_a_store_that_is_not_there_is_refused_and_makes_nothing(
    here: Path, read: str
) -> None:
    with anvil.open(store="typo.duckdb") as ws:
        with pytest.raises(StoreUnavailableError, match=r"there is no store at .*typo\.duckdb"):
            READS[read](ws)
        assert _files(here) == ["p.csv"]


@pytest.mark.parametrize("write", WRITES)
def test_the_first_write_makes_the_store_and_then_it_is_read(here: Path, write: str) -> None:
    with anvil.open(store="new.duckdb") as ws:
        WRITES[write](ws)
        assert [one.address for one in ws.ls()] in (["desk"], [])
        assert (here / "new.duckdb").is_file()
        with pytest.raises(NotFoundError):
            ws.get("no/such/prompt")


def test_a_store_in_a_folder_that_is_not_there_is_refused_when_it_is_opened(here: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="there is no folder .*typo") as caught:
        anvil.open(store="typo/x.duckdb")
    assert caught.value.hint == "Check the path, or make the folder first."
    assert _files(here) == ["p.csv"]


def test_a_folder_that_goes_away_before_the_first_write_is_not_made_again(here: Path) -> None:
    (here / "in").mkdir()
    with anvil.open(store="in/x.duckdb") as ws:
        (here / "in").rmdir()
        with pytest.raises(StoreUnavailableError, match="there is no folder"):
            ws.save(WELCOME, "Hello")
    assert _files(here) == ["p.csv"]


def test_a_slip_before_the_first_write_makes_nothing(here: Path) -> None:
    with anvil.open(store="new.duckdb") as ws:
        for slip in (
            lambda: ws.save("desk", "Hello"),
            lambda: ws.load("p.csv", "desk"),
            lambda: ws.create_set("desk"),
        ):
            with pytest.raises(anvil.errors.AddressError):
                slip()
    assert _files(here) == ["p.csv"]


def test_a_workspace_without_its_store_gets_one_by_init_or_by_the_first_write(here: Path) -> None:
    """As in a fresh clone: ``anvil.toml`` is kept, the folder of the store is not."""
    (here / "anvil.toml").write_text('organisation = "acme"\nactor = "ada"\n')
    (here / "deeper").mkdir()
    with anvil.open(here / "deeper") as ws:
        with pytest.raises(StoreUnavailableError) as caught:
            ws.ls()
        assert caught.value.hint.startswith(f"Try: anvil init {here} ")
        assert not (here / ".anvil").exists()
        anvil.init(here).close()
        assert list(ws.ls()) == []
        ws.save(WELCOME, "Hello")
    with anvil.open(here) as other:
        assert [one.address for one in other.ls()] == ["desk"]


def test_a_store_that_another_one_made_meanwhile_is_read(here: Path) -> None:
    with anvil.open(store="x.duckdb") as reader, anvil.open(here, store="x.duckdb") as writer:
        writer.save(WELCOME, "Hello")
        assert reader.get(f"{WELCOME}@draft").render().text == "Hello"
        writer.save(WELCOME, "Hi")
        assert reader.get(f"{WELCOME}@draft").render().text == "Hi"


def test_a_burst_may_begin_before_there_is_a_store(here: Path) -> None:
    with anvil.open(store="x.duckdb") as ws:
        with ws.burst():
            for number in range(3):
                ws.save(f"{SET}/n-{number}", "x")
            kept_open = (here / "x.duckdb.wal").exists()
        assert kept_open
        assert not (here / "x.duckdb.wal").exists()
        assert len(list(ws.ls(SET))) == 3


def test_a_workspace_that_was_closed_stays_closed(here: Path) -> None:
    ws = anvil.open(store="x.duckdb")
    ws.close()
    with pytest.raises(StoreError, match="was closed"):
        ws.save(WELCOME, "Hello")
    assert _files(here) == ["p.csv"]


def test_a_workspace_closed_twice_takes_nothing_from_another(here: Path) -> None:
    with anvil.open(store="x.duckdb") as other:
        other.save(WELCOME, "Hello")
        ws = anvil.open(store="x.duckdb")
        assert ws.get(f"{WELCOME}@draft").template == "Hello"
        ws.close()
        ws.close()
        with pytest.raises(StoreError, match="was closed"):
            ws.ls()
        other.save(WELCOME, "Hello again")
    assert (here / "x.duckdb").exists()
