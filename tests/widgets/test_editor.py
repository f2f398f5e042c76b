"""The editor without a browser: what it says of a text, and what goes through its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.domain.parameters import parameter_from_json
from anvil_nb.domain.prompt import Content
from anvil_nb.errors import (
    DeclarationError,
    RefusedError,
)
from anvil_nb.widgets.declaring import (
    content_of,
    document_of,
    read,
    row_of,
    sound_content_of,
    written,
)
from tests.widgets.writing import WELCOME, Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path, actor="ada") as made:
        yield made


@pytest.fixture
def writer(ws: Workspace) -> Writer:
    return Writer(ws)


# What it says of a text


def test_a_prompt_that_is_not_there_starts_empty_and_the_first_save_makes_it(
    ws: Workspace, writer: Writer
) -> None:
    assert (writer.document["text"], writer.base) == ("", "new")
    assert "first save" in writer.view.to_text()
    answer = writer.save("Hello")
    assert answer["draft"]["digest"] == ws.get(f"{WELCOME}@draft").digest
    assert "Hello" in writer.view.to_text()


def test_a_store_that_is_not_there_yet_is_made_by_the_first_save(tmp_path: Path) -> None:
    file = tmp_path / "new.duckdb"
    with anvil.open(store=str(file)) as ws:
        writer = Writer(ws)
        assert writer.check("Hello {{ name }}")["preview"]["text"] == "Hello [name]"
        assert not file.exists()
        writer.save("Hello")
        assert ws.get(f"{WELCOME}@draft").template == "Hello"


def test_a_version_is_not_edited(ws: Workspace) -> None:
    with pytest.raises(RefusedError, match="only a draft") as caught:
        ws.edit(f"{WELCOME}@1.0.0")
    assert f"Leave the version out: {WELCOME}" in caught.value.hint


def test_what_is_used_and_declared_is_told_apart_with_its_place(writer: Writer) -> None:
    writer.declare(name="name", type="string")
    writer.declare(name="plaec", type="string")
    said = writer.check("Hello {{ name }},\n  welcome to {{ place }}")
    assert said["agreement"]["matched"] == ["name"]
    assert said["agreement"]["unused"] == ["plaec"]
    (missing,) = said["agreement"]["missing"]
    assert (missing["name"], missing["line"], missing["near"]) == ("place", 2, "plaec")


def test_a_fault_of_the_template_has_its_line_and_what_to_do(writer: Writer) -> None:
    (error,) = writer.check("Hello\n{% if name %}")["errors"]
    assert error["line"] == 2
    assert "{% endif %}" in error["hint"]


def test_a_partial_that_is_not_there_is_told_at_its_line(ws: Workspace, writer: Writer) -> None:
    (note,) = writer.check("Hello\n{% render 'sign' %}")["errors"]
    assert (note["line"], note["note"]) == (2, True)
    ws.save("desk/emails/sign", "Yours, {{ sender }}")
    said = writer.check("Hello\n{% render 'sign' %}", sender="Ada")
    assert said["errors"] == []
    assert said["preview"]["text"] == "Hello\nYours, Ada"


def test_liquid_in_plain_text_is_noted_at_its_line(writer: Writer) -> None:
    writer.document["syntax"] = "plain"
    (note,) = writer.check("Hello\nyou are {{ role }} {% if %}")["errors"]
    assert (note["line"], note["column"], note["note"]) == (2, 9, True)
    assert note["remedy"] == "liquid"
    assert writer.check("Hello { role }")["errors"] == []
    writer.document["syntax"] = note["remedy"]
    assert writer.check("Hello {{ role }}")["errors"] == []


def test_partials_that_go_in_a_circle_are_told_where_the_first_stands(
    ws: Workspace, writer: Writer
) -> None:
    ws.save("desk/emails/sign", "{% render 'welcome' %}")
    (error,) = writer.check("Hello\n{% render 'sign' %}")["errors"]
    assert "circle" in error["message"]


def test_the_preview_takes_what_was_typed_then_the_example_then_the_default(
    writer: Writer,
) -> None:
    writer.declare(name="a", type="integer", example="7")
    writer.declare(name="b", type="integer", required=False, default="8")
    writer.declare(name="c", type="boolean")
    text = "{{ a }} {{ b }} {{ c }} {{ d }}"
    assert writer.check(text)["preview"]["text"] == "7 8 true [d]"
    said = writer.check(text, a="1", d="x")
    assert said["preview"]["text"] == "1 8 true x"
    sources = {one["name"]: one["source"] for one in said["signature"]}
    assert sources == {"a": "typed", "b": "default", "c": "placeholder", "d": "typed"}


def test_a_value_that_does_not_fit_is_told_and_the_preview_goes_on(writer: Writer) -> None:
    writer.declare(name="a", type="integer", example="7")
    said = writer.check("{{ a }}", a="many")
    assert "integer" in said["signature"][0]["problem"]
    assert said["preview"]["text"] == "7"


def test_a_chat_is_previewed_as_messages(writer: Writer) -> None:
    preview = writer.check("{% message user %}Hello {{ name }}{% endmessage %}")["preview"]
    assert preview["messages"] == [{"role": "user", "content": "Hello [name]"}]


def test_what_fails_only_with_these_values_has_its_line_too(writer: Writer) -> None:
    preview = writer.check("Hello\n{{ 1 | divided_by: 0 }}")["preview"]
    assert preview["line"] == 2


def test_a_long_preview_is_cut_and_says_so(writer: Writer) -> None:
    preview = writer.check("{% for i in (1..30000) %}abcdefgh{% endfor %}")["preview"]
    assert preview["cut"]
    assert len(preview["text"]) == 100_000
    assert preview["counts"]["characters"] == 240_000


def test_characters_and_tokens_are_counted(writer: Writer) -> None:
    assert writer.check("Grüße!!")["counts"] == {"characters": 7, "tokens": 3}


def test_what_is_not_sound_in_the_form_is_told_at_its_row_and_the_rest_goes_on(
    writer: Writer,
) -> None:
    writer.declare(name="a", type="integer", example="many")
    writer.declare(name="b", type="string")
    writer.document["settings"] = [["temperature", "-1"]]
    said = writer.check("{{ a }}{{ b }}")
    places = [(one["place"], one["row"]) for one in said["faults"]]
    assert places == [("parameters", 0), ("settings", 0)]
    assert (said["agreement"]["matched"], said["agreement"]["missing"]) == (["b"], [])
    assert said["digest"] is None
    with pytest.raises(DeclarationError):
        writer.save()


def test_the_state_of_a_long_prompt_is_small(ws: Workspace) -> None:
    ws.save(WELCOME, "x" * 900_000)
    view = ws.edit(WELCOME)
    draft: Any = view.state()["draft"]
    assert draft["document"] is None
    opened: Any = view.open_draft()
    assert len(opened["document"]["text"]) == 900_000


# The form


@pytest.mark.parametrize(
    "declared",
    [
        {"name": "a"},
        {"name": "a", "type": "string", "default": "", "description": "Who\nand why"},
        {"name": "a", "type": "string", "required": False, "default": None},
        {"name": "a", "type": "integer", "example": 9007199254740991},
        {"name": "a", "type": "number", "default": 2.5, "enum": [2.5, 3]},
        {"name": "a", "type": "object", "example": {"b": [1, None, "ü"]}, "required": False},
        {"name": "a", "enum": ["1", 1, True]},
    ],
)
def test_a_declaration_goes_through_the_form_unchanged(declared: dict[str, Any]) -> None:
    content = Content("{{ a }}", parameters=(parameter_from_json(declared),))
    assert sound_content_of(document_of(content)).digest == content.digest
    assert read(written(content)).digest == content.digest


def test_a_name_that_is_declared_twice_is_told_at_the_second() -> None:
    row = row_of(parameter_from_json({"name": "a"}))
    _, faults = content_of({**document_of(Content("")), "parameters": [row, row]})
    assert [one.row for one in faults] == [1]


def test_a_setting_that_is_given_twice_is_told_at_the_second(ws: Workspace, writer: Writer) -> None:
    writer.document["settings"] = [["temperature", "0.2"], ["temperature", "1"]]
    (fault,) = writer.check("Hello")["faults"]
    assert (fault["place"], fault["row"]) == ("settings", 1)
    assert "'temperature' is given twice" in fault["message"]
    with pytest.raises(DeclarationError, match="given twice"):
        writer.save()
    assert ws.find(f"{WELCOME}@draft") is None


# Saving


def test_what_is_taken_out_of_the_form_is_gone_from_the_draft(ws: Workspace) -> None:
    said = {"temperature": 0.2, "model": "m", "tags": ["a"], "description": "One"}
    ws.save(WELCOME, "Hello {{ a }}", parameters={"a": "string"}, metadata=said)
    writer = Writer(ws)
    kept = [pair for pair in writer.document["settings"] if pair[0] == "model"]
    writer.document |= {"settings": kept, "tags": [], "description": "", "parameters": []}
    writer.save()
    content = ws.get(f"{WELCOME}@draft").content
    assert content == Content(
        "Hello {{ a }}", metadata=type(content.metadata)("", (), {"model": "m"})
    )


@pytest.mark.parametrize(
    "text",
    [
        "---\nmodel: x\n---\nHello",
        "---\na\n---\nb",
        "a\r\nb\r\n",
        " \n",
        "---\n---\nx",
        "---\n[\n---\n",
    ],
)
def test_the_whole_text_is_the_template_byte_for_byte(
    ws: Workspace, writer: Writer, text: str
) -> None:
    writer.save(text)
    assert ws.get(f"{WELCOME}@draft").content == Content(text)


def test_frontmatter_that_was_pasted_is_moved_into_the_form_when_asked(writer: Writer) -> None:
    text = "---\nmodel: x\nparameters: [{name: a}]\n---\nHello {{ a }}"
    assert writer.check(text)["frontmatter"]
    taken: Any = writer.view.move_in({**writer.document, "text": text})
    assert taken["text"] == "Hello {{ a }}"
    assert taken["settings"] == [["model", '"x"']]
    assert [one["name"] for one in taken["parameters"]] == ["a"]


def test_what_frontmatter_does_not_say_stays_in_the_form_it_is_moved_into(writer: Writer) -> None:
    writer.declare(name="a", type="string", example='"Ada"')
    writer.declare(name="b", type="integer", example="many")  # not sound, and typed all the same
    settings = [["model", '"x"'], ["top_p", "0.5"], ["temperature", "0.2"]]
    writer.document |= {"description": "One", "tags": ["old"], "settings": settings}
    said = "model: y\ntemperature: null\nseed: 7\ntags: [new]\nparameters: [{name: a}, {name: c}]"
    taken: Any = writer.view.move_in({**writer.document, "text": f"---\n{said}\n---\nHello"})
    assert (taken["text"], taken["description"], taken["tags"]) == ("Hello", "One", ["new"])
    assert taken["settings"] == [["model", '"y"'], ["top_p", "0.5"], ["seed", "7"]]
    assert [one["name"] for one in taken["parameters"]] == ["a", "b", "c"]
    assert "example" not in taken["parameters"][0]
    assert taken["parameters"][1]["example"] == "many"


# Two changes of one draft


# Publishing


def test_it_is_completed_with_our_liquid_and_the_other_prompts_of_the_set(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello")
    ws.save("desk/emails/sign", "Bye")
    words: Any = ws.edit(WELCOME).state()["language"]
    assert words["partials"] == ["sign"]
    assert {"render", "message", "endmessage", "else"} <= {*words["tags"]}
    assert not {"include", "tablerow", "illegal"} & {*words["tags"]}
    assert {"json", "default"} <= {*words["filters"]}
