"""A bundle that comes to a view: piece by piece, verified step by step, without a browser."""

from __future__ import annotations

import gc
import hashlib
import shlex
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import ConflictError, InvalidInputError, TooLargeError
from anvil_nb.keys import KeyRing
from anvil_nb.widgets.importing import ImportView
from anvil_nb.widgets.job import CancelledError, Job
from anvil_nb.widgets.uploading import LARGEST, MOST, Arrivals, shown_name
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


@pytest.fixture
def arrivals(tmp_path: Path) -> Iterator[Arrivals]:
    made = Arrivals(tmp_path / "uploads")
    yield made
    made.close()


def left(folder: Path) -> list[str]:
    """What of uploads is in a folder."""
    return [one.name for one in folder.rglob("*.anvil")] if folder.exists() else []


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# The pieces


def test_pieces_in_order_make_the_file(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", len(BYTES))
    for at in range(0, len(BYTES), 4_000):
        assert upload.add(at, BYTES[at : at + 4_000]) == min(at + 4_000, len(BYTES))
    upload.finish(sha256(BYTES))
    assert upload.path.read_bytes() == BYTES


def test_a_piece_out_of_order_is_refused_and_the_right_one_still_taken(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", len(BYTES))
    upload.add(0, BYTES[:100])
    for at in (0, 50, 101, 5_000, -100):
        with pytest.raises(ConflictError, match="not the next one"):
            upload.add(at, BYTES[200:300])
    assert upload.add(100, BYTES[100:]) == len(BYTES)
    upload.finish(sha256(BYTES))


def test_a_piece_that_comes_again_is_acknowledged_again_and_not_written_twice(
    arrivals: Arrivals,
) -> None:
    upload = arrivals.begin("desk.anvil", 200)
    assert upload.add(0, BYTES[:100]) == upload.add(0, BYTES[:100]) == 100
    with pytest.raises(ConflictError):
        upload.add(0, BYTES[1:101])  # another one in its place
    upload.add(100, BYTES[100:200])
    upload.finish(sha256(BYTES[:200]))
    assert upload.path.read_bytes() == BYTES[:200]


@pytest.mark.parametrize("size", [0, LARGEST + 1])
def test_a_piece_of_no_size_or_too_large_is_refused(arrivals: Arrivals, size: int) -> None:
    upload = arrivals.begin("desk.anvil", LARGEST + 1)
    with pytest.raises(TooLargeError):
        upload.add(0, bytes(size))


def test_more_than_was_announced_is_refused(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", 150)
    upload.add(0, BYTES[:100])
    with pytest.raises(TooLargeError, match="announced"):
        upload.add(100, BYTES[100:200])


def test_a_file_that_is_empty_or_too_large_is_refused_at_once(arrivals: Arrivals) -> None:
    with pytest.raises(InvalidInputError, match="empty"):
        arrivals.begin("desk.anvil", 0)
    with pytest.raises(TooLargeError):
        arrivals.begin("desk.anvil", MOST + 1)


def test_a_file_that_is_cut_off_or_another_is_not_taken(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", len(BYTES))
    upload.add(0, BYTES[:100])
    with pytest.raises(InvalidInputError, match="100 of the"):
        upload.finish(sha256(BYTES[:100]))
    upload.add(100, BYTES[100:])
    with pytest.raises(InvalidInputError, match="changed on its way"):
        upload.finish(sha256(BYTES[:100]))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("desk.anvil", "desk.anvil"),
        ("/etc/../passwd", "passwd"),
        ("C:\\x\\desk.anvil", "desk.anvil"),
        ("", "bundle.anvil"),
        ("..", "bundle.anvil"),
        ("x\u00e9" * 200, "x\u00e9" * 30),
    ],
)
def test_the_name_of_a_file_is_never_a_path(arrivals: Arrivals, said: str, shown: str) -> None:
    assert shown_name(said) == shown
    upload = arrivals.begin(said, 10)
    assert upload.path.parents[1] == arrivals.folder


def test_another_file_takes_the_place_of_one_on_its_way(arrivals: Arrivals) -> None:
    first = arrivals.begin("one.anvil", 100)
    first.add(0, BYTES[:50])
    second = arrivals.begin("two.anvil", 100)
    assert not first.path.exists()
    with pytest.raises(ConflictError):
        arrivals.of(first.number)
    assert arrivals.of(second.number) is second


def test_the_folder_goes_when_the_view_is_closed_or_forgotten(tmp_path: Path) -> None:
    for close in (True, False):
        arrivals = Arrivals(tmp_path / "uploads")
        arrivals.begin("desk.anvil", 100).add(0, BYTES[:50])
        folder = arrivals.folder
        assert folder is not None
        assert folder.exists()
        if close:
            arrivals.close()
        del arrivals
        gc.collect()
        assert not folder.exists()


def test_what_a_killed_kernel_left_is_removed_by_the_next_upload(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from anvil_nb.widgets.uploading import Arrivals\n"
        "arrivals = Arrivals(Path(sys.argv[1]))\n"
        "arrivals.begin('desk.anvil', 100).add(0, b'x')\n"
        "print('there', flush=True)\nsys.stdin.read()\n"
    )
    folder = tmp_path / "uploads"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        assert len(left(folder)) == 1
        process.send_signal(signal.SIGKILL)
    assert len(left(folder)) == 1
    arrivals = Arrivals(folder)
    arrivals.begin("other.anvil", 100)
    assert len(left(folder)) == 1
    arrivals.close()
    assert left(folder) == []


def test_what_a_kernel_leaves_that_ends_is_nothing(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from anvil_nb.widgets.uploading import Arrivals\n"
        "arrivals = Arrivals(Path(sys.argv[1]))\n"
        "arrivals.begin('desk.anvil', 100).add(0, b'x')\n"
    )
    folder = tmp_path / "uploads"
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)
    assert list(folder.iterdir()) == []


# The view


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
    assert place["state"]["rows"] == [[VERSION, 0, ""]]
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
    page.call("verify")
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
        "signer": "passed",
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
    assert said[-1].startswith(f"{at} 1 of")
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


def test_what_was_said_on_the_line_is_decided_at_once(ws: Workspace, tmp_path: Path) -> None:
    bundle = in_conflict(ws, tmp_path)
    for how in ({"strategy": "skip"}, {"resolutions": {VERSION: "skip"}}):
        page = Page(ws.importing(bundle, allow_unsigned=True, **how))
        page.call("verify")
        assert page.call("settle")["state"]["rows"] == [[VERSION, 0, "skip"]]


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
    assert page.call("settle")["state"]["rows"] == [[VERSION, 0, ""]]
    page.call("decide", to=page.call("settle")["key"], key=VERSION, choice="skip")
    page.call("arrange", into="", labels=False)
    assert page.call("settle")["state"]["rows"] == [[VERSION, 0, "skip"]]
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
