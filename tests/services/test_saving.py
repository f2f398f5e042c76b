"""Saving in a draft: what is kept, what is refused, and what a conflict shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import (
    AddressError,
    AnvilError,
    DeclarationError,
    DraftConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    TemplateSyntaxError,
)

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

WELCOME = "desk/emails/welcome"
DRAFT = f"{WELCOME}@draft"


def changes(ws: Workspace, address: str = WELCOME) -> list[str]:
    return [f"{change.action} {change.message}".strip() for change in ws.draft_log(address)]


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


BODIES = [
    "",
    "\n",
    "one line",
    "ends in one\n",
    "ends in three\n\n\n",
    "\n\nbegins with two",
    "windows\r\nlines\r\n",
    "old mac\rlines\r",
    "mixed\n\r\n\rends",
    "tabs\tand  spaces   \n   ",
    "--- not frontmatter",
    "---\nprose, not a mapping\n---\nmore",
    "---\n- a\n- list\n---\nmore",
    "---\nnever closed: yes\n",
    "emoji 👩‍👩‍👧‍👦 🏳️‍🌈 and e\u0301 vs é",
    "{% raw %}{{ braces }}{% endraw %}",
    '{"json": {"nested": [1, 2]}}',
    "\ufeffbyte-order mark",
    "zero\u200bwidth and \u202e turned",
    "line\u2028separator",
    "'; drop table entries; -- $1 %s",
]


def test_text_is_kept_byte_for_byte(ws: Workspace) -> None:
    with ws.burst():
        for number, body in enumerate(BODIES):
            saved = ws.save(f"desk/emails/p{number}", body)
            found = ws.get(f"desk/emails/p{number}@{saved.digest}")
            assert (body, found.template) == (body, body)


def test_a_body_that_would_read_as_frontmatter_is_kept_behind_an_empty_one(ws: Workspace) -> None:
    body = "---\ndescription: part of the text\n---\nand more"
    ws.save(WELCOME, f"---\n---\n{body}")
    assert ws.get(DRAFT).template == body
    assert ws.get(DRAFT).metadata.to_json() == {}


def test_a_save_on_top_of_what_was_read_goes_through(ws: Workspace) -> None:
    first = ws.save(WELCOME, "one", expect="new")
    second = ws.save(WELCOME, "two", expect=first.digest)
    ws.save(WELCOME, "three", expect=second.digest[:19])
    assert ws.get(DRAFT).template == "three"


def test_a_conflict_shows_both_sides_and_loses_neither(ws: Workspace) -> None:
    read = ws.save(WELCOME, "as it was read")
    theirs = ws.save(WELCOME, "---\nmodel: large\n---\ntheirs")
    with pytest.raises(DraftConflictError) as caught:
        ws.save(WELCOME, "ours", expect=read.digest)
    assert caught.value.details() == {
        "expected": read.digest,
        "found": theirs.digest,
        "theirs": "theirs",
        "ours": "ours",
    }
    assert theirs.digest[:19] in caught.value.message
    assert read.digest[:19] in caught.value.message
    assert f"anvil log --draft {WELCOME}" in caught.value.hint
    assert ws.get(DRAFT).template == "theirs"
    assert ws.get(f"{WELCOME}@{read.digest}").template == "as it was read"
    assert changes(ws) == ["save", "save"]


def test_a_conflict_over_a_removed_or_a_new_prompt_says_so(ws: Workspace) -> None:
    read = ws.save(WELCOME, "one")
    with pytest.raises(DraftConflictError, match="it was not there when it was read") as caught:
        ws.save(WELCOME, "two", expect="new")
    assert (caught.value.expected, caught.value.found) == (None, read.digest)
    ws.remove(WELCOME)
    with pytest.raises(DraftConflictError, match="is not there any more") as caught:
        ws.save(WELCOME, "two", expect=read.digest)
    assert (caught.value.expected, caught.value.theirs) == (read.digest, None)
    ws.save(WELCOME, "two", expect="new")


def test_who_saves_what_stands_there_already_has_no_conflict(ws: Workspace) -> None:
    read = ws.save(WELCOME, "one")
    ws.save(WELCOME, "two")
    assert not ws.save(WELCOME, "two", expect=read.digest).changed


def test_what_is_expected_is_a_digest_or_new(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    for expect in ("", "sha256:", "one", "NEW", "sha256:zzzzzz", "1.0.0"):
        with pytest.raises(InvalidInputError, match="what is expected is a digest or 'new'"):
            ws.save(WELCOME, "two", expect=expect)


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


def test_partials_may_be_saved_in_any_order(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello. {% render 'foot' %}")
    ws.save("desk/emails/foot", "Bye {{ name }}.")
    prompt = ws.get(DRAFT)
    assert [one.name for one in prompt.parameters] == ["name"]
    assert prompt.render(name="Ada").text == "Hello. Bye Ada."


def test_a_circle_of_partials_is_refused_by_the_save_that_would_close_it(ws: Workspace) -> None:
    ws.save("desk/emails/a", "{% render 'b' %}")
    with pytest.raises(RefusedError, match="in a circle: a → b → a|in a circle: b → a → b"):
        ws.save("desk/emails/b", "{% render 'a' %}")
    ws.save("desk/emails/b", "{% render 'c' %}")
    with pytest.raises(RefusedError, match="in a circle"):
        ws.save("desk/emails/c", "{% if false %}{% render 'a' %}{% endif %}")
    with pytest.raises(RefusedError, match="in a circle: d → d"):
        ws.save("desk/emails/d", "{% render 'd' %}")
    assert [item.address for item in ws.ls("desk/emails")] == ["desk/emails/a", "desk/emails/b"]
    # What would be a circle only with the text that is being replaced is none.
    ws.save("desk/emails/a", "end")
    ws.save("desk/emails/c", "{% render 'a' %}")
    assert ws.get("desk/emails/b@draft").render().text == "end"


def test_a_circle_by_renaming_copying_or_restoring_is_refused(ws: Workspace) -> None:
    ws.save("desk/emails/a", "{% render 'b' %}")
    ws.save("desk/emails/x", "{% render 'a' %}")
    for move in (ws.rename, lambda one, name: ws.copy(one, f"desk/emails/{name}")):
        with pytest.raises(RefusedError, match="in a circle"):
            move("desk/emails/x", "b")
    old = ws.save("desk/emails/y", "{% render 'z' %}").digest
    ws.save("desk/emails/y", "nothing")
    ws.save("desk/emails/z", "{% render 'y' %}")
    with pytest.raises(RefusedError, match="in a circle"):
        ws.restore("desk/emails/y", old)


def test_a_chat_cannot_be_a_partial(ws: Workspace) -> None:
    ws.save("desk/emails/chat", "{% message user %}Hi{% endmessage %}")
    with pytest.raises(RefusedError, match="'chat' is a chat prompt and cannot be a partial"):
        ws.save(WELCOME, "{% render 'chat' %}")


def test_a_prompt_that_its_partials_broke_can_still_be_shown_and_mended(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello {{ name }} {% render 'foot' %}", parameters={"name": "string"})
    ws.save("desk/emails/foot", "Bye")
    ws.save("desk/emails/foot", "{% message user %}Bye{% endmessage %}")
    broken = ws.get(DRAFT)
    assert "not sound: 'foot' is a chat prompt" in broken.to_text()
    assert "not sound" in broken.to_html()
    shown = broken.to_json()
    assert isinstance(shown, dict)
    assert "chat prompt" in str(shown["problem"])
    with pytest.raises(RefusedError):
        broken.render(name="Ada")
    assert not ws.validate("desk/emails").valid
    with pytest.raises(RefusedError, match="welcome is not sound"):
        ws.publish("desk/emails")
    ws.save("desk/emails/foot", "Bye again")
    assert ws.get(DRAFT).render(name="Ada").text == "Hello Ada Bye again"


def test_very_many_and_very_deep_partials_are_refused(ws: Workspace) -> None:
    with ws.burst():
        for number in range(51):
            ws.save(f"desk/chain/p{number}", f"{{% render 'p{number - 1}' %}}" * (number > 0))
    with pytest.raises(RefusedError, match="more than 50 deep"):
        ws.save("desk/chain/last", "{% render 'p50' %}")
    ws.save("desk/chain/near", "{% render 'p49' %}")
    assert ws.get("desk/chain/near@draft").render().text == ""


def test_partials_that_each_render_the_next_twice_are_looked_at_once(ws: Workspace) -> None:
    with ws.burst():
        for number in range(25):
            twice = f"{{% render 'p{number + 1}' %}}" * 2
            ws.save(f"desk/twice/p{number}", twice)
        # Followed along every path this would be 33 million looks.
        ws.save("desk/twice/p25", "{{ name }}")
    assert [one.name for one in ws.get("desk/twice/p0@draft").parameters] == ["name"]


def test_words_that_no_store_keeps_are_refused(ws: Workspace) -> None:
    ws.save(WELCOME, "x")
    for message in ("nul \0", "half \ud800", "x" * 4_001):
        for call in (
            lambda said: ws.save(WELCOME, "y", message=said),
            lambda said: ws.remove(WELCOME, message=said),
            lambda said: ws.rename(WELCOME, "other", message=said),
            lambda said: ws.copy(WELCOME, "desk/emails/other", message=said),
            lambda said: ws.restore(WELCOME, "sha256:000000", message=said),
            lambda said: ws.publish("desk/emails", message=said),
            lambda said: ws.rollback("desk/emails@1.0.0", message=said),
            lambda said: ws.label("desk/emails", "production", message=said),
            lambda said: ws.unlabel("desk/emails", "production", message=said),
            lambda said: ws.create_project("new", title=said),
            lambda said: ws.update_set("desk/emails", description=said),
        ):
            with pytest.raises(InvalidInputError, match="message|title|description"):
                call(message)
    assert changes(ws) == ["save"]
    for metadata in ({"description": "\0"}, {"tags": ["\ud800"]}, {"deep": [{"a": "\ud800"}]}):
        with pytest.raises(DeclarationError):
            ws.save(WELCOME, "x", metadata=metadata)
    ws.save(WELCOME, "x", metadata={"deep": [{"a": "kept as JSON writes it: \0"}]})
    assert ws.get(DRAFT).metadata.settings["deep"] == [{"a": "kept as JSON writes it: \0"}]


def test_values_that_json_cannot_write_are_refused(ws: Workspace) -> None:
    for value in (float("nan"), 2**60, {1: "a"}, object(), {"a", "b"}):
        with pytest.raises(AnvilError, match=r"setting 'x'|parameter|canonical|data"):
            ws.save(WELCOME, "x", metadata={"x": value})
        with pytest.raises(InvalidInputError):
            ws.save(WELCOME, "{{ a }}", parameters=[{"name": "a", "example": value}])
    assert not ws.ls().items


def test_numbers_come_back_as_they_were_digested(ws: Workspace) -> None:
    for value in (1e20, -1e300, 1e16, 2.0**53, -(2.0**53), 1.0, 1e-7, 2**53 - 1, -0.0, 0.1 + 0.2):
        said: dict[str, Any] = {"value": value, "list": [value, {"deep": value}]}
        declared = [{"name": "x", "type": "number", "default": value, "enum": [value, 5]}]
        saved = ws.save(WELCOME, "{{ x }}", metadata=said, parameters=declared)
        found = ws.get(DRAFT)
        assert found.metadata.settings == said
        assert found.content.digest == saved.digest
        assert not ws.save(WELCOME, "{{ x }}", metadata=said).changed


def test_declarations_that_no_file_could_hold_are_refused(ws: Workspace) -> None:
    deep: list[object] = []
    for _ in range(52):
        deep = [deep]
    for metadata in ({"deep": deep}, {"long": "x" * 300_000}):
        with pytest.raises(DeclarationError, match="nest deeper|frontmatter has"):
            ws.save(WELCOME, "x", metadata=metadata)
    assert not ws.ls().items


def test_a_message_of_many_lines_and_scripts_is_kept(ws: Workspace) -> None:
    said = "first line\nsecond: ünïcödé 👍 '; drop table x; --"
    ws.save(WELCOME, "x", message=said)
    assert ws.draft_log(WELCOME).changes[0].message == said


def test_saving_is_done_by_the_actor_at_the_time_of_the_clock(ws: Workspace) -> None:
    ws.save(WELCOME, "x")
    (change,) = ws.draft_log(WELCOME)
    assert change.actor == "ada"
    assert change.at.isoformat().startswith("2026-03-01T12:00:0")
    with pytest.raises(NotFoundError):
        ws.draft_log("desk/emails/other")
