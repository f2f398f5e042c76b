"""One notebook in a real JupyterLab, as a person uses it through a browser."""

from __future__ import annotations

import os
import secrets
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Playwright

    from tests.widgets.browser.servers import Server

PATIENCE = 30_000
"""How long a step in the browser may take there, in milliseconds."""
# Of the notebook's page, not of ours: what Chromium says of JupyterLab itself.
NOT_OURS = (
    "favicon",
    "ResizeObserver loop",
    "404 (Not Found)",
    "restore the debugger state",
    "Canceled future",
)


def chromium() -> str:
    """Return the path of the system's Chromium."""
    for name in (
        os.environ.get("ANVIL_CHROMIUM", ""),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ):
        if name and (found := shutil.which(name)):
            return found
    msg = "there is no Chromium: sh scripts/chromium.sh says how to get one"
    raise AssertionError(msg)


def browsing(playwright: Playwright) -> Browser:
    """Start the browser, which finds no machine but this one."""
    stay_here = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    return playwright.chromium.launch(
        executable_path=chromium(),
        args=["--no-sandbox", "--disable-dev-shm-usage", f"--host-resolver-rules={stay_here}"],
    )


class Window:
    """A window of a browser, with JupyterLab in it.

    Args:
        lab: The server: of another program than JupyterLab, whose page is opened by who drives it.
        browser: The window's.
        settings: Of the window, as Playwright's ``new_context`` takes them.

    Attributes:
        page: What Playwright drives.
        outside: Addresses beyond this machine that the page asked for; none must be.
        problems: What the page's console said of errors.
    """

    def __init__(self, lab: Server, browser: Browser, **settings: Any) -> None:
        self.lab = lab
        self.outside: list[str] = []
        self.problems: list[str] = []
        self._context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **settings}
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.on("request", self._note_address)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", self._note_failure)
        if lab.program == "jupyterlab":
            # A workspace of JupyterLab's own, so that windows do not open each other's tabs.
            self.page.goto(f"{lab.url}/lab/workspaces/{secrets.token_hex(4)}?reset")
            self.page.wait_for_function("() => window.jupyterapp?.shell")
            self.page.evaluate("() => window.jupyterapp.restored.then(() => null)")

    def _note_address(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.hostname not in {"127.0.0.1", None} and address.scheme not in {"data", "blob"}:
            self.outside.append(request.url)

    def _note(self, message: Any) -> None:
        if message.type == "error" and not any(one in message.text for one in NOT_OURS):
            self.problems.append(message.text)

    def _note_failure(self, error: Any) -> None:
        # The host's own slips, when it opens or closes a notebook, are thrown in its own code: the
        # first frame says so. What we throw may have passed through that, but begins in ours.
        where = str(error.stack or error)
        thrown = next((line for line in where.splitlines() if line.startswith("    at ")), "")
        hosts = any(core in thrown for core in ("jlab_core", "notebook_core"))
        if not hosts and not any(one in where for one in NOT_OURS):
            self.problems.append(where)

    def command(self, name: str, **arguments: Any) -> None:
        """Run one of JupyterLab's commands and wait for its end."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def expect_problem(self, text: str) -> None:
        """Leave what the page rightly said of errors; fail when it said no such thing."""
        assert any(text in one for one in self.problems)
        self.problems[:] = [one for one in self.problems if text not in one]

    def check(self) -> None:
        """Fail when the page asked another machine, or said that it failed; begin anew."""
        outside, problems = [*self.outside], [*self.problems]
        self.outside.clear()
        self.problems.clear()
        assert outside == [], "asked of other machines"
        assert problems == [], f"said by the console: {problems}"

    def close(self) -> None:
        """Close the window."""
        self._context.close()


class Notebook:
    """One notebook in a window, as a person uses it.

    Args:
        window: Where it is shown.
        place: The folder of the notebook, under the server's root: its kernel runs there.
        name: Of its file; made when it is not there.
    """

    def __init__(self, window: Window, place: str, name: str = "notebook") -> None:
        self.window = window
        self.page = window.page
        self.folder = window.lab.folder / place
        self.folder.mkdir(exist_ok=True)
        self.file = self.folder / f"{name}.ipynb"
        if not self.file.exists():
            made = nbformat.v4.new_notebook()
            made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
            nbformat.write(made, self.file)
        path = f"{place}/{self.file.name}"
        if window.lab.program == "jupyterlab":
            # Nobody else may hold what comes of it, and then it may be collected: what is waited
            # for is the notebook.
            self.page.evaluate(
                "path => { window.jupyterapp.commands.execute('docmanager:open', { path }); }", path
            )
        else:
            self.page.goto(f"{window.lab.url}/notebooks/{path}")
        self._wait_for_kernel()

    def _wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            "path => window.jupyterapp?.shell?.currentWidget?.context?.path === path"
            " && window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            arg=f"{self.folder.name}/{self.file.name}",
            timeout=60_000,
        )

    def run(self, source: str, *, wait: bool = True) -> Locator:
        """Run a new cell at the end; return its output area.

        Args:
            source: What stands in the cell.
            wait: Whether to wait for its end.
        """
        number = self.page.evaluate(
            """async ([source, wait]) => {
                const app = window.jupyterapp;
                const notebook = app.shell.currentWidget.content;
                const cells = notebook.model.sharedModel;
                const at = cells.cells.length;
                cells.insertCell(at, { cell_type: "code", source });
                notebook.activeCellIndex = at;
                const done = app.commands.execute("notebook:run-cell");
                if (wait) await done;
                return at;
            }""",
            [source, wait],
        )
        shown = self.page.locator(".jp-NotebookPanel:visible .jp-Cell").nth(number)
        return shown.locator(".jp-OutputArea").first

    def view(self, source: str) -> Locator:
        """Run a cell that shows a view; return the view's own element."""
        shown = self.run(source).locator("section.anvil")
        shown.wait_for()
        return shown

    def theme(self, *, dark: bool) -> None:
        """Choose JupyterLab's dark or light theme."""
        self.window.command(
            "apputils:change-theme", theme="JupyterLab Dark" if dark else "JupyterLab Light"
        )
        self.page.wait_for_function(
            "light => document.body.dataset.jpThemeLight === light", arg=str(not dark).lower()
        )

    def restart_kernel(self) -> None:
        """Restart the kernel, as by the menu, and wait until it is there again."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
            ".then(() => null)"
        )
        self._wait_for_kernel()

    def load_again(self) -> None:
        """Load the page again, and wait until the notebook is there."""
        self.page.reload()
        self._wait_for_kernel()

    def save(self) -> Any:
        """Save the notebook and return what stands in its file."""
        self.window.command("docmanager:save")
        return nbformat.read(self.file, as_version=4)

    def close(self) -> None:
        """Close the notebook, and have the server end its kernel: nobody waits for that."""
        self.page.evaluate(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const { id } = panel.sessionContext.session.kernel;
                panel.dispose();
                fetch(`/api/kernels/${id}`, { method: "DELETE" }).catch(() => {});
            }"""
        )


def begin_at(target: Locator) -> None:
    """Put the focus on a control, where the keyboard takes over.

    After a cell ran JupyterLab gives the focus to its cell again, once it has drawn: later than
    the view is there.
    """
    target.page.evaluate(
        "() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))"
    )
    target.focus()


def tab_to(target: Locator, *keys: str, back: bool = False, most: int = 60) -> None:
    """Go to a control as who has no mouse: Tab until it has the focus; press the keys on it.

    Args:
        target: The control.
        keys: Pressed there, one after the other.
        back: Whether it stands before what has the focus now.
        most: After how many Tabs it counts as out of reach.
    """
    keyboard = target.page.keyboard
    expect(target).to_be_enabled()
    for _ in range(most):
        if target.evaluate("one => one === document.activeElement"):
            for key in keys:
                keyboard.press(key)
            return
        keyboard.press("Shift+Tab" if back else "Tab")
    msg = f"Tab does not come to {target}"
    raise AssertionError(msg)
