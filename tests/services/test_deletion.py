"""Before something is deleted it is said what goes, and who renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from anvil_nb.results.done import Done
    from anvil_nb.workspace import Workspace

SET = "desk/emails"


@pytest.fixture
def ws(ws: Workspace) -> Workspace:
    """A set in which a prompt is rendered by one, and through that by another."""
    ws.save(f"{SET}/footer", "The desk")
    ws.save(f"{SET}/page", "{% render 'footer' %}")
    ws.save(f"{SET}/letter", "{% render 'page' %}")
    ws.save(f"{SET}/alone", "It says {% raw %}{% render 'footer' %}{% endraw %} as it is")
    ws.save(f"{SET}/plain", "{% render 'footer' %}", syntax="plain")
    ws.publish(SET)
    ws.label(f"{SET}@1.0.0", "production")
    ws.save("shop/emails/page", "{% render 'footer' %}")
    return ws


def rendered_by(done: Done) -> object:
    return done.facts["rendered_by"]


def test_who_renders_a_prompt_by_itself_or_through_another_is_said_before_and_after(
    ws: Workspace,
) -> None:
    before = ws.generation()
    would = ws.remove(f"{SET}/footer", dry_run=True)
    assert ws.generation() == before
    assert rendered_by(would) == ["letter", "page"]
    assert would.message.endswith(
        "2 other prompts render it, and could not be rendered without it: letter, page."
    )
    done = ws.remove(f"{SET}/footer")
    assert rendered_by(done) == ["letter", "page"]
    assert "2 other prompts render it, and cannot be rendered" in done.to_text()
    assert ws.get(f"{SET}/footer@1.0.0").template == "The desk"


def test_of_what_nobody_renders_that_is_said(ws: Workspace) -> None:
    would = ws.remove(f"{SET}/letter", dry_run=True)
    assert rendered_by(would) == []
    assert would.message.endswith("No other prompt renders it.")
    assert "render" not in ws.remove(f"{SET}/letter").message


def test_only_as_many_names_are_told_as_are_read_and_the_facts_have_all(ws: Workspace) -> None:
    with ws.burst():
        for number in range(12):
            ws.save(f"{SET}/p{number:02}", "{% render 'footer' %}")
    would = ws.remove(f"{SET}/footer", dry_run=True)
    found = rendered_by(would)
    assert isinstance(found, list)
    assert len(found) == 14
    assert "14 other prompts" in would.message
    assert would.message.endswith("p06 and 6 more.")


def test_of_a_set_and_a_project_it_is_said_what_is_in_them_and_nothing_is_done(
    ws: Workspace,
) -> None:
    before = ws.generation()
    would = ws.delete_set(SET, dry_run=True)
    text = f"{SET}: 5 prompts in the draft, 1 published version, label production"
    assert would.message == (
        f"Would delete set {SET}, with {text}. Prompts are rendered by those of their own set "
        "alone, and these go with it. It takes --force."
    )
    assert (would.facts["force"], would.facts["dry_run"]) == (True, True)
    assert "--force" not in ws.delete_set(SET, dry_run=True, force=True).message
    ws.create_set("desk/letters")
    project = ws.delete_project("desk", dry_run=True)
    assert f"{text}; desk/letters: 0 prompts in the draft, 0 published" in project.message
    assert ws.delete_project("shop", dry_run=True).facts["force"] is True
    ws.create_project("empty")
    assert ws.delete_project("empty", dry_run=True).message.endswith("which is empty.")
    assert ws.get(f"{SET}/letter@draft")
    with pytest.raises(RefusedError, match="1 published version"):
        ws.delete_set(SET)
    assert ws.generation() > before


def test_what_is_not_there_is_not_there_for_a_dry_run_either(ws: Workspace) -> None:
    for gone in (f"{SET}/nothing", "desk/nothing/welcome"):
        with pytest.raises(NotFoundError):
            ws.remove(gone, dry_run=True)
    with pytest.raises(RefusedError, match="only the draft"):
        ws.remove(f"{SET}/footer@1.0.0", dry_run=True)
    with pytest.raises(NotFoundError):
        ws.delete_set("desk/nothing", dry_run=True)
    with pytest.raises(NotFoundError):
        ws.delete_project("nothing", dry_run=True)
