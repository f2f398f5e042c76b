"""What ``anvil import`` can be told, chosen in the page of an import."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import NotFoundError
from anvil_nb.workspace import Workspace
from tests.widgets.bundled import OURS, SET, THEIRS, VERSION, in_conflict, keys_elsewhere, publish
from tests.widgets.pages import Page, Refused
from tests.widgets.test_importing import keys, states, ws

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["keys", "ws"]


def verified(ws: Workspace, bundle: Path, **how: Any) -> Page:
    page = Page(ws.importing(bundle, allow_unsigned=True, **how))
    page.call("verify")
    return page


def carried_out(page: Page) -> tuple[int, Any]:
    inner = page.call("settle")["key"]
    plan = page.call("plan", to=inner)
    return inner, page.call("apply", to=inner, plan=plan["plan"])["state"]["done"]


def test_a_project_gets_another_name_in_the_page_and_decisions_stay(
    ws: Workspace, tmp_path: Path
) -> None:
    page = verified(ws, in_conflict(ws, tmp_path))
    page.call("decide", to=page.call("settle")["key"], key=VERSION, choice="overwrite")
    state = page.call("arrange", into="", labels=False, renames="\n desk = shop \n")
    assert state["map"] == ["desk=shop"]
    assert page.call("settle")["state"]["total"] == 0
    state = page.call("arrange", into="", labels=True, renames="")
    assert (state["map"], state["labels"]) == ([], True)
    page.call("arrange", into="", labels=False, renames="desk/emails=desk/letters")
    carried_out(page)
    assert ws.get("desk/letters/welcome@latest").template == THEIRS
    assert ws.get(f"{SET}/welcome@latest").template == OURS


def test_what_was_decided_is_carried_over_to_the_plan_made_anew(
    ws: Workspace, tmp_path: Path
) -> None:
    page = verified(ws, in_conflict(ws, tmp_path))
    page.call("decide", to=page.call("settle")["key"], key=VERSION, choice="overwrite")
    page.call("arrange", into="", labels=True, renames="")
    assert page.call("settle")["state"]["left"] == 0


@pytest.mark.parametrize(
    ("renames", "into", "why"),
    [
        ("desk", "", "'desk' is not of the form OLD=NEW"),
        ("desk=", "", "not of the form"),
        ("nothing=else", "", "there is no 'nothing' in the bundle"),
        ("desk=desk/emails", "", "does not say what becomes of"),
        ("desk=shop", "store", "cannot get another project"),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_the_plan_before_stays(
    ws: Workspace, tmp_path: Path, renames: str, into: str, why: str
) -> None:
    page = verified(ws, in_conflict(ws, tmp_path))
    with pytest.raises(Refused, match=why):
        page.call("arrange", into=into, labels=False, renames=renames)
    state: Any = page.view.state()
    assert (state["map"], state["into"], state["verified"]) == ([], "", True)


def test_an_import_goes_to_another_organisation_and_is_taken_back_there(
    ws: Workspace, tmp_path: Path
) -> None:
    with anvil.init(tmp_path / "theirs", actor="bob") as theirs:
        publish(theirs, welcome=THEIRS)
        theirs.export("desk", tmp_path / "desk.anvil")
    in_acme = replace(ws.settings, organisation="acme")
    with Workspace(in_acme) as acme:
        acme.save("other/set/prompt", "Theirs")
    page = verified(ws, tmp_path / "desk.anvil")
    state: Any = page.view.state()
    assert (state["organisations"], state["organisation"]) == (["acme", "ada"], "ada")
    with pytest.raises(Refused, match="no organisation 'umbra' here"):
        page.call("arrange", into="", labels=False, organisation="umbra")
    state = page.call("arrange", into="", labels=False, organisation="acme")
    assert state["organisation"] == "acme"
    inner, _ = carried_out(page)
    with Workspace(in_acme) as elsewhere:
        assert elsewhere.get(f"{SET}/welcome@latest").template == THEIRS
        assert ws.find(f"{SET}/welcome@latest") is None
        assert "ndid" in page.call("undo", to=inner)["said"]
        with pytest.raises(NotFoundError):
            elsewhere.get(f"{SET}/welcome@latest")


def test_a_bundle_that_nobody_signed_is_taken_only_when_that_is_meant(
    ws: Workspace, tmp_path: Path
) -> None:
    page = Page(ws.importing(in_conflict(ws, tmp_path)))
    state = page.call("verify")
    assert states(state)["signer"] == "failed"
    assert (state["unsigned"], state["allow_unsigned"], state["verified"]) == (True, False, False)
    assert page.call("verify")["verified"] is False
    state = page.call("verify", allow_unsigned=True)
    assert (state["error"], state["verified"], state["allow_unsigned"]) == (None, True, True)
    assert states(state)["signer"] == "noted"
    page.call("decide", to=page.call("settle")["key"], key=VERSION, choice="overwrite")
    carried_out(page)
    assert ws.get(f"{SET}/welcome@latest").template == THEIRS
    page.call("forget")  # the next one is another matter
    assert page.view.state()["allow_unsigned"] is False


def test_a_bundle_by_a_key_that_nobody_trusts_is_not_taken_as_one_that_nobody_signed(
    ws: Workspace, tmp_path: Path
) -> None:
    with keys_elsewhere(tmp_path):
        bundle = in_conflict(ws, tmp_path, sign="bob")
    page = Page(ws.importing(bundle))
    assert page.call("verify")["unsigned"] is False
    state = page.call("verify", allow_unsigned=True)
    assert (state["verified"], state["allow_unsigned"]) == (False, False)
    assert state["error"]["code"] == "untrusted-signer"


def test_a_workspace_that_takes_signed_bundles_only_says_so(ws: Workspace, tmp_path: Path) -> None:
    bundle = in_conflict(ws, tmp_path)
    file = tmp_path / "ours/anvil.toml"
    file.write_text(f'signatures = "always"\n{file.read_text()}')
    with anvil.open(tmp_path / "ours") as strict:
        page = Page(strict.importing(bundle))
        page.call("verify")
        state = page.call("verify", allow_unsigned=True)
        assert "takes signed bundles only" in state["error"]["message"]
        state = page.call("verify")
        assert (state["allow_unsigned"], state["unsigned"]) == (False, True)
        assert "is not signed" in state["error"]["message"]


def test_what_was_said_on_the_line_is_decided_at_once(ws: Workspace, tmp_path: Path) -> None:
    bundle = in_conflict(ws, tmp_path)
    for how in ({"strategy": "skip"}, {"resolutions": {VERSION: "skip"}}):
        page = Page(ws.importing(bundle, allow_unsigned=True, **how))
        page.call("verify")
        assert page.call("settle")["state"]["rows"] == [[VERSION, 0, "skip", len("version:")]]


def test_names_and_labels_said_on_the_line_are_passed_on(ws: Workspace, tmp_path: Path) -> None:
    with anvil.init(tmp_path / "theirs", actor="bob") as theirs:
        publish(theirs, welcome="Hi")
        theirs.label(f"{SET}@1.0.0", "production")
        theirs.export("desk", tmp_path / "desk.anvil", labels=True)
    bundle = tmp_path / "desk.anvil"
    page = Page(ws.importing(bundle, allow_unsigned=True, labels=True, into="support"))
    page.call("verify")
    inner = page.call("settle")["key"]
    page.call("apply", to=inner, plan=page.call("plan", to=inner)["plan"])
    assert ws.get("support/emails/welcome@production").template == "Hi"


def test_another_project_chosen_in_the_page_is_planned_anew_and_decisions_stay(
    ws: Workspace, tmp_path: Path
) -> None:
    page = Page(ws.importing(in_conflict(ws, tmp_path), allow_unsigned=True))
    page.call("verify")
    inner = page.call("settle")["key"]
    page.call("decide", to=inner, key=VERSION, choice="skip")
    with pytest.raises(Refused, match="no name"):
        page.call("arrange", into="no name", labels=False)
    assert page.view.state()["into"] == ""
    elsewhere = page.call("arrange", into=" shop ", labels=False)
    assert (elsewhere["into"], page.call("settle")["state"]["rows"]) == ("shop", [])
    back = page.call("arrange", into="", labels=True)
    assert (back["into"], back["labels"]) == ("", True)
    assert page.call("settle")["state"]["rows"] == [[VERSION, 0, "", len("version:")]]
    page.call("decide", to=page.call("settle")["key"], key=VERSION, choice="skip")
    page.call("arrange", into="", labels=False)
    assert page.call("settle")["state"]["rows"] == [[VERSION, 0, "skip", len("version:")]]
    assert page.call("forget")["labels"] is False


def test_what_is_imported_is_not_planned_anew_before_it_is_taken_back(
    ws: Workspace, tmp_path: Path
) -> None:
    page = Page(ws.importing(in_conflict(ws, tmp_path), allow_unsigned=True, strategy="overwrite"))
    page.call("verify")
    inner = page.call("settle")["key"]
    page.call("apply", to=inner, plan=page.call("plan", to=inner)["plan"])
    assert page.view.state()["done"] is True
    with pytest.raises(Refused, match="imported already"):
        page.call("arrange", into="shop", labels=False)
    page.call("undo", to=inner)
    assert page.call("arrange", into="shop", labels=False)["done"] is False
