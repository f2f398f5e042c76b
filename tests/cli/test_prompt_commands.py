"""What commands do with a prompt, told by the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Anvil


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
