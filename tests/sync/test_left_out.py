"""What a client leaves out, and a server has all the same, since somebody else sent it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from tests.cloud.conftest import tarball
from tests.sync.clouds import Cloud, cloud, keys, opener, ours, there_on_duckdb

if TYPE_CHECKING:
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.workspace import Workspace

__all__ = ["cloud", "keys", "opener", "ours", "there_on_duckdb"]

FOREIGN = {
    "skills/a/SKILL.md": b"---\nname: a\ndescription: A\n---\n",
    "skills/a/.env": b"TOKEN=1\n",
    "skills/a/Server.PEM": b"key\n",
    "profiles/prod-secret.yml": b"password: 1\n",
    "skills/drafts/SKILL.md": b"---\nname: drafts\ndescription: D\n---\n",
    "LICENSE": b"free\n",
}


@pytest.fixture
def foreign(cloud: Cloud) -> None:
    """Files that another program sent to the server."""
    url = f"{cloud.url}/api/v1/cloud/tenants/acme/files"
    headers = {"authorization": f"Bearer {os.environ['ANVIL_TOKEN']}"}
    asked = Request(url, tarball(FOREIGN), headers, method="POST")  # noqa: S310 - loopback
    with urlopen(asked) as answer:  # noqa: S310 - the same
        assert answer.status == 200


def waiting(report: SyncReport) -> dict[str, str]:
    return {one.key.removeprefix("files/"): one.why for one in report.waiting}


LEFT_OUT = {
    "skills/a/.env": "only there; it is ignored by the default rule .* here",
    "skills/a/Server.PEM": "only there; it is ignored by the default rule *.pem here",
    "profiles/prod-secret.yml": (
        "only there; it is ignored by the default rule **/profiles/**/*secret* here"
    ),
    "skills/drafts/SKILL.md": "only there; it is ignored by the rule drafts/ of .anvilignore here",
    "LICENSE": "only there; it is outside the folders that are synced here",
}


@pytest.mark.usefixtures("foreign")
def test_what_the_rules_here_leave_out_is_said_and_no_fault_of_any_pull(ours: Workspace) -> None:
    services = ours.settings.services
    services.mkdir()
    (services / ".anvilignore").write_text("drafts/\n")
    for dry_run in (True, False, False):
        report = ours.sync("files", "pull", dry_run=dry_run)
        assert (report.sound, report.problems, waiting(report)) == (True, (), LEFT_OUT)
    assert report.unchanged == 1
    assert {one.name for one in services.rglob("*") if one.is_file()} >= {"SKILL.md"}
    assert not (services / "skills/a/.env").exists()
    back = ours.sync("files", "push", delete=True)
    assert (back.items, back.sound, waiting(back)) == ((), True, LEFT_OUT)
    [line] = [one for one in ours.sync_status().targets if one["target"] == "files"]
    assert (line["to_push"], line["to_pull"], line["problems"]) == (0, 0, 0)


@pytest.mark.usefixtures("foreign")
def test_a_rule_that_brings_a_file_back_lets_it_be_pulled(ours: Workspace) -> None:
    ours.settings.services.mkdir()
    (ours.settings.services / ".anvilignore").write_text("!.env\n")
    report = ours.sync("files", "pull", dry_run=False)
    assert "skills/a/.env" in {item.key for item in report.items}
    assert "skills/a/.env" not in waiting(report)
    assert (ours.settings.services / "skills/a/.env").read_bytes() == b"TOKEN=1\n"


@pytest.mark.usefixtures("foreign")
def test_who_syncs_some_folders_is_well_without_the_others(ours: Workspace) -> None:
    ours.settings = replace(ours.settings, directories=("agents",))
    report = ours.sync("files", "pull", dry_run=False)
    assert (report.sound, report.items) == (True, ())
    assert set(waiting(report)) == set(FOREIGN)


def test_a_path_that_the_server_takes_none_of_is_said_before_it_is_sent(ours: Workspace) -> None:
    hooks = ours.settings.services / "skills/a/.git"
    hooks.mkdir(parents=True)
    (hooks / "hook").write_text("#!/bin/sh\n")
    (hooks.parent / "SKILL.md").write_bytes(FOREIGN["skills/a/SKILL.md"])
    (ours.settings.services / ".anvilignore").write_text("!.git\n")
    for dry_run in (True, False):
        report = ours.sync("files", "push", dry_run=dry_run)
        assert [item.key for item in report.items] == ["skills/a/SKILL.md"]
        assert [one.key for one in report.problems] == ["files/skills/a/.git/hook"]
    assert "belongs to a program" in report.problems[0].why
