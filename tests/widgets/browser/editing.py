"""The editor in a browser, as one writes in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from anvil_nb.workspace import Workspace

WELCOME = "desk/emails/welcome"
SHOW = f"%anvil edit {WELCOME}"


def text_of(view: Locator) -> Locator:
    return view.get_by_role("textbox", name="Template")


def write(view: Locator, text: str) -> None:
    """Put ``text`` in the place of the whole template, as one who types."""
    text_of(view).click()
    view.page.keyboard.press("Control+a")
    view.page.keyboard.insert_text(text)


@pytest.fixture
def welcome(ws: Workspace) -> None:
    ws.save("desk/emails/sign", "Yours, {{ sender }}")
    ws.save(
        WELCOME,
        "Hello {{ name }},\n\nwelcome to {{ place }}.\n\nYours,\nthe desk\n",
        parameters=[
            {"name": "name", "type": "string", "example": "Ada"},
            {"name": "place", "type": "string", "default": "our shop"},
        ],
    )
