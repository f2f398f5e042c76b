"""Notes: what is no error, and most likely not what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

pytestmark = pytest.mark.parametrize("store", ["duckdb"], indirect=True)

WELCOME = "desk/emails/welcome"
MISSPELT = "uses 'custmer', which is not declared; did you mean 'customer'?"


def test_a_misspelt_variable_is_told_the_declared_one(ws: Workspace) -> None:
    said = {"customer": "string", "product": "string"}
    text = "{{ custmer }}{{ product }}{{ other }}"
    expected = (MISSPELT, "used and not declared: other", "declared and not used: customer")
    assert ws.save(WELCOME, text, parameters=said).notes == expected
    assert ws.validate(WELCOME).notes == tuple(("welcome", one) for one in expected)


def test_a_variable_like_one_that_is_used_too_is_noted_as_well(ws: Workspace) -> None:
    notes = ws.save(WELCOME, "{{ order }}{{ orders }}", parameters={"orders": "array"}).notes
    assert notes == ("uses 'order', which is not declared; did you mean 'orders'?",)


def test_where_nothing_is_declared_nothing_is_misspelt(ws: Workspace) -> None:
    assert ws.save(WELCOME, "{{ customer }}{{ custmer }}").notes == ()


LOADED = """name,template
one,Hello {{ customer }}
two,"{% if a %}b{% endif %}"
three,"{{- x | upcase }}"
four,"JSON is {""a"": {""b"": 1}} and {{ 1 }} and 100 {% of it"
five,plain
"""
LIKE = "({{ … }} or {% … %})"


def test_a_load_tells_how_much_plain_text_looks_like_templates(
    ws: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text(LOADED)
    for dry_run in (True, False):
        loaded = ws.load(tmp_path / "p.csv", "desk/emails", dry_run=dry_run)
        (note,) = loaded.notes
        assert note.startswith(f"3 rows look like templates {LIKE} and are taken as plain text; ")
        assert "--liquid" in note
        assert f"note: {note}" in loaded.to_text()
        assert note in loaded.to_html()
        assert loaded.to_json()["notes"] == [note]  # type: ignore[call-overload, index]  # an object
    assert ws.get("desk/emails/one@draft").render().text == "Hello {{ customer }}"


def test_a_load_of_templates_as_such_has_nothing_to_note(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name,template\none,Hello {{ customer }}\n")
    assert ws.load(tmp_path / "p.csv", "desk/emails", liquid=True).notes == ()
    assert ws.get("desk/emails/one@draft").render(customer="Ada").text == "Hello Ada"


def test_a_row_that_says_its_syntax_is_taken_at_its_word(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "one.md").write_text("---\nsyntax: plain\n---\nHello {{ customer }}")
    (folder / "two.md").write_text("Hello {{ customer }}")
    (note,) = ws.load(folder, "desk/emails").notes
    assert note.startswith(f"1 row looks like a template {LIKE} and is taken as plain text; ")
