"""A bundle that comes to a view: verified step by step, without a browser."""

from __future__ import annotations

import hashlib
import shlex
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import (
    BundleError,
    InvalidInputError,
    RefusedError,
    StoreUnavailableError,
)
from anvil_nb.keys import KeyRing
from anvil_nb.widgets.importing import ImportView
from anvil_nb.widgets.job import CancelledError, Job
from anvil_nb.widgets.verification import failed_at
from tests.widgets.bundled import (
    OURS,
    SET,
    THEIRS,
    VERSION,
    in_conflict,
    keys_elsewhere,
    many_conflicts,
    publish,
)
from tests.widgets.pages import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace

BYTES = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "ours", actor="ada") as made:
        yield made


def left(folder: Path) -> list[str]:
    """What of uploads is in a folder."""
    return [one.name for one in folder.rglob("*.anvil")] if folder.exists() else []


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def send(page: Page, data: bytes, piece: int = 1_000) -> Any:
    """Send a file as the page does."""
    begun = page.call("begin", name="desk.anvil", size=len(data))
    for at in range(0, len(data), piece):
        buffers = [memoryview(data[at : at + piece])]
        page.call("piece", upload=begun["upload"], at=at, buffers=buffers)
    return page.call("finish", upload=begun["upload"], sha256=sha256(data))


def states(state: Any) -> dict[str, str]:
    return {one["name"]: one["state"] for one in state["checks"]}


def test_a_bundle_is_sent_verified_settled_and_undone(ws: Workspace, tmp_path: Path) -> None:
    bundle = in_conflict(ws, tmp_path)
    page = Page(ws.importing(allow_unsigned=True))
    assert send(page, bundle.read_bytes())["verified"] is False
    state = page.call("verify")
    assert state["verified"] is True
    assert states(state) == {
        "file": "passed",
        "container": "passed",
        "signer": "noted",
        "checksums": "passed",
        "resources": "passed",
    }
    place = page.call("settle")
    assert place["state"]["rows"] == [[VERSION, 0, "", len("version:")]]
    inner = place["key"]
    page.call("decide", to=inner, key=VERSION, choice="overwrite")
    plan = page.call("plan", to=inner)
    page.call("apply", to=inner, plan=plan["plan"])
    assert ws.get(f"{SET}/welcome@latest").template == THEIRS
    assert "Imported desk.anvil" in page.view.to_text()
    # A page that is loaded again goes on with what was done.
    again = page.call("settle")
    assert again["state"]["done"]["undo"] == ws.imports().records[0].id
    page.call("undo", to=again["key"])
    assert ws.get(f"{SET}/welcome@latest").template == OURS
    assert "taken back" in page.view.to_text()


def test_the_view_stands_before_anything_is_verified_and_shows_each_step_as_it_is_taken(
    ws: Workspace, tmp_path: Path
) -> None:
    page = Page(ws.importing(in_conflict(ws, tmp_path), allow_unsigned=True))
    assert set(states(page.view.state()).values()) == {"waiting"}
    assert page.view.to_text() == (
        "Import desk.anvil\nIt is not verified yet; the view does that as soon as a page shows it."
    )
    assert "not verified yet" in str(page.view.to_html())
    page.call("verify")
    assert "The container is sound" in page.view.to_text()
    assert {name for name, _ in page.events} == {"checks"}
    running = [states({"checks": value}) for _, value in page.events]
    assert [next(name for name in one if one[name] == "running") for one in running] == [
        "file",
        "checksums",
        "resources",
    ]
    assert running[1] == {
        "file": "passed",
        "container": "passed",
        "signer": "waiting",
        "checksums": "running",
        "resources": "waiting",
    }
    assert running[2]["signer"] == "noted"


@pytest.mark.parametrize("at", ["checked", "planned"])
def test_verification_and_planning_are_cancelled_and_begun_again(
    ws: Workspace, tmp_path: Path, at: str
) -> None:
    view = ws.importing(many_conflicts(ws, tmp_path, 3), allow_unsigned=True)
    page = Page(view)
    said: list[str] = []
    jobs: list[Job] = []

    def told(value: Any) -> None:
        said.append(value["text"])
        if value["text"].startswith(at):
            jobs[0].cancel()

    jobs.append(Job(told, clock=iter(range(1_000)).__next__))  # everything is told
    with pytest.raises(CancelledError):
        view.verify(jobs[0])
    assert said[-1].startswith(f"{at} {'1' if at == 'checked' else '0'} of")
    assert view.settlement is None
    assert set(states(view.state()).values()) == {"waiting"}
    assert "failed" not in view.to_text()
    assert page.changes == 1
    assert page.call("verify")["verified"] is True
    assert len(page.call("settle")["state"]["rows"]) == 3


def test_an_upload_that_is_cancelled_leaves_nothing(ws: Workspace) -> None:
    page = Page(ws.importing())
    view = page.view
    assert isinstance(view, ImportView)
    begun = page.call("begin", name="desk.anvil", size=100)
    page.call("piece", upload=begun["upload"], at=0, buffers=[b"x" * 50])
    folder = view._arrivals.folder
    assert folder is not None
    assert left(folder) != []
    page.call("cancel", upload=begun["upload"])
    assert left(folder) == []
    with pytest.raises(Refused, match="cancelled"):
        page.call("piece", upload=begun["upload"], at=50, buffers=[b"x" * 50])
    view.close()
    assert not folder.exists()


def test_a_file_with_another_digest_leaves_nothing(ws: Workspace) -> None:
    page = Page(ws.importing())
    begun = page.call("begin", name="desk.anvil", size=2)
    page.call("piece", upload=begun["upload"], at=0, buffers=[b"xy"])
    with pytest.raises(Refused, match="changed on its way"):
        page.call("finish", upload=begun["upload"], sha256="0" * 64)
    assert page.view.state()["file"] == ""
    view = page.view
    assert isinstance(view, ImportView)
    folder = view._arrivals.folder
    assert folder is not None
    assert left(folder) == []


def test_a_message_without_its_piece_is_refused(ws: Workspace) -> None:
    page = Page(ws.importing())
    begun = page.call("begin", name="desk.anvil", size=2)
    for buffers in ((), [b"x", b"y"]):
        with pytest.raises(Refused, match="one piece"):
            page.call("piece", upload=begun["upload"], at=0, buffers=buffers)


@pytest.mark.parametrize(
    ("damage", "step", "code"),
    [
        (lambda data: b"no zip" + data[6:], "container", "bundle-damaged"),
        (lambda data: data[:-40], "container", "bundle-damaged"),
    ],
    ids=["begins otherwise", "cut off"],
)
def test_a_damaged_bundle_is_refused_at_its_step(
    ws: Workspace, tmp_path: Path, damage: Any, step: str, code: str
) -> None:
    bundle = in_conflict(ws, tmp_path)
    bundle.write_bytes(damage(bundle.read_bytes()))
    page = Page(ws.importing(bundle))
    state = page.call("verify")
    assert (state["error"]["code"], states(state)[step]) == (code, "failed")
    assert states(state)["resources"] == "waiting"
    assert state["verified"] is False
    with pytest.raises(Refused):
        page.call("settle")
    assert "failed" in page.view.to_text()


def test_an_unknown_signer_is_shown_with_what_trusts_it_and_nothing_is_trusted(
    ws: Workspace, tmp_path: Path
) -> None:
    with keys_elsewhere(tmp_path) as ring:
        bundle = in_conflict(ws, tmp_path, sign="bob")
        (key,) = ring.ls()
        fingerprint, line = key.key_id, key.public_key.line("bob")
    page = Page(ws.importing(bundle))
    state = page.call("verify")
    assert states(state)["signer"] == "failed"
    assert states(state)["checksums"] == "passed"
    assert state["trusting"] == (
        f"%anvil keys trust {fingerprint} --from {shlex.quote(str(bundle))} --name NAME"
    )
    assert KeyRing.open().ls() == []
    with pytest.raises(Refused):
        page.call("settle")
    KeyRing.open().trust(line, "bob")
    assert page.call("verify")["verified"] is True


def test_an_encrypted_bundle_asks_for_its_passphrase_and_keeps_it_nowhere(
    ws: Workspace, tmp_path: Path
) -> None:
    secret = "correct horse"  # noqa: S105 - of this test
    bundle = in_conflict(ws, tmp_path, passphrase=secret)
    page = Page(ws.importing(bundle, allow_unsigned=True))
    state = page.call("verify")
    assert (state["error"]["code"], state["needs"]) == ("passphrase-needed", {"key": ""})
    wrong = page.call("verify", passphrase="wrong")  # noqa: S106 - of this test
    assert (wrong["error"]["code"], wrong["needs"]) == ("decryption", {"key": ""})
    state = page.call("verify", passphrase=secret)
    assert state["verified"] is True
    place = page.call("settle")
    page.call("decide", to=place["key"], key=VERSION, choice="skip")
    plan = page.call("plan", to=place["key"])
    done = page.call("apply", to=place["key"], plan=plan["plan"])
    for said in (state, place, plan, done, page.view.to_text(), str(page.view.to_html())):
        assert secret not in repr(said)


def test_a_mistyped_passphrase_of_a_key_is_asked_for_again(ws: Workspace, tmp_path: Path) -> None:
    secret = "sesame, open"  # noqa: S105 - of this test
    KeyRing.open().generate("me", passphrase=secret)
    publish(ws, welcome=OURS)
    ws.export("desk", tmp_path / "own.anvil", encrypt_to="me")
    page = Page(ws.importing(tmp_path / "own.anvil", allow_unsigned=True))
    assert page.call("verify")["needs"] == {"key": "me"}
    wrong = page.call("verify", key_passphrase="wrong")  # noqa: S106 - of this test
    assert (wrong["error"]["code"], wrong["needs"]) == ("passphrase", {"key": "me"})
    assert wrong["error"]["hint"] == "Type it again below."
    assert page.call("verify", key_passphrase=secret)["verified"] is True


def test_a_decision_of_no_conflict_is_told(ws: Workspace, tmp_path: Path) -> None:
    bundle = in_conflict(ws, tmp_path)
    page = Page(ws.importing(bundle, allow_unsigned=True, resolutions={"name:desk/x": "skip"}))
    state = page.call("verify")
    assert "name:desk/x" in state["error"]["message"]
    assert state["verified"] is False


def test_what_an_import_does_not_take_is_refused_at_once(ws: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="'dry_run'"):
        ws.importing("desk.anvil", dry_run=True)


def test_another_file_begins_anew(ws: Workspace, tmp_path: Path) -> None:
    bundle = in_conflict(ws, tmp_path)
    page = Page(ws.importing(bundle, allow_unsigned=True))
    page.call("verify")
    state = page.call("forget")
    assert (state["file"], state["verified"]) == ("", False)
    assert bundle.exists(), "the file of a path is not ours to remove"


@pytest.mark.parametrize("at", ["checked", "planned"])
def test_what_is_under_way_for_a_file_ends_when_another_is_chosen(
    ws: Workspace, tmp_path: Path, at: str
) -> None:
    view = ws.importing(many_conflicts(ws, tmp_path, 3), allow_unsigned=True)
    turns = iter([view.forget])

    def told(value: Any) -> None:
        if value["text"].startswith(at):
            for forget in turns:
                forget()

    with pytest.raises(CancelledError, match="another file"):
        view.verify(Job(told, clock=iter(range(1_000)).__next__))
    state: Any = view.state()
    assert (state["file"], state["verified"], state["info"]) == ("", False, None)
    assert set(states(state).values()) == {"waiting"}


def test_decisions_said_on_the_line_are_about_the_first_file_alone(
    ws: Workspace, tmp_path: Path
) -> None:
    bundle = in_conflict(ws, tmp_path)
    page = Page(ws.importing(bundle, allow_unsigned=True, resolutions={"name:desk/x": "skip"}))
    assert page.call("verify")["verified"] is False
    send(page, bundle.read_bytes())
    assert page.call("verify")["verified"] is True


def test_a_plan_made_anew_waits_for_the_import_that_is_under_way(
    ws: Workspace, tmp_path: Path
) -> None:
    view = ws.importing(in_conflict(ws, tmp_path), allow_unsigned=True, strategy="overwrite")
    page = Page(view)
    page.call("verify")
    settlement = view.settlement
    assert settlement is not None
    plan = settlement.plan(lambda *_: None, skip=False).plan
    with ThreadPoolExecutor(1) as pool:
        with settlement.turn:
            anew = pool.submit(view.arrange, Job(), "shop", labels=False)
            settlement.apply(plan, Job(), skip=False)
        with pytest.raises(RefusedError, match="imported already"):
            anew.result()
    assert view.settlement is settlement


def test_a_step_that_was_not_taken_is_not_said_to_have_passed() -> None:
    unsound = BundleError("the manifest is no JSON")
    assert {one.name: one.state for one in failed_at(unsound, "file")} == {
        "file": "passed",
        "container": "failed",
        "signer": "waiting",
        "checksums": "waiting",
        "resources": "waiting",
    }
    found = {one.name: one.state for one in failed_at(unsound, "checksums")}
    assert (found["signer"], found["checksums"], found["resources"]) == (
        "waiting",
        "waiting",
        "failed",
    )
    full = StoreUnavailableError("there is no room")
    assert {one.state for one in failed_at(full, "file")[1:]} == {"waiting"}
