"""Parameters and settings as they are written on a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.cli.declarations import declared, merged, read_declarations, setting
from anvil_nb.domain.reading import read_value
from anvil_nb.errors import DeclarationError, InvalidInputError, SourceError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "name", "fields"),
    [
        ("customer", "customer", {}),
        ("customer:string", "customer", {"type": "string"}),
        (" a : integer = 3", "a", {"type": "integer", "default": 3}),
        ("on:boolean=true", "on", {"type": "boolean", "default": True}),
        ('rows:array=["a:b=c"]', "rows", {"type": "array", "default": ["a:b=c"]}),
        ("note:string=", "note", {"type": "string", "default": ""}),
        ("note=a:b", "note", {"default": "a:b"}),
        ("open?:boolean", "open?", {"type": "boolean"}),
    ],
)
def test_a_parameter_is_declared_in_one_word(text: str, name: str, fields: dict[str, Any]) -> None:
    assert declared(text, read_value) == (name, fields)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", InvalidInputError),
        (":string", InvalidInputError),
        ("two words:string", DeclarationError),
        ("a:text", DeclarationError),
        ("a:integer=x", DeclarationError),
    ],
)
def test_a_declaration_that_is_not_sound_is_refused(text: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        declared(text, read_value)


@given(st.text())
def test_any_declaration_is_read_or_refused(text: str) -> None:
    try:
        name, fields = declared(text, read_value)
    except InvalidInputError:
        return
    assert name == name.strip() != ""
    assert set(fields) <= {"type", "default"}


def test_options_win_over_a_file_and_keep_its_order() -> None:
    said = [("b", {"type": "integer"}), ("new", {})]
    by_name = {"b": {"type": "integer"}, "new": {}}
    assert merged([], None) is None
    assert merged([], ["as it is"]) == ["as it is"]
    assert merged(said, None) == by_name
    assert list(merged(said, {"a": "string", "b": "string"})) == ["a", "b", "new"]
    assert merged(said, [{"name": "a", "type": "string"}, {"name": "b"}])["b"] == {
        "type": "integer"
    }


@given(st.text())
def test_a_setting_is_json_or_the_text_itself(text: str) -> None:
    value = setting(text)
    assert value == text or not isinstance(value, str) or text.strip().startswith('"')


def test_yaml_that_holds_no_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("- a\n- b\n")
    with pytest.raises(SourceError, match="mapping"):
        read_declarations(str(tmp_path / "p.yaml"))
