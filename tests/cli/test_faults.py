"""What went wrong is said in three lines, or as JSON, and the exit code sorts it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anvil_nb.cli.faults import in_the_words_of, masked
from anvil_nb.cli.program import PROGRAM
from anvil_nb.errors import AnvilError, MissingValueError, NotFoundError
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from tests.cli.conftest import Anvil


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["show", "desk/emails/welcom"], 1, "not-found"),
        (["show", "desk/emails/welcome@2.0.0"], 1, "not-found"),
        (["render", "desk/emails/welcome"], 1, "missing-value"),
        (["render", "desk/emails/refund", "--var", "amount=x"], 1, "wrong-type"),
        (["save", "desk/emails/welcome", "nowhere.md"], 1, "invalid-source"),
        (["save", "desk/emails/welcome", "broken.md"], 1, "invalid-template"),
        (["save", "desk/emails/welcome", "broken.yaml"], 1, "invalid-declaration"),
        (["save", "a/b/c", "anvil.toml", "--param", "x:text"], 1, "invalid-declaration"),
        (["render", "desk/emails/welcome", "--vars", "list.json"], 1, "invalid-source"),
        (["render", "desk/emails/welcome", "--vars", "other.json"], 1, "invalid-source"),
        (["run", "desk/emails/welcome", "--data", "none.csv"], 1, "invalid-source"),
        (["ls", "nowhere"], 1, "not-found"),
        (["publish", "desk/emails", "--version", "0.1.0"], 1, "refused"),
        (["set", "delete", "desk/emails"], 1, "refused"),
        (["--workspace", "nowhere", "ls"], 1, "settings"),
        (["--store", "mysql://db", "ls"], 1, "settings"),
        (["show", "Desk/emails/welcome"], 2, "invalid-address"),
        (["show", "desk/emails"], 2, "invalid-address"),
        (["show", "desk/emails/welcome@1.2.3.4"], 2, "invalid-address"),
        (["label", "desk/emails@1.0.0", "latest"], 2, "invalid-address"),
        (["publish", "desk/emails", "--version", "one"], 2, "invalid-version"),
        (["ls", "--limit", "0"], 2, "invalid-input"),
        (["render", "desk/emails/welcome@draft", "--var", "custmer=x"], 2, "invalid-input"),
        (
            ["run", "desk/emails/welcome", "--data", "none.csv", "--var", "custmer=x"],
            2,
            "invalid-input",
        ),
        (
            ["run", "desk/emails/welcome", "--data", "none.csv", "--with", "none:none"],
            2,
            "invalid-input",
        ),
        (["publish", "desk"], 2, "invalid-address"),
        (["restore", "desk/emails/welcome", "--to", "sha256:12"], 2, "invalid-address"),
        (["shwo"], 2, "invalid-input"),
        (["show"], 2, "invalid-input"),
        (["publish"], 2, "invalid-input"),
        (["save", "desk/emails/x"], 2, "invalid-input"),
        (["show", "a/b/c", "d"], 2, "invalid-input"),
        (["show", "a/b/c", "--jsno"], 2, "invalid-input"),
        (["render", "a/b/c", "--var", "name"], 2, "invalid-input"),
        (["publish", "desk/emails", "--bump", "huge"], 2, "invalid-input"),
        (["project", "shwo", "desk"], 2, "invalid-input"),
        (
            ["run", "desk/emails/welcome", "--data", "r.csv", "--concurrency", "0"],
            2,
            "invalid-input",
        ),
        (["init", "--actor", "grace"], 3, "exists"),
        (["mv", "desk/emails/welcome", "refund"], 3, "exists"),
        (["save", "desk/emails/welcome", "anvil.toml", "--expect", "new"], 3, "draft-conflict"),
        (["publish", "desk/emails", "--expect", ""], 3, "publish-race"),
        (["label", "desk/emails@1.0.0", "production", "--expect", "0.1.0"], 3, "label-moved"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_every_mistake_has_its_exit_code_and_its_kind(
    desk: Anvil, arguments: list[str], code: int, kind: str
) -> None:
    Path("broken.md").write_text("{% if %}")
    Path("broken.yaml").write_text("---\na: [\n---\nHi")
    Path("list.json").write_text("[1]")
    Path("other.json").write_text('{"custmer": "x"}')
    said = desk(*arguments)
    assert (said.code, said.out) == (code, "")
    first, *hints = said.err.splitlines()
    assert first.startswith("anvil: error: ")
    assert kind == "draft-conflict" or 1 <= len(hints) <= 2, said.err
    assert "Traceback" not in said.err
    as_json = desk("--json", *arguments)
    assert (as_json.code, as_json.out) == (code, "")
    assert as_json.err.count("\n") == 1
    assert as_json.error["code"] == kind
    assert f"anvil: error: {as_json.error['message']}" == first
    told = as_json.error["hint"].splitlines()
    assert told == hints[: len(told)]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["shwo"], "Did you mean show?"),
        (["set", "shwo"], "Did you mean show?"),
        (["show", "a/b/c", "--jsno"], "Did you mean --json?"),
        (["publish", "a/b", "--mesage", "x"], "Did you mean --message?"),
        (["show", "desk/emails/welcom@draft"], "Did you mean 'welcome'?"),
        (["ls", "desk@1"], "anvil"),
    ],
)
def test_a_slip_is_answered_with_what_was_likely_meant(
    desk: Anvil, arguments: list[str], meant: str
) -> None:
    assert meant in desk(*arguments).err


def test_a_mistake_in_the_command_line_is_json_wherever_the_option_stands(desk: Anvil) -> None:
    for arguments in (["shwo", "--json"], ["show", "--json"], ["--json", "show", "--nope"]):
        assert desk(*arguments).error["code"] == "invalid-input"


def test_a_missing_value_is_asked_for_the_way_it_is_given(desk: Anvil) -> None:
    assert "Pass --var customer=…" in desk("render", "desk/emails/welcome").err


def test_hints_are_in_the_words_of_the_surface() -> None:
    error = NotFoundError("there is none", "Try: anvil ls desk   or look into anvil.toml, anvil is")
    said = in_the_words_of("%anvil", error, PROGRAM.commands)
    assert said.hint == "Try: %anvil ls desk   or look into anvil.toml, anvil is"
    missing = MissingValueError("no values", "Pass a=…, b=…")
    assert in_the_words_of("anvil", missing, ()).hint == "Pass --var a=… --var b=…"


def test_a_fault_of_the_program_is_short_and_whole_only_when_asked_for(
    desk: Anvil, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "cannot reach postgresql://ada:s3cret@db/x password=s3cret"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr(Workspace, "ls", fail)
    shown = "cannot reach postgresql://ada:***@db/x password=***"
    short = desk("ls")
    assert (short.code, short.out) == (1, "")
    assert short.err.splitlines() == [
        f"anvil: error: something unexpected went wrong: ZeroDivisionError: {shown}",
        "See where, and please report it: anvil --debug …",
    ]
    whole = desk("--debug", "ls").err
    assert "Traceback" in whole
    assert "s3cret" not in short.err + whole + desk("--json", "ls").err
    assert desk("--json", "ls").error["code"] == AnvilError.code


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ada:s3cret@db:5432/x",
        "postgresql://ada:s3/cr@et@db/x",
        "postgresql://db/x?user=a&password=s3cret&sslmode=require",
        "host=db password=s3cret dbname=x",
        "host=db password='s3 cret' dbname=x",
        '{"message": "postgresql://ada:s3cret@db"}',
    ],
)
def test_passwords_are_masked_and_the_rest_stays(text: str) -> None:
    shown = masked(text)
    assert "s3" not in shown
    assert "***" in shown
    assert "db" in shown


def test_a_password_on_the_command_line_never_comes_back(desk: Anvil) -> None:
    store = "postgresql://ada:s3cret@127.0.0.1:1/none"
    for arguments in (["--store", store, "ls"], ["init", "new", "--store", store], [store]):
        said = desk("--debug", *arguments)
        assert said.code != 0
        assert "s3cret" not in said.out + said.err


def test_errors_as_json_hold_both_sides_of_a_conflict(desk: Anvil) -> None:
    Path("t.md").write_text("Ours")
    error = json.loads(desk("--json", "save", "desk/emails/welcome", "t.md", "--expect", "new").err)
    assert error["error"]["theirs"] == "Welcome {{ customer }}!"
    assert error["error"]["ours"] == "Ours"
    assert error["error"]["expected"] is None


TYPED = """---
parameters:
  flag: {type: boolean, required: false}
  lines: {type: integer, required: false}
  share: {type: number, required: false}
  orders: {type: array, required: false}
  order: {type: object, required: false}
  name: {type: string, required: false}
  tone: {enum: [warm, brief], required: false}
  level: {enum: [1, true], required: false}
---
{{ flag }}{{ lines }}{{ share }}{{ orders }}{{ order }}{{ name }}{{ tone }}{{ level }}"""


@pytest.mark.parametrize(
    ("name", "text", "value", "hint"),
    [
        ("flag", "yes", "yes", "Write --var flag=true or --var flag=false"),
        ("flag", None, 1, "Write --var flag=true or --var flag=false"),
        ("lines", "3.0", "3", "Write --var lines=3"),
        ("share", "half", True, "Write --var share=2.5"),
        ("orders", "a,b", "a,b", """Write --var orders='["a", "b"]'"""),
        ("order", "[]", [], """Write --var order='{"key": "value"}'"""),
        ("name", None, 7, "Write --var name=7"),
        ("tone", "warmer", "warmer", "Write --var tone=warm"),
        ("tone", "zzz", 4, "Write --var tone=warm or --var tone=brief"),
        ("level", "zzz", False, "Write --var level=1 or --var level=true"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_how_the_command_line_writes_one(
    desk: Anvil, name: str, text: str | None, value: object, hint: str
) -> None:
    desk("save", "desk/emails/typed", "-", text=TYPED)
    Path("values.json").write_text(json.dumps({name: value}))
    ways = [["--vars", "values.json"]]
    ways += [] if text is None else [["--var", f"{name}={text}"]]
    for way in ways:
        error = desk("render", "desk/emails/typed@draft", *way, "--json").error
        assert error["code"] == "wrong-type"
        assert error["hint"] == hint
        assert "True" not in error["message"]
    first = hint.removeprefix("Write ").partition(" or ")[0]
    assert desk("render", "desk/emails/typed@draft", *shlex.split(first)).code == 0


def test_a_default_of_the_wrong_type_is_told_how_an_option_declares_one(desk: Anvil) -> None:
    refused = desk("save", "desk/emails/x", "-", "--param", "on:boolean=yes", "--json", text="x")
    assert refused.error["hint"] == "For example: --param on:boolean=true"
    assert desk("save", "desk/emails/x", "-", "--param", "on:boolean=true", text="x").code == 0
