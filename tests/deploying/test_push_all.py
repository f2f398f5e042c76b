"""A push of everything deploys at its end, and its dry run does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.deploying.hooks import Hook
from anvil_nb.errors import SettingsError
from anvil_nb.keys import KeyRing
from anvil_nb.results.deploying import DeployReport

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.results.sync import SyncReport
    from tests.deploying.conftest import Host, HostStarter, Opener

IMAGE = "registry.example.org/acme/app"


@pytest.fixture
def server(host: HostStarter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A server that deploys by leaving a mark, and lets us sync."""
    hook = Hook(("/bin/sh", "-c", f'echo "$ANVIL_IMAGE" >> {tmp_path}/live'), tmp_path)
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))
    KeyRing.open().generate("ada")
    started = host({"acme": hook}, signers=(KeyRing.open().signer("ada"),))
    token = started.ws.create_token("all", ["sync", "deploy"], expires="1d").secret
    monkeypatch.setenv("ANVIL_TOKEN", token)
    return started


def deployed(report: SyncReport) -> DeployReport:
    [found] = [part for part in report.parts if isinstance(part, DeployReport)]
    return found


def test_a_dry_run_of_a_push_shows_the_deployment_and_runs_none_of_it(
    workspace: Opener, server: Host, app: Path, tmp_path: Path
) -> None:
    (app / "services").mkdir()
    steps = [{"name": "build", "run": f"touch {tmp_path}/built"}]
    ws = workspace({"image": IMAGE, "steps": steps}, server.url)
    report = ws.sync("all", "push")
    assert deployed(report).state == "planned"
    assert not (tmp_path / "built").exists()
    assert not (tmp_path / "live").exists()
    done = ws.sync("all", "push", dry_run=False)
    assert done.state == "completed"
    assert (tmp_path / "built").exists()
    assert (tmp_path / "live").read_text().startswith(IMAGE)
    assert not [one for one in ws.sync("all", "pull").parts if isinstance(one, DeployReport)]


def test_a_deployment_that_fails_makes_the_push_one_that_did(
    workspace: Opener, server: Host, app: Path
) -> None:
    (app / "services").mkdir()
    steps = [{"name": "build", "run": "exit 1"}]
    report = workspace({"image": IMAGE, "steps": steps}, server.url).sync(
        "all", "push", dry_run=False
    )
    assert (report.state, report.sound) == ("failed", False)
    assert deployed(report).failed is not None


def test_what_cannot_be_deployed_is_said_before_anything_is_pushed(
    workspace: Opener, server: Host, app: Path
) -> None:
    (app / "services").mkdir()
    ws = workspace({"image": "no image!"}, server.url)
    ws.save("desk/emails/welcome", "Hello")
    ws.publish("desk/emails")
    with pytest.raises(SettingsError, match="no name of an image"):
        ws.sync("all", "push", dry_run=False)
    assert not server.ws.ls("")
