"""What each command does, told by the next one."""

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


def test_a_template_is_saved_byte_for_byte_from_a_file_and_from_standard_input(
    desk: Anvil, tmp_path: Path
) -> None:
    text = "{{ x }} {% raw %}{{ y }}{% endraw %}\r\n$HOME {z} ☃\n\n"
    (tmp_path / "t.md").write_bytes(text.encode())
    desk("save", "desk/emails/a", "t.md")
    desk("save", "desk/emails/b", "-", text=text)
    for name in ("a", "b"):
        assert desk("show", f"desk/emails/{name}@draft", "--json").json["template"] == text


def test_parameters_metadata_and_syntax_are_declared_by_options(desk: Anvil) -> None:
    desk(
        "save", "desk/emails/offer", "-", "--param", "to:string", "--param", "lines:integer=3",
        "--param", "any", "--description", "An offer", "--tag", "sales", "--tag", "mail",
        "--set", "model=small", "--set", "temperature=0.2", "--set", 'stop=["\\n"]',
        text="{{ to }} {{ lines }} {{ any }}",
    )  # fmt: skip
    shown = desk("show", "desk/emails/offer@draft", "--json").json
    assert shown["parameters"] == [
        {"name": "to", "type": "string", "required": True},
        {"name": "lines", "type": "integer", "default": 3},
        {"name": "any", "required": True},
    ]
    assert shown["metadata"] == {
        "description": "An offer",
        "tags": ["sales", "mail"],
        "model": "small",
        "temperature": 0.2,
        "stop": ["\n"],
    }
    desk("save", "desk/emails/offer", "-", "--plain", "--set", "model=null", text="{{ to }}")
    shown = desk("show", "desk/emails/offer@draft", "--json").json
    assert (shown["syntax"], "model" in shown["metadata"]) == ("plain", False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.json", '[{"name": "to", "type": "string"}]'),
        ("p.json", '{"to": "string"}'),
        ("p.yaml", "# declared here\nto: {type: string}\n"),
        ("p.yml", "to: string\n"),
    ],
)
def test_parameters_are_declared_in_a_file_and_options_win_over_it(
    desk: Anvil, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    desk("save", "a/b/c", "-", "--params", name, "--param", "n:integer", text="{{ to }}{{ n }}")
    parameters = desk("show", "a/b/c@draft", "--json").json["parameters"]
    assert [(one["name"], one["type"]) for one in parameters] == [
        ("to", "string"),
        ("n", "integer"),
    ]
    desk("save", "a/b/c", "-", "--params", name, "--param", "to:boolean", text="{{ to }}")
    (parameter,) = desk("show", "a/b/c@draft", "--json").json["parameters"]
    assert parameter["type"] == "boolean"


def test_a_save_that_expects_another_draft_is_refused_and_shows_both(desk: Anvil) -> None:
    digest = desk("show", "desk/emails/welcome@draft", "--json").json["digest"]
    assert desk("save", "desk/emails/welcome", "-", "--expect", digest, text="Mine").code == 0
    late = ["save", "desk/emails/welcome", "-", "--expect", digest]
    answer = desk(*late, text="Late")
    assert answer.code == 3
    assert "--- in the draft now\n+++ not saved\n" in answer.err
    assert {"-Mine", "+Late"} <= set(answer.err.splitlines())
    error = desk("--json", *late, text="Late").error
    assert (error["code"], error["theirs"], error["ours"]) == ("draft-conflict", "Mine", "Late")
    assert desk("show", "desk/emails/welcome@draft", "--json").json["template"] == "Mine"
    assert desk(*late, "--force", text="Late").code == 0
    assert desk("save", "desk/emails/welcome", "-", "--expect", "new", text="x").code == 3


def test_rendering_reads_text_by_the_declared_type(desk: Anvil, tmp_path: Path) -> None:
    latest = desk("render", "desk/emails/welcome", "--var", "customer=Ada = 1")
    assert latest.out == "Hello Ada = 1!\n"
    (tmp_path / "v.json").write_text('{"customer": "Grace"}')
    draft = "desk/emails/welcome@draft"
    assert desk("render", draft, "--vars", "v.json").out == "Welcome Grace!\n"
    assert (
        desk("render", draft, "--vars", "v.json", "--var", "customer=Ada").out == "Welcome Ada!\n"
    )
    assert desk("render", draft, "--vars", "-", text='{"customer": "☃"}').out == "Welcome ☃!\n"
    assert desk("render", "desk/emails/refund", "--var", "amount=2.50").out == "Back: 2.5\n"
    wrong = desk("render", "desk/emails/refund", "--var", "amount=much")
    assert (wrong.code, wrong.out) == (1, "")
    assert "amount" in wrong.err


def test_a_chat_renders_to_roles_and_as_json_to_messages(desk: Anvil) -> None:
    chat = "{% message system %}Be kind.{% endmessage %}{% message user %}Hi{% endmessage %}"
    desk("save", "desk/chat/greet", "-", text=chat)
    assert desk("render", "desk/chat/greet@draft").out == "[system]\nBe kind.\n\n[user]\nHi\n"
    assert desk("render", "desk/chat/greet@draft", "--json").json["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
    ]


def test_validating_ends_with_1_when_something_is_not_sound(desk: Anvil) -> None:
    assert desk("validate", "desk/emails").code == 0
    desk("save", "desk/emails/letter", "-", text="{% render 'nowhere' %}")
    answer = desk("validate", "desk/emails", "--json")
    assert (answer.code, answer.json["valid"], answer.err) == (1, False, "")
    assert desk("validate", "desk/emails/welcome").code == 0
    assert desk("validate", "desk/emails@1.0.0").code == 0


def test_publishing_infers_the_bump_and_takes_a_higher_one(desk: Anvil) -> None:
    assert desk("publish", "desk/emails", "--json").json["version"] == "1.0.1"
    assert desk("publish", "desk/emails", "--json").json["created"] is False
    desk("save", "desk/emails/welcome", "-", text="Hey {{ customer }}!")
    assert desk("publish", "desk/emails", "--version", "0.9.0").code == 1
    assert desk("publish", "desk/emails", "--expect", "1.0.0").code == 3
    published = desk("publish", "desk/emails", "--bump", "minor", "-m", "Hey", "--json").json
    assert published["version"] == "1.1.0"
    assert desk("log", "desk/emails", "--json").json["versions"][0]["message"] == "Hey"


def test_labels_move_with_a_reason_and_are_removed(desk: Anvil) -> None:
    desk("publish", "desk/emails")
    assert desk("label", "desk/emails@1.0.1", "production", "--expect", "none").code == 3
    assert desk("label", "desk/emails@latest", "production", "-m", "Better").code == 0
    log = desk("log", "desk/emails", "--json").json
    assert log["moves"][0] | {"moved_at": ""} == {
        "label": "production", "from": "1.0.0", "to": "1.0.1", "message": "Better",
        "moved_by": log["moves"][0]["moved_by"], "moved_at": "",
    }  # fmt: skip
    assert desk("unlabel", "desk/emails", "production", "--expect", "1.0.1").code == 0
    assert desk("show", "desk/emails/welcome@production").code == 1


@pytest.mark.parametrize(
    ("sides", "old", "new"),
    [
        (["desk/emails"], "desk/emails@1.0.0", "desk/emails@draft"),
        (["desk/emails@1.0.0", "@draft"], "desk/emails@1.0.0", "desk/emails@draft"),
        (["desk/emails@draft", "1.0.0"], "desk/emails@draft", "desk/emails@1.0.0"),
        (["desk/emails@draft", "production"], "desk/emails@draft", "desk/emails@1.0.0"),
        (
            ["desk/emails/welcome@^1", "draft"],
            "desk/emails/welcome@1.0.0",
            "desk/emails/welcome@draft",
        ),
        (
            ["desk/emails/welcome@1.0.0", "desk/emails/refund@1.0.0"],
            "desk/emails/welcome@1.0.0",
            "desk/emails/refund@1.0.0",
        ),
    ],
)
def test_the_second_side_of_a_diff_may_be_a_selector_alone(
    desk: Anvil, sides: list[str], old: str, new: str
) -> None:
    diff = desk("diff", *sides, "--json").json
    assert (diff["old"], diff["new"]) == (old, new)
    assert [one["prompt"] for one in diff["prompts"]] in (["welcome"], ["refund"])


def test_rolling_back_publishes_forward_and_resets_the_draft_when_asked(desk: Anvil) -> None:
    desk("publish", "desk/emails")
    back = desk("rollback", "desk/emails@1.0.0", "-m", "Too warm", "--json").json
    assert (back["version"], back["source"]) == ("1.0.2", "1.0.0")
    draft = ["render", "desk/emails/welcome@draft", "--var", "customer=Ada"]
    assert desk(*draft).out == "Welcome Ada!\n"
    desk("rollback", "desk/emails@1.0.0", "--draft")
    assert desk(*draft).out == "Hello Ada!\n"


def test_removing_renaming_copying_and_restoring_lose_nothing(desk: Anvil) -> None:
    digest = desk("show", "desk/emails/welcome@1.0.0", "--json").json["digest"]
    assert desk("rm", "desk/emails/welcome", "-m", "Not needed").code == 0
    assert desk("show", "desk/emails/welcome@draft").code == 1
    assert desk("restore", "desk/emails/welcome", "--to", digest[:19]).code == 0
    assert desk("mv", "desk/emails/welcome", "greeting").code == 0
    assert desk("rename", "desk/emails/greeting", "hello").code == 0
    assert desk("mv", "desk/emails/hello", "refund").code == 3
    assert desk("copy", "desk/emails/hello", "shop/emails/hello").code == 0
    assert desk("show", "shop/emails/hello@draft", "--json").json["digest"] == digest
    history = desk("log", "--draft", "desk/emails/hello", "--json").json["changes"]
    assert [one["action"] for one in history] == [
        "rename", "rename", "restore", "remove", "save", "save",
    ]  # fmt: skip
    page = desk("log", "--draft", "desk/emails/hello", "--limit", "2", "--json").json
    assert len(page["changes"]) == 2
    rest = desk("log", "--draft", "desk/emails/hello", "--cursor", page["cursor"], "--json").json
    assert [*page["changes"], *rest["changes"]] == history


def test_pages_of_versions_are_refused_rather_than_ignored(desk: Anvil) -> None:
    answer = desk("log", "desk/emails", "--limit", "1")
    assert answer.code == 2
    assert "--draft" in answer.err


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
    assert desk("search", "welcome", "--prefix", "shop", "--json").json["hits"] == []
    assert len(desk("search", "e", "--limit", "1", "--json").json["hits"]) <= 2


def test_loading_reports_each_row_and_ends_with_1_when_some_are_refused(
    desk: Anvil, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text("act,prompt\nPoet,Write {{ x }}\nPoet,Again\n,Nameless\n")
    columns = ["--column", "name=act", "--column", "template=prompt"]
    dry = desk("load", "p.csv", "--into", "lib/acts", *columns, "--dry-run", "--json")
    assert dry.json["counts"] == {"created": 2, "refused": 1}
    assert desk("ls", "lib").code == 0
    assert desk("ls", "--json").json["items"][0]["address"] == "desk"
    loaded = desk("load", "p.csv", "--into", "lib/acts", *columns, "--json")
    assert loaded.code == 1
    assert [one["address"] for one in loaded.json["rows"]] == [
        "lib/acts/poet",
        "lib/acts/poet-2",
        "",
    ]
    assert desk("render", "lib/acts/poet@draft").out == "Write {{ x }}\n"
    again = desk("load", "p.csv", "--into", "lib/acts", *columns, "--liquid", "-m", "As templates")
    assert again.code == 1
    poem = desk("render", "lib/acts/poet@draft", "--var", "x=a poem")
    assert poem.out == "Write a poem\n"
    changes = desk("log", "--draft", "lib/acts/poet", "--json").json["changes"]
    assert changes[0]["message"] == "As templates"


def test_written_files_load_back_to_the_same_digests(desk: Anvil, tmp_path: Path) -> None:
    assert desk("write", "desk/emails@1.0.0", "out", "--json").json["files"] == [
        "refund.md",
        "welcome.md",
    ]
    assert desk("write", "desk/emails", "out").code == 3
    assert desk("write", "desk/emails", "out", "--force").code == 0
    assert desk("load", str(tmp_path / "out"), "--into", "copy/emails").code == 0
    for name in ("refund", "welcome"):
        one, two = (
            desk("show", f"{at}/emails/{name}@draft", "--json").json for at in ("desk", "copy")
        )
        assert one["digest"] == two["digest"]


def test_running_puts_versions_side_by_side_and_calls_a_function(
    desk: Anvil, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text("customer\nAda\nGrace\n")
    (tmp_path / "shout_here.py").write_text(
        "async def shout(prompt):\n"
        "    if 'Grace' in prompt.text:\n        raise ValueError('no')\n"
        "    return prompt.text.upper()\n"
    )
    sides = ["desk/emails/welcome@1.0.0", "desk/emails/welcome@draft"]
    run = desk("run", *sides, "--data", "rows.csv", "--json").json
    assert [one["address"] for one in run["columns"]] == sides
    texts = [[cell["text"] for cell in row["cells"]] for row in run["rows"]]
    assert texts == [["Hello Ada!", "Welcome Ada!"], ["Hello Grace!", "Welcome Grace!"]]
    called = desk("run", sides[0], "--data", "rows.csv", "--with", "shout_here:shout", "--json")
    assert called.code == 1
    cells = [row["cells"][0] for row in called.json["rows"]]
    assert [one["output"] for one in cells] == ["HELLO ADA!", None]
    assert cells[1]["error"] == "ValueError: no"
    fixed = desk("run", sides[0], "--data", "-", "--var", "customer=Eve", text="{}\n{}\n")
    assert fixed.code == 0
    assert "Hello Eve!" in fixed.out


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("shout", "module:function"),
        ("nowhere_at_all:shout", "ModuleNotFoundError"),
        ("json:shout", "AttributeError"),
        ("json:__name__", "is no function"),
    ],
)
def test_a_function_that_cannot_be_called_is_refused(desk: Anvil, function: str, said: str) -> None:
    answer = desk("run", "desk/emails/welcome", "--data", "x.csv", "--with", function)
    assert answer.code == 2
    assert said in answer.err


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
