"""A server that is out of reach, and one that knows another token by now."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import RemoteUnauthorisedError
from anvil_nb.remote.credentials import keep_token
from anvil_nb.remote.retrying import Retries
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.sync.clouds import Cloud, cloud, keys, opener, ours, there_on_duckdb
from tests.sync.laptops import Laptop, skill, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.stores import NewStore

__all__ = ["cloud", "keys", "opener", "ours", "there_on_duckdb"]


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody answers."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_a_server_out_of_reach_is_asked_for_one_target_only(
    nobody: str, new_store: NewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_TOKEN", "ank_any")
    store = new_store(tmp_path / "store.duckdb")
    said = Settings(tmp_path, store, "acme", "ada", remote=nobody, services=tmp_path / "services")
    asked = 0
    run = Retries.run

    def counted(retries: Retries, attempt: Callable[[], Any], **how: Any) -> Any:
        nonlocal asked
        asked += 1
        return run(replace(retries, sleep=lambda _: None), attempt, **how)

    monkeypatch.setattr(Retries, "run", counted)
    with Workspace(said) as ws:
        lines = {one["target"]: one for one in ws.sync_status().targets}
    for target in ("files", "database", "bundles"):
        assert "cannot be reached" in str(lines[target]["here"])
    assert asked == 1
    assert lines["skills"]["to_push"] == 0


@pytest.mark.parametrize("kept", ["environment", "file"])
def test_a_token_that_is_another_one_by_now_is_used_at_once(
    ours: Workspace, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: str
) -> None:
    laptop = Laptop(ours, ours.settings.services)
    laptop.skill("greet", "Say hello.")
    laptop.push()
    assert laptop.push("database", dry_run=True).items
    cloud.ws.revoke_token("sync")
    with pytest.raises(RemoteUnauthorisedError):
        laptop.push("database")
    token = cloud.ws.create_token("another", ["sync"], expires="1d").secret
    if kept == "environment":
        monkeypatch.setenv("ANVIL_TOKEN", token)
    else:
        monkeypatch.delenv("ANVIL_TOKEN")
        monkeypatch.setenv("ANVIL_CONFIG", str(tmp_path / "config"))
        keep_token(cloud.url, token)
    laptop.push("database")
    assert stored(cloud.ws) == {"greet": {"SKILL.md": skill("greet", "Say hello.")}}
