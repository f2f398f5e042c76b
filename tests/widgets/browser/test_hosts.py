"""The widgets in Voilà and marimo, as ``make hosts`` installs them beside the tests' own parts."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import nbformat
import pytest
from playwright.sync_api import expect

import anvil_nb as anvil
from anvil_nb.widgets.uploading import PIECE
from tests.widgets.browser.axe import serious_findings
from tests.widgets.browser.lab import Window
from tests.widgets.browser.servers import Server
from tests.widgets.bundled import SET as EMAILS
from tests.widgets.bundled import in_conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from anvil_nb.workspace import Workspace

PROGRAMS = Path(__file__).resolve().parents[3] / "build" / "hosts" / "bin"
WELCOME = "desk/letters/welcome"
SHOWN = {
    "editor": f"ws.edit('{WELCOME}')",
    "browser": "ws.ui()",
    "import": "ws.importing(allow_unsigned=True)",
}
# Voilà's own page asks for these, and does without them.
ICONS = "https://cdn.jsdelivr.net/npm/@fortawesome/"

pytestmark = pytest.mark.skipif(
    not (PROGRAMS / "voila").exists(), reason="make hosts installs Voilà and marimo"
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workspace]:
    """The workspace that the host opens too."""
    with anvil.init(tmp_path / "shop", actor="ada") as ws:
        ws.save(WELCOME, "Hello {{ name }}\n")
        ws.publish("desk/letters", message="First letters")
        yield ws


class Voila:
    """A notebook as a page of its own, in Voilà.

    Args:
        folder: Where the workspace is, and the notebook.
        log: Takes what the server says.
    """

    name = "voila"

    def __init__(self, folder: Path, log: Path) -> None:
        sources = ["import anvil_nb as anvil\nws = anvil.open()", *SHOWN.values()]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / "app.ipynb")
        self.server = Server(folder, log, self.name, "/voila/static/voila.js")
        self.server.start(
            [
                PROGRAMS / "voila",
                "app.ipynb",
                "--no-browser",
                "--Voila.ip=127.0.0.1",
                f"--port={self.server.port}",
                "--VoilaConfiguration.allow_theme_override=YES",
                # As for JupyterLab here: a page that is left ends its kernel without the token.
                "--Voila.tornado_settings={'disable_check_xsrf': True}",
            ]
        )

    def show(self, page: Page, *, dark: bool) -> None:
        """Open the page in one of its two themes."""
        page.goto(f"{self.server.url}/{'?theme=dark' if dark else ''}")

    def check(self, window: Window) -> None:
        """Fail when the page asked more of other machines than Voilà's icons."""
        assert {one.startswith(ICONS) for one in window.outside} == {True}
        window.outside.clear()
        window.expect_problem("net::ERR_FAILED")
        window.check()


class Marimo:
    """The same as an app of marimo's.

    Args:
        folder: Where the workspace is, and the app.
        log: Takes what the server says.
    """

    name = "marimo"

    def __init__(self, folder: Path, log: Path) -> None:
        cells = "".join(
            f"@app.cell\ndef _(ws):\n    {source}\n    return\n\n\n" for source in SHOWN.values()
        )
        (folder / "app.py").write_text(
            "import marimo\n\napp = marimo.App()\n\n\n"
            "@app.cell\ndef _():\n    import anvil_nb as anvil\n"
            f"    ws = anvil.open()\n    return (ws,)\n\n\n{cells}",
            "utf-8",
        )
        (folder / "pyproject.toml").write_text('[tool.marimo.display]\ntheme = "system"\n', "utf-8")
        self.server = Server(folder, log, self.name, "/health")
        self.server.start(
            [
                PROGRAMS / "marimo",
                "run",
                "app.py",
                "--headless",
                "--no-token",
                "--host=127.0.0.1",
                f"--port={self.server.port}",
            ]
        )

    def show(self, page: Page, *, dark: bool) -> None:
        """Open the page in one of its two themes: it follows the system's."""
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.goto(self.server.url)

    def check(self, window: Window) -> None:
        """Fail when the page asked anything of other machines."""
        window.check()


@pytest.fixture(params=[Voila, Marimo], ids=lambda one: one.name)
def host(
    request: pytest.FixtureRequest, shop: Workspace, tmp_path: Path
) -> Iterator[Voila | Marimo]:
    del shop
    made = request.param(tmp_path / "shop", tmp_path / "server.log")
    yield made
    made.server.stop()


def choose(view: Locator, file: Path) -> None:
    """Choose a file as a person does, by the button."""
    with view.page.expect_file_chooser() as chooser:
        view.get_by_role("button", name="Choose a file…").click()
    chooser.value.set_files(file)


def test_the_main_paths_of_three_views_in_another_host_and_their_picture(
    host: Voila | Marimo,
    shop: Workspace,
    browser: Browser,
    tmp_path: Path,
    outer_environment: dict[str, str],
) -> None:
    folder = Path(outer_environment.get("ANVIL_PICTURES") or tmp_path)
    bundle = in_conflict(shop, tmp_path)
    window = Window(host.server, browser)
    page = window.page
    host.show(page, dark=False)
    editor, tree, importing = (page.locator(f"[data-anvil-view={name}]") for name in SHOWN)

    text = editor.get_by_role("textbox", name="Template")
    text.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("Good day {{ name }}, {{ greeting }}\n")
    editor.get_by_role("button", name="Add all 2").click()
    text.focus()
    page.keyboard.press("Control+s")
    expect(editor.get_by_text("✓ Saved")).to_be_visible()
    saved = shop.get(f"{WELCOME}@draft")
    assert saved.template == "Good day {{ name }}, {{ greeting }}\n"
    assert [one.name for one in saved.content.parameters] == ["name", "greeting"]

    tree.get_by_role("searchbox").focus()
    page.keyboard.press("Control+k")
    expect(tree.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    tree.get_by_label("Search prompts").fill("welcome")
    tree.get_by_role("treeitem", name="welcome").first.click()
    expect(tree.get_by_role("region", name="Text")).to_contain_text("Dear {{ name }}")

    # In more than one piece: what came is what was sent, and that it is no bundle is found next.
    large = tmp_path / "large.anvil"
    large.write_bytes(Random(1).randbytes(2 * PIECE + 1))  # noqa: S311 - no secret
    choose(importing, large)
    expect(importing.get_by_role("alert")).to_contain_text("bundle-damaged")
    importing.get_by_role("button", name="Another file…").click()
    choose(importing, bundle)
    expect(importing.get_by_text("1 of 1 left")).to_be_visible()
    importing.get_by_role("button", name="Overwrite").click()
    importing.get_by_role("button", name="Preview the plan").click()
    plan = importing.get_by_role("region", name="Plan")
    plan.get_by_role("button", name="Import", exact=True).click()
    expect(importing.get_by_role("region", name="Result")).to_contain_text("Imported")
    assert "thanks a lot" in shop.get(f"{EMAILS}/welcome@latest").template

    for dark in (False, True):
        host.show(page, dark=dark)
        expect(editor.get_by_text("Good day")).to_have_count(2)
        tree.get_by_role("treeitem", name="desk").wait_for()
        importing.get_by_role("button", name="Choose a file…").wait_for()
        assert serious_findings(page) == [], "dark" if dark else "light"
        file = folder / f"{host.name}-{'dark' if dark else 'light'}.png"
        page.screenshot(path=file, animations="disabled")
    host.check(window)
    window.close()
