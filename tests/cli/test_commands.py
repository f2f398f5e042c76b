"""What commands do with a workspace and its groups, and how all of them answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Anvil


def test_a_workspace_is_made_in_a_folder_and_found_from_below(
    anvil: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = anvil("--json", "init", "prompts", "--actor", "ada").json
    assert made["folder"] == str(tmp_path / "prompts")
    assert made["actor"] == "ada"
    assert (tmp_path / "prompts" / "anvil.toml").is_file()
    inside = tmp_path / "prompts" / "deep" / "er"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert anvil("ls").out == "Nothing yet.\n"
    monkeypatch.chdir(tmp_path)
    assert anvil("--workspace", "prompts", "ls").code == 0
    assert anvil("ls").code == 1


def test_a_workspace_that_is_there_already_stays_as_it_is(desk: Anvil) -> None:
    before = desk("ls").out
    assert desk("init").code == 0
    assert desk("ls").out == before
    assert desk("init", "--actor", "somebody-else").code == 3


def test_the_options_before_the_command_choose_the_store_and_the_actor(
    anvil: Anvil, tmp_path: Path
) -> None:
    store = ["--store", str(tmp_path / "other.duckdb"), "--actor", "grace"]
    assert anvil(*store, "save", "a/b/c", "-", text="Hi").code == 0
    assert anvil(*store, "log", "--draft", "a/b", "--json").json["changes"][0]["actor"] == "grace"
    made = anvil(*store, "init", "--json").json
    assert (made["store"], made["actor"]) == (str(tmp_path / "other.duckdb"), "grace")


def test_listing_and_searching_go_page_by_page(desk: Anvil) -> None:
    assert [one["address"] for one in desk("ls", "--json").json["items"]] == ["desk"]
    assert [one["address"] for one in desk("ls", "desk", "--json").json["items"]] == ["desk/emails"]
    first = desk("ls", "desk/emails", "--limit", "1", "--json").json
    assert [one["address"] for one in first["items"]] == ["desk/emails/refund"]
    rest = desk("ls", "desk/emails", "--cursor", first["cursor"], "--json").json
    assert [one["address"] for one in rest["items"]] == ["desk/emails/welcome"]
    hits = desk("search", "welcome", "customer", "--json").json
    assert hits["query"] == "welcome customer"
    assert "desk/emails/welcome@draft" in [one["address"] for one in hits["hits"]]
    assert desk("search", "welcome", "--prefix", "shop*", "--json").json["hits"] == []
    unknown = desk("search", "welcome", "--prefix", "dsek", "--json")
    assert unknown.code == 1
    assert unknown.error["hint"].startswith("Did you mean 'desk'?")
    assert len(desk("search", "e", "--limit", "1", "--json").json["hits"]) <= 2


def test_projects_and_sets_are_created_shown_renamed_described_and_deleted(desk: Anvil) -> None:
    assert desk("project", "create", "shop", "--title", "Shop").code == 0
    assert desk("project", "create", "shop").code == 3
    assert desk("project", "describe", "shop", "--description", "What we sell").code == 0
    shown = desk("project", "show", "shop", "--json").json
    assert (shown["title"], shown["description"]) == ("Shop", "What we sell")
    assert desk("project", "rename", "shop", "store").code == 0
    assert desk("set", "create", "store/offers", "--title", "Offers").code == 0
    assert desk("set", "describe", "store/offers", "--title", "").code == 0
    assert desk("set", "rename", "store/offers", "deals").code == 0
    assert desk("set", "show", "store/deals", "--json").json["title"] == ""
    assert desk("set", "delete", "store/deals").code == 0
    assert desk("project", "delete", "store").code == 0
    assert desk("project", "delete", "desk").code == 1
    assert desk("set", "delete", "desk/emails").code == 1
    assert desk("set", "delete", "desk/emails", "--force").code == 0
    assert desk("project", "delete", "desk", "--force").code == 0
    assert desk("ls").out == "Nothing yet.\n"


@pytest.mark.parametrize(
    "kind", [["project", "describe", "desk"], ["set", "describe", "desk/emails"]]
)
def test_describing_with_nothing_is_refused(desk: Anvil, kind: list[str]) -> None:
    answer = desk(*kind)
    assert answer.code == 2
    assert "--title" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "desk/emails/welcome"],
        ["render", "desk/emails/welcome", "--var", "customer=Ada"],
        ["validate", "desk/emails"],
        ["publish", "desk/emails"],
        ["log", "desk/emails"],
        ["log", "--draft", "desk/emails"],
        ["diff", "desk/emails"],
        ["rollback", "desk/emails@1.0.0"],
        ["label", "desk/emails@1.0.0", "staging"],
        ["unlabel", "desk/emails", "production"],
        ["rm", "desk/emails/welcome"],
        ["mv", "desk/emails/welcome", "hello"],
        ["copy", "desk/emails/welcome", "desk/emails/hello"],
        ["ls"],
        ["search", "welcome"],
        ["write", "desk/emails", "out"],
        ["project", "show", "desk"],
        ["set", "show", "desk/emails"],
        ["completion", "zsh"],
        ["init", "elsewhere"],
        ["set", "-h"],
        ["--version"],
    ],
    ids=" ".join,
)
def test_every_result_is_one_json_document_or_a_text(desk: Anvil, arguments: list[str]) -> None:
    answer = desk("--json", *arguments)
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) is not None
    assert answer.out.endswith("\n")


def test_json_may_stand_before_and_behind_the_command(desk: Anvil) -> None:
    assert (
        desk("--json", "ls").out == desk("ls", "--json").out == desk("--json", "ls", "--json").out
    )


@pytest.mark.parametrize(
    "command",
    ["ls", "show a/b/c", "render a/b/c", "search x", "log a/b", "diff a/b", "write a/b out"],
)
def test_a_mistyped_store_is_told_and_leaves_nothing_behind(
    anvil: Anvil, tmp_path: Path, command: str
) -> None:
    for store in ("typo.duckdb", "typo/x.duckdb"):
        answer = anvil("--store", store, *command.split(), "--json")
        assert answer.code == 1
        assert answer.error["code"] == "store-unavailable"
        assert answer.error["hint"].startswith("Check the path")
    assert anvil("--store", "typo/x.duckdb", "save", "a/b/c", "-", text="x").code == 1
    assert [*tmp_path.iterdir()] == []
    assert anvil("--store", "new.duckdb", "save", "a/b/c", "-", text="x").code == 0
    assert anvil("--store", "new.duckdb", "show", "a/b/c@draft").code == 0
