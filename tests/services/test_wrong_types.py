"""Whatever a Python program passes to a workspace by mistake, it is told what was expected."""

from __future__ import annotations

import inspect
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import InvalidInputError
from anvil_nb.workspace import Workspace
from anvil_nb.workspace.drafts import Drafts
from anvil_nb.workspace.files import Files
from anvil_nb.workspace.groups import Groups
from anvil_nb.workspace.reading import Reading
from anvil_nb.workspace.running import Running
from anvil_nb.workspace.state import State
from anvil_nb.workspace.sync import Sync
from anvil_nb.workspace.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Callable

SET, WELCOME = "desk/emails", "desk/emails/welcome"
FIRST = f"{SET}@1.0.0"

MOVED: dict[str, Any] = {"message": "why", "expect": None, "plan": None, "dry_run": False}
GOOD: dict[str, dict[str, Any]] = {
    "get": {"address": WELCOME},
    "find": {"address": WELCOME},
    "render": {"address": WELCOME, "mapping": {"customer": "Ada"}},
    "ls": {"prefix": "desk", "limit": 5, "cursor": None},
    "released": {"limit": 5, "cursor": None},
    "get_released": {"address": WELCOME},
    "search": {"text": "hello", "prefix": "desk", "limit": 5, "cursor": None},
    "validate": {"address": SET},
    "save": {
        "address": WELCOME,
        "template": "Hi {{ customer }}",
        "parameters": {"customer": "string"},
        "metadata": {"tags": ["a"]},
        "syntax": "liquid",
        "message": "why",
        "expect": None,
    },
    "remove": {"address": WELCOME, "message": "why", "dry_run": False},
    "rename": {"address": WELCOME, "name": "other", "message": "why", "dry_run": False},
    "copy": {"address": WELCOME, "to": f"{SET}/other", "message": "why"},
    "draft_log": {"address": SET, "limit": 5, "cursor": None},
    "restore": {"address": WELCOME, "to": "sha256:123456", "message": "why"},
    "load": {
        "path": "prompts.csv",
        "into": SET,
        "columns": {"template": "prompt"},
        "liquid": False,
        "dry_run": False,
        "message": "why",
    },
    "write": {"prefix": SET, "folder": "out", "force": True},
    "publish": {
        "address": SET,
        "bump": None,
        "version": None,
        "message": "why",
        "expect": None,
        "plan": None,
        "dry_run": False,
    },
    "rollback": {
        "address": FIRST,
        "bump": None,
        "version": None,
        "message": "why",
        "draft": False,
        "plan": None,
        "dry_run": False,
    },
    "diff": {"old": FIRST, "new": f"{SET}@draft"},
    "log": {"address": SET},
    "label": {"address": FIRST, "name": "production", **MOVED},
    "unlabel": {"address": SET, "name": "staging", **MOVED},
    "run": {
        "addresses": [f"{WELCOME}@draft"],
        "data": [{"customer": "Ada"}],
        "call": str,
        "variables": {},
        "concurrency": 1,
        "progress": lambda *_: None,
    },
    "create_project": {"name": "shop", "title": "Shop", "description": "Sold"},
    "project": {"name": "desk"},
    "update_project": {"name": "desk", "rename": "desk", "title": "A", "description": "B"},
    "delete_project": {"name": "desk", "force": True, "dry_run": False},
    "create_set": {"address": "desk/letters", "title": "L", "description": "Long"},
    "set": {"address": SET},
    "update_set": {"address": SET, "rename": "emails", "title": "A", "description": "B"},
    "delete_set": {"address": SET, "force": True, "dry_run": False},
    "sync": {
        "target": "skills",
        "direction": "push",
        "dry_run": True,
        "filter": "",
        "delete": False,
        "force": False,
        "on_conflict": "stop",
        "plan": None,
        "progress": lambda *_: None,
        "cancelled": lambda: False,
    },
    "sync_status": {"remote": False},
    "sync_diff": {"key": "skills/mail", "kept": False},
    "sync_conflicts": {},
    "sync_resolve": {
        "key": "skills/mail",
        "choice": "merged",
        "merged": "text",
        "plan": None,
        "dry_run": False,
    },
    "sync_settle": {
        "decisions": {"skills/mail": "ours"},
        "plan": None,
        "dry_run": False,
        "progress": lambda *_: None,
        "cancelled": lambda: False,
    },
    "sync_history": {"target": "skills", "limit": 5},
}
"""Arguments of every method that are right, all of them named."""

WRONG: list[Any] = [3, 2.5, object(), b"text", [3], {3: 4}, [["a"]], None]
PARTS = (Reading, Drafts, Files, Versions, Running, Groups, Sync)
_TRUTHS = {"force", "liquid", "dry_run", "draft", "delete", "remote", "kept"}
RIGHT: list[tuple[str, Any]] = [("limit", 3), ("concurrency", 3), ("merged", b"text")]
"""What is in ``WRONG``, and right after all."""


def _call(ws: Workspace, method: str, arguments: dict[str, Any]) -> object:
    function: Callable[..., object] = getattr(ws, method)
    given = dict(arguments)
    by_place = [
        given.pop(one.name)
        for one in inspect.signature(function).parameters.values()
        if one.kind is inspect.Parameter.POSITIONAL_ONLY
        or (one.name == "address" and method == "render")
    ]
    return function(*by_place, **given)


@pytest.fixture
def store(tmp_path: Path) -> str:
    """One engine is enough: nothing of this reaches it."""
    return str(tmp_path / "store.duckdb")


@pytest.fixture
def desk(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    Path("prompts.csv").write_text("name,prompt\na,b\n")
    return ws


def _begin_anew(ws: Workspace) -> None:
    """Put back whatever a call that went through may have changed."""
    for one in ws.ls():
        ws.delete_project(one.address, force=True)
    ws.save(WELCOME, "Hello {{ customer }}", parameters={"customer": "string"})
    ws.publish(SET)
    ws.label(FIRST, "staging")


def test_the_table_has_every_method_with_every_argument() -> None:
    methods = {
        name: set(inspect.signature(method).parameters) - {"self", "values"}
        for part in PARTS
        for name, method in vars(part).items()
        if inspect.isfunction(method) and not name.startswith("_") and not hasattr(State, name)
    }
    assert {name: set(arguments) for name, arguments in GOOD.items()} == methods


@pytest.mark.parametrize("method", GOOD)
def test_a_wrong_argument_is_refused_by_an_error_that_says_what_is_expected(
    desk: Workspace, method: str
) -> None:
    named = inspect.signature(getattr(Workspace, method)).parameters
    with desk.burst():
        _begin_anew(desk)
        for argument, value in product(GOOD[method].keys() - _TRUTHS, WRONG):
            if (value is None and named[argument].default is None) or (argument, value) in RIGHT:
                continue
            try:
                _call(desk, method, {**GOOD[method], argument: value})
            except InvalidInputError as error:
                assert error.message, (argument, value)
                assert error.hint, (argument, value)
            else:
                pytest.fail(f"{method}({argument}={value!r}) went through")


@pytest.mark.parametrize("value", [3, b"folder", [], 2.5])
def test_a_workspace_is_opened_and_made_by_names_only(value: Any, tmp_path: Path) -> None:
    import anvil_nb as anvil

    for call in (
        lambda: anvil.open(value),
        lambda: anvil.init(value),
        lambda: anvil.open(tmp_path, store=value),
        lambda: anvil.open(tmp_path, actor=value),
        lambda: anvil.init(tmp_path, store=value),
        lambda: anvil.init(tmp_path, actor=value),
    ):
        with pytest.raises(InvalidInputError, match="is text") as caught:
            call()
        assert caught.value.hint
    assert [*tmp_path.iterdir()] == []
