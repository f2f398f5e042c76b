"""Saving in a draft: what is declared with a text, and what stays of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import (
    AddressError,
    DeclarationError,
    DraftConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    TemplateSyntaxError,
)
from tests.services.drafts import DRAFT, WELCOME, changes

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace


def test_the_first_save_makes_project_and_set(ws: Workspace) -> None:
    saved = ws.save(WELCOME, "Hello {{ name }}", message="begun")
    assert (saved.address, saved.previous, saved.changed) == (DRAFT, None, True)
    assert saved.to_text().startswith(f"Created {DRAFT}  sha256:")
    assert [item.address for item in ws.ls()] == ["desk"]
    assert [item.address for item in ws.ls("desk")] == ["desk/emails"]
    assert ws.get(DRAFT).render(name="Ada").text == "Hello Ada"
    assert changes(ws) == ["save begun"]


def test_a_refused_first_save_leaves_neither_project_nor_set(ws: Workspace) -> None:
    for template, fields in (
        ("{{ name", {}),
        ("{{ name | nosuchfilter }}", {}),
        ("{% nosuchtag %}", {}),
        ("---\ntags: 5\n---\nx", {}),
        ("x", {"parameters": [{"name": "a", "type": "text"}]}),
        ("x", {"metadata": {"tags": "one"}}),
        ("x", {"syntax": "jinja"}),
        ("nul \0", {}),
        ("half \ud800", {}),
        ("x" * (1024 * 1024 + 1), {}),
    ):
        arguments: dict[str, Any] = fields
        with pytest.raises(InvalidInputError):
            ws.save(WELCOME, template, **arguments)
    with pytest.raises(DraftConflictError):
        ws.save(WELCOME, "x", expect="sha256:" + "0" * 64)
    assert not ws.ls().items


def test_a_template_of_the_largest_size_is_kept(ws: Workspace) -> None:
    text = "é" * (512 * 1024)
    saved = ws.save(WELCOME, text)
    assert ws.get(DRAFT).template == text
    assert ws.get(f"{WELCOME}@{saved.digest}").render().text == text


def test_saving_the_same_again_changes_nothing(ws: Workspace) -> None:
    first = ws.save(WELCOME, "Hello", metadata={"tags": ["a"]})
    before = ws.set("desk/emails").to_json()
    again = ws.save(WELCOME, "Hello", message="again", expect=first.digest)
    assert not again.changed
    assert (again.digest, again.previous) == (first.digest, first.digest)
    assert again.to_text().startswith(f"Unchanged {DRAFT}")
    assert changes(ws) == ["save"]
    assert ws.set("desk/emails").to_json() == before


def test_a_save_that_changes_nothing_lets_everybody_keep_what_they_read(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello")
    read = ws.get(DRAFT)
    ws.save(WELCOME, "Hello")
    assert ws.get(DRAFT) is read
    ws.save(WELCOME, "Hello!")
    assert ws.get(DRAFT) is not read


def test_what_was_declared_stays_when_it_is_not_said_again(ws: Workspace) -> None:
    ws.save(
        WELCOME,
        "Hello {{ name }}",
        parameters={"name": {"type": "string", "description": "who"}},
        metadata={"description": "greets", "tags": ["mail"], "model": "large", "temperature": 0.2},
    )
    ws.save(WELCOME, "Dear {{ name }}")
    prompt = ws.get(DRAFT)
    assert prompt.template == "Dear {{ name }}"
    assert prompt.parameters[0].to_json() == {
        "name": "name", "type": "string", "description": "who", "required": True,
    }  # fmt: skip
    assert prompt.metadata.to_json() == {
        "description": "greets", "tags": ["mail"], "model": "large", "temperature": 0.2,
    }  # fmt: skip


def test_metadata_is_set_key_by_key_and_none_removes_one(ws: Workspace) -> None:
    ws.save(WELCOME, "x", metadata={"description": "d", "tags": ["t"], "model": "a", "free": 1})
    ws.save(WELCOME, "x", metadata={"model": "b", "free": None, "other": {"deep": [1, None]}})
    assert ws.get(DRAFT).metadata.to_json() == {
        "description": "d", "tags": ["t"], "model": "b", "other": {"deep": [1, None]},
    }  # fmt: skip
    ws.save(WELCOME, "x", metadata={"description": None, "tags": None, "other": None})
    assert ws.get(DRAFT).metadata.to_json() == {"model": "b"}


def test_frontmatter_says_the_same_as_arguments(ws: Workspace) -> None:
    written = ws.save(
        "desk/emails/one",
        "---\n"
        "description: greets\n"
        "tags: [mail, new]\n"
        "temperature: 0.2\n"
        "parameters:\n"
        "- name: name\n"
        "  type: string\n"
        "---\n"
        "Hello {{ name }}",
    )
    passed = ws.save(
        "desk/emails/two",
        "Hello {{ name }}",
        parameters=[{"name": "name", "type": "string"}],
        metadata={"description": "greets", "tags": ["mail", "new"], "temperature": 0.2},
    )
    mapped = ws.save(
        "desk/emails/three",
        "Hello {{ name }}",
        parameters={"name": "string"},
        metadata={"temperature": 0.2, "tags": ("mail", "new"), "description": "greets"},
    )
    assert written.digest == passed.digest == mapped.digest
    assert ws.get("desk/emails/one@draft").template == "Hello {{ name }}"


def test_arguments_win_over_frontmatter(ws: Workspace) -> None:
    text = "---\ndescription: from the text\nmodel: small\n---\nHello"
    ws.save(WELCOME, text, metadata={"description": "from the call"})
    assert ws.get(DRAFT).metadata.to_json() == {"description": "from the call", "model": "small"}


def test_parameters_replace_those_declared_before(ws: Workspace) -> None:
    ws.save(WELCOME, "{{ a }}{{ b }}", parameters={"a": "string", "b": "integer"})
    ws.save(WELCOME, "{{ a }}{{ b }}", parameters=({"name": name} for name in ("b",)))
    assert [one.name for one in ws.get(DRAFT).content.parameters] == ["b"]
    ws.save(WELCOME, "{{ a }}{{ b }}", parameters=[])
    assert ws.get(DRAFT).content.parameters == ()


def test_plain_text_is_not_read_as_a_template(ws: Workspace) -> None:
    text = "{{ not a variable }} {% nor a tag %} {"
    ws.save(WELCOME, text, syntax="plain")
    assert ws.get(DRAFT).render().text == text
    ws.save(WELCOME, f"{text}}}")
    assert ws.get(DRAFT).render().text == f"{text}}}"
    with pytest.raises(TemplateSyntaxError):
        ws.save(WELCOME, text, syntax="liquid")
    assert ws.get(DRAFT).content.syntax == "plain"


def test_notes_say_where_declared_and_used_differ(ws: Workspace) -> None:
    notes = ws.save(
        WELCOME, "{{ a }}{{ b }}{% render 'foot' %}", parameters={"a": "string", "c": "string"}
    ).notes
    assert notes == (
        "'foot' is rendered, and not in the draft yet",
        "used and not declared: b",
        "declared and not used: c",
    )
    assert ws.save("desk/emails/free", "{{ anything }}").notes == ()


def test_only_the_draft_can_be_saved(ws: Workspace) -> None:
    ws.save(DRAFT, "by its full address")
    ws.publish("desk/emails")
    for selector in ("1.0.0", "latest", "^1", "production", "sha256:000000"):
        with pytest.raises(RefusedError, match="only the draft can be changed") as caught:
            ws.save(f"{WELCOME}@{selector}", "x")
        assert caught.value.hint == f"Try: {WELCOME}"
        with pytest.raises(RefusedError, match="only the draft"):
            ws.remove(f"{WELCOME}@{selector}")
    with pytest.raises(AddressError, match="a prompt in it was expected"):
        ws.save("desk/emails", "x")


def test_saving_is_done_by_the_actor_at_the_time_of_the_clock(ws: Workspace) -> None:
    ws.save(WELCOME, "x")
    (change,) = ws.draft_log(WELCOME)
    assert change.actor == "ada"
    assert change.at.isoformat().startswith("2026-03-01T12:00:0")
    with pytest.raises(NotFoundError):
        ws.draft_log("desk/emails/other")


@pytest.mark.parametrize(
    ("key", "value"),
    [("temperature", "hot"), ("max_tokens", -3), ("model", 7), ("response_schema", "object")],
)
def test_a_model_setting_of_the_wrong_type_is_refused_and_nothing_is_saved(
    ws: Workspace, key: str, value: object
) -> None:
    for save in (
        lambda: ws.save("desk/emails/welcome", "Hello", metadata={key: value}),
        lambda: ws.save("desk/emails/welcome", f"---\n{key}: {value}\n---\nHello"),
    ):
        with pytest.raises(DeclarationError, match=f"setting '{key}' is") as caught:
            save()
        assert caught.value.hint
    assert ws.find("desk/emails/welcome@draft") is None
