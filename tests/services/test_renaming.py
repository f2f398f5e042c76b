"""Before a prompt goes by another name it is said who renders it by the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import ExistsError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

SET = "desk/emails"


@pytest.fixture
def ws(ws: Workspace) -> Workspace:
    """A set in which a prompt is rendered by one, and through that by another."""
    ws.save(f"{SET}/footer", "The desk")
    ws.save(f"{SET}/page", "{% render 'footer' %}")
    ws.save(f"{SET}/letter", "{% render 'page' %}")
    return ws


def test_who_renders_a_prompt_is_said_before_and_after(ws: Workspace) -> None:
    before = ws.generation()
    would = ws.rename(f"{SET}/footer", "foot", dry_run=True)
    assert ws.generation() == before
    assert would.facts["rendered_by"] == ["letter", "page"]
    assert would.message == (
        "Would rename desk/emails/footer to desk/emails/foot. 2 other prompts render it, and could "
        "not be rendered until they name the new one: letter, page."
    )
    done = ws.rename(f"{SET}/footer", "foot")
    assert done.facts["rendered_by"] == ["letter", "page"]
    assert "cannot be rendered until they name the new one: letter, page." in done.to_text()
    assert [name for name, _ in ws.validate(SET).errors] == ["letter", "page"]


def test_of_what_nobody_renders_that_is_said(ws: Workspace) -> None:
    would = ws.rename(f"{SET}/letter", "post", dry_run=True)
    assert would.message.endswith("No other prompt renders it.")
    assert ws.rename(f"{SET}/letter", "post").message == (
        "Renamed desk/emails/letter to desk/emails/post"
    )


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_could_not_be_renamed_is_refused_in_a_dry_run_too(
    ws: Workspace, *, dry_run: bool
) -> None:
    with pytest.raises(NotFoundError):
        ws.rename(f"{SET}/nothing", "new", dry_run=dry_run)
    with pytest.raises(ExistsError):
        ws.rename(f"{SET}/footer", "page", dry_run=dry_run)
    ws.save(f"{SET}/footer", "{% render 'foot' %}")
    with pytest.raises(RefusedError, match="circle"):
        ws.rename(f"{SET}/page", "foot", dry_run=dry_run)
