"""The file of an import is another one, or is to be another one, while it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import RefusedError
from anvil_nb.widgets.job import Job
from anvil_nb.widgets.settling import ConflictsView
from tests.widgets.bundled import OURS, SET, VERSION, in_conflict, publish
from tests.widgets.pages import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "ours", actor="ada") as made:
        yield made


def test_another_file_in_the_place_of_the_verified_one_is_not_imported(
    ws: Workspace, tmp_path: Path
) -> None:
    bundle = in_conflict(ws, tmp_path)
    page = Page(ws.importing(bundle, allow_unsigned=True))
    page.call("verify")
    to = page.call("settle")["key"]
    data = bundle.read_bytes()
    bundle.write_bytes(data)  # the same again
    page.call("decide", to=to, key=VERSION, choice="overwrite")
    plan = page.call("plan", to=to)["plan"]
    with anvil.init(tmp_path / "other", actor="eve") as other:
        publish(other, welcome="Another")
        other.export("desk", bundle, force=True)
    for name, args in (("plan", {}), ("apply", {"plan": plan}), ("refresh", {})):
        with pytest.raises(Refused, match="another file by now than the one that was verified"):
            page.call(name, to=to, **args)
    assert ws.get(f"{SET}/welcome@latest").template == OURS


def test_another_file_is_not_chosen_while_this_one_is_imported(
    ws: Workspace, tmp_path: Path
) -> None:
    view = ws.importing(in_conflict(ws, tmp_path), allow_unsigned=True, strategy="overwrite")
    page = Page(view)
    page.call("verify")
    assert view.settlement is not None
    settlement, refused = view.settlement, []

    def meanwhile(_: object) -> None:
        with pytest.raises(RefusedError, match="being imported") as caught:
            view.begin("other.anvil", 10)
        refused.append(caught.value.hint)

    resolver = ConflictsView(ws, lambda _: settlement)
    plan: Any = resolver.plan(Job())
    done: Any = resolver.apply(Job(meanwhile), plan["plan"])
    assert "cancel it" in refused[0]
    assert done["state"]["done"]["title"].startswith("Imported")
    assert page.call("forget")["file"] == ""
