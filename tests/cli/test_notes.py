"""What a terminal tells beside the result, and hints in the terminal's own words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anvil_nb.cli.faults import in_the_words_of
from anvil_nb.errors import ConflictError, ValueTypeError

if TYPE_CHECKING:
    from tests.cli.conftest import Anvil

WELCOME = "desk/emails/welcome"


@pytest.mark.parametrize("text", ["{name}", "{{ name }}", "{order.name}"])
def test_text_in_braces_is_taken_as_it_stands_and_noted(desk: Anvil, text: str) -> None:
    said = desk("render", WELCOME, "--var", f"customer={text}")
    assert (said.code, said.out) == (0, f"Hello {text}!\n")
    assert said.err == (
        f"anvil: note: customer is the text '{text}' as it stands: nothing is expanded in braces\n"
    )


@pytest.mark.parametrize("text", ["Ada", "Ada {name}", '{"name": 1}', "{}", "{1}"])
def test_text_that_only_has_braces_in_it_is_not_noted(desk: Anvil, text: str) -> None:
    said = desk("render", WELCOME, "--var", f"customer={text}")
    assert (said.out, said.err) == (f"Hello {text}!\n", "")


def test_nothing_is_noted_beside_json_or_an_error(desk: Anvil) -> None:
    said = desk("render", WELCOME, "--var", "customer={name}", "--json")
    assert (said.json["text"], said.err) == ("Hello {name}!", "")
    said = desk("render", WELCOME, "--var", "customer={name}", "--var", "none=x")
    assert "note" not in said.err


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("To save over it: expect=None", "To save over it: --force"),
        ("To go on all the same: leave out expect=…", "To go on all the same: leave out --expect"),
        ("Pass force=True to replace them", "Pass --force to replace them"),
        ("Use limit=50 and the cursor", "Use --limit 50 and the cursor"),
        ("Try: into='desk/emails'", "Try: --into desk/emails"),
        ("Try: bump='minor'", "Try: --bump minor"),
        ("Add enforce=True or x.force=Truest", "Add enforce=True or x.force=Truest"),
    ],
)
def test_options_of_a_hint_are_those_of_a_command_line(hint: str, shown: str) -> None:
    assert in_the_words_of("anvil", ConflictError("no", hint), ()).hint == shown
    assert in_the_words_of("%anvil", ConflictError("no", hint), ()).hint == shown


def test_a_parameter_that_is_called_like_an_option_stays_a_parameter() -> None:
    error = ValueTypeError("no", "For example: limit=3")
    assert in_the_words_of("anvil", error, ()).hint == "For example: limit=3"


def test_every_way_out_of_a_conflict_works_as_it_is_told(desk: Anvil) -> None:
    Path("t.md").write_text("Ours")
    save = ("save", WELCOME, "t.md", "--expect", "new")
    assert "To save over it: --force" in desk(*save).err
    assert desk(*save, "--force").code == 0
    label = ("label", "desk/emails@1.0.0", "staging")
    assert "leave out --expect" in desk(*label, "--expect", "0.1.0").err
    assert desk(*label).code == 0
    assert "leave out --expect" in desk("publish", "desk/emails", "--expect", "none").err
    assert desk("publish", "desk/emails").code == 0
    Path("out").mkdir()
    Path("out/welcome.md").write_text("mine")
    write = ("write", "desk/emails", "out")
    assert "Pass --force to replace them" in desk(*write).err
    assert desk(*write, "--force").code == 0
    move = ("mv", WELCOME, "refund")
    assert "anvil rm desk/emails/refund" in desk(*move).err
    assert desk("rm", "desk/emails/refund").code == 0
    assert desk(*move).code == 0


def test_a_module_that_fails_is_no_mistake_of_the_command_line(desk: Anvil) -> None:
    Path("boom_on_import.py").write_text("1 / 0")
    Path("lacks_a_module.py").write_text("import nowhere_at_all")
    Path("sound_answers.py").write_text("def ask(prompt):\n    return prompt.text\n")
    Path("rows.csv").write_text("customer\nAda\n")
    run = ("run", WELCOME, "--data", "rows.csv", "--with")
    for name in ("boom_on_import", "lacks_a_module"):
        failed = desk(*run, f"{name}:ask")
        assert failed.code == 1
        assert f"See where: python -c 'import {name}'" in failed.err
    misspelt = desk(*run, "sound_answers:aks")
    assert (misspelt.code, misspelt.err.splitlines()[1]) == (2, "Did you mean ask?")
    assert desk(*run, ".relative:ask").code == 2
    assert desk(*run, "sound_answers:ask").code == 0


def test_columns_that_no_prompt_takes_are_noted(desk: Anvil) -> None:
    Path("rows.csv").write_text("custmer,city\nAda,Paris\nBob,Rome\n")
    said = desk("run", WELCOME, "--data", "rows.csv")
    note = (
        "columns ignored, since no prompt takes them: 'custmer' (did you mean 'customer'?), 'city'"
    )
    assert said.code == 1
    assert said.out.count(f"note: {note}") == 1
