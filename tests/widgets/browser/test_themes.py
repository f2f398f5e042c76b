"""Light or dark: as the host says, with Jupyter's colours where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import anvil_nb as anvil
from anvil_nb.widgets.syncing import SyncView
from tests.widgets.browser.axe import serious_findings
from tests.widgets.browser.conftest import PREPARED
from tests.widgets.browser.lab import Notebook
from tests.widgets.browser.plain import PlainPage
from tests.widgets.bundled import in_conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from anvil_nb.widgets.view import View
    from anvil_nb.workspace import Workspace
    from tests.widgets.browser.lab import Window

SET = "desk/letters"
WELCOME = f"{SET}/welcome"
SKILL = "---\nname: triage\ndescription: Sorts mail.\n---\n\nRead the subject first.\n"
VIEWS: dict[str, Callable[[Workspace, Path], View]] = {
    "browser": lambda ws, _: ws.ui(),
    "conflicts": lambda ws, _: ws.settle(),
    "diff": lambda ws, _: ws.compare(f"{SET}@1.0.0", SET),
    "editor": lambda ws, _: ws.edit(WELCOME),
    "export": lambda ws, _: ws.exporting(SET),
    "history": lambda ws, _: ws.history(SET),
    "import": lambda ws, folder: ws.importing(in_conflict(ws, folder), allow_unsigned=True),
    "runs": lambda ws, _: ws.grid(
        ws.run([f"{WELCOME}@1.0.0", WELCOME], [{"name": "Ada", "vip": True}, {"vip": 1}])
    ),
    "sync": lambda ws, _: SyncView(ws),
}
SEEN = """one => {
    const { backgroundColor, colorScheme } = getComputedStyle(one);
    return [Math.max(...backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)), colorScheme];
}"""
"""How bright the ground of an element is, of 255, and what its controls are drawn as."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workspace]:
    with anvil.init(tmp_path / "shop", actor="ada") as ws:
        ws.save(WELCOME, "Hello {{ name }}{% if vip %}, dear guest{% endif %}\n")
        ws.publish(SET, message="First letters")
        ws.label(f"{SET}@1.0.0", "production")
        ws.save(
            WELCOME, "Good day {{ name | upcase }}{% comment %}loud{% endcomment %}, {{ 'a' }}\n"
        )
        skill = tmp_path / "shop" / "services" / "skills" / "triage" / "SKILL.md"
        skill.parent.mkdir(parents=True)
        skill.write_text(SKILL, "utf-8")
        ws.sync("skills", "push", dry_run=False)
        skill.write_text(SKILL.replace("subject", "sender"), "utf-8")
        ws.save_item("skill", "triage", SKILL.replace("subject", "date").encode())
        ws.sync("skills", "push", dry_run=False, on_conflict="keep")
        yield ws


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_and_what_stands_beside_it_are_light_or_dark_as_the_page_is(
    name: str, shop: Workspace, browser: Browser, tmp_path: Path
) -> None:
    view = VIEWS[name](shop, tmp_path)
    plain = PlainPage(browser, view)
    drawn = plain.page.locator("section.anvil")
    expect(drawn).to_have_attribute("data-anvil-view", name)
    expect(plain.page.get_by_role("progressbar")).to_have_count(0)
    for dark in (False, True):
        plain.system(dark=dark)
        bright, _ = drawn.evaluate(SEEN)
        assert bright < 64 if dark else bright == 255
        assert serious_findings(plain.page, "main") == [], "dark" if dark else "light"
    expect(plain.page.locator("#beside :is(code, td:only-child, strong):empty")).to_have_count(0)
    plain.close()


def test_a_light_jupyterlab_on_a_dark_system_stays_light(
    ws: Workspace, open_window: Callable[..., Window], place: str
) -> None:
    ws.save(WELCOME, "Hello {{ name }}")
    window = open_window(color_scheme="dark")
    notebook = Notebook(window, place)
    notebook.theme(dark=False)
    notebook.run(PREPARED)
    view = notebook.view(f"%anvil edit {WELCOME}")
    assert view.evaluate(SEEN) == [255, "light"]
    assert view.get_by_role("textbox", name="Template").evaluate(SEEN)[1] == "light"
    notebook.theme(dark=True)
    bright, scheme = view.evaluate(SEEN)
    assert (bright < 64, scheme) == (True, "dark")
    notebook.close()
