"""A JupyterLab and a browser for the whole run; a notebook, a kernel and a store for each test.

These tests run in a process of their own (``make browser``): Playwright keeps an event loop running
for as long as the browser is open, beside which no other test could run one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

import anvil_nb as anvil
from tests.widgets.browser.axe import serious_findings
from tests.widgets.browser.lab import PATIENCE, Notebook, Window, browsing
from tests.widgets.browser.plain import PlainPage
from tests.widgets.browser.servers import Lab, forging, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator

    from anvil_nb.widgets.view import View
    from anvil_nb.workspace import Workspace

HERE = Path(__file__).parent
PREPARED = "import anvil_nb as anvil\nws = anvil.open()\n%load_ext anvil_nb"

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    with forging(folder / "kernels.log") as forge:
        yield from running(folder / "notebooks", folder / "server.log", forge=forge)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    strangers = {item.path for item in request.session.items if HERE not in item.path.parents}
    assert not strangers, "these tests run by themselves: make browser"
    with sync_playwright() as playwright:
        browser = browsing(playwright)
        yield browser
        browser.close()


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    """The name of the test's own folder under the server's root."""
    name = f"{request.path.stem.removeprefix('test_')}-{request.node.name}"
    return re.sub(r"\W+", "-", name).strip("-")[:100]


@pytest.fixture
def ws(lab: Lab, place: str) -> Iterator[Workspace]:
    """The workspace that the notebook's kernel opens too."""
    folder = lab.folder / place
    folder.mkdir()
    with anvil.init(folder, actor="ada") as made:
        yield made


@pytest.fixture(scope="session")
def _shared_window(lab: Lab, browser: Browser) -> Iterator[Window]:
    """The window that most tests share: JupyterLab takes seconds to load."""
    window = Window(lab, browser)
    yield window
    window.close()


@pytest.fixture
def window(_shared_window: Window) -> Iterator[Window]:
    """A window that asks nothing of other machines, and says nothing of errors."""
    yield _shared_window
    _shared_window.check()


@pytest.fixture
def open_window(lab: Lab, browser: Browser) -> Iterator[Callable[..., Window]]:
    """Opens windows of the test's own: ``open_window(viewport={"width": 480, "height": 900})``."""
    opened: list[Window] = []

    def another(**settings: Any) -> Window:
        opened.append(Window(lab, browser, **settings))
        return opened[-1]

    yield another
    for one in opened:
        one.close()
    for one in opened:
        one.check()


@pytest.fixture
def notebook(window: Window, place: str, ws: Workspace) -> Iterator[Notebook]:
    """A notebook in the workspace, with ``ws`` and ``%anvil`` ready, in the light theme."""
    del ws
    made = Notebook(window, place)
    made.run(PREPARED)
    yield made
    made.theme(dark=False)
    made.close()


@pytest.fixture
def shown(browser: Browser) -> Iterator[Callable[[View], Locator]]:
    """Shows a view on a page with nothing around it; what a host has no part in."""
    opened: list[PlainPage] = []

    def show(view: View) -> Locator:
        opened.append(PlainPage(browser, view))
        return opened[-1].page.locator("section.anvil").first

    yield show
    for one in opened:
        one.close()


@pytest.fixture
def picture(
    notebook: Notebook, tmp_path: Path, outer_environment: dict[str, str]
) -> Callable[[str, Locator], None]:
    """Takes a view's picture in both themes, each looked at by a checker of accessibility.

    ``picture("editor", view)``: they go to the folder that ``ANVIL_PICTURES`` names (``make
    pictures`` says docs/images), else nowhere that lasts: so taking them is tested each time, and
    the tree stays as it is.
    """
    folder = Path(outer_environment.get("ANVIL_PICTURES") or tmp_path)

    def take(name: str, view: Locator) -> None:
        for dark in (False, True):
            notebook.theme(dark=dark)
            file = folder / f"{name}-{'dark' if dark else 'light'}.png"
            view.screenshot(path=file, animations="disabled")
            assert serious_findings(notebook.page) == [], file.stem
            assert file.stat().st_size > 0
        notebook.theme(dark=False)

    return take
