"""A view on a plain page: no host around it, but a page of its own and the desk that answers it."""

from __future__ import annotations

from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anvil_nb.widgets
from anvil_nb.widgets.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from anvil_nb.widgets.view import View

STATIC = Path(anvil_nb.widgets.__file__).with_name("static")
ADDRESS = "http://plain.localhost/"

# The page follows the reader's system, as a page does that says it can do both.
_PAGE = """<!doctype html>
<html lang="en"><head>
<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>A plain page</title>
<style>body { color: CanvasText; background: Canvas }</style>
<link rel="stylesheet" href="anvil.css">
</head><body><main><div id="widget"></div><div id="beside"></div></main></body></html>"""

_DRAW = """async ([state, beside]) => {
    const { default: widget } = await import("/anvil.js");
    const listeners = new Map();
    const model = {
        get: (name) => state[name],
        on: (event, listener) => listeners.set(event, listener),
        off: (event) => listeners.delete(event),
        send: async (message) => {
            const told = listeners.get("msg:custom") ?? (() => null);
            for (const one of await window.answered(message)) told(one, []);
        },
    };
    document.querySelector("#beside").innerHTML = beside;
    widget.render({ model, el: document.querySelector("#widget") });
}"""


class PlainPage:
    """A page that a view is drawn into, with its static output below.

    Args:
        browser: Draws it.
        view: What is drawn.

    Attributes:
        page: What Playwright drives.
        problems: What the page said of errors.
    """

    def __init__(self, browser: Browser, view: View) -> None:
        self._answers: Queue[Any] = Queue()
        self._desk = Desk(view, self._answers.put)
        self._context = browser.new_context()
        self._context.route("**/*", self._serve)
        self._context.expose_function("answered", self._answered)
        self.problems: list[str] = []
        self.page: Page = self._context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(ADDRESS)
        state = {"view": view.name, "title": view.title, "state": view.state()}
        self.page.evaluate(_DRAW, [state, str(view.to_html())])

    def _serve(self, route: Any) -> None:
        name = urlsplit(route.request.url).path.removeprefix("/")
        if name == "":
            route.fulfill(body=_PAGE, content_type="text/html")
        elif name in {"anvil.js", "anvil.css"}:
            route.fulfill(path=STATIC / name)
        else:
            route.fulfill(status=204)

    def _answered(self, message: dict[str, Any]) -> list[Any]:
        """Return what the desk says, up to the answer to ``message``."""
        self._desk.receive(message)
        said: list[Any] = []
        while not message.get("cancel"):
            said.append(self._answers.get(timeout=60))
            if said[-1].get("id") == message["id"] and "progress" not in said[-1]:
                break
        return said

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(message.text)

    def system(self, *, dark: bool) -> None:
        """Let the reader's system be dark or light."""
        self.page.emulate_media(color_scheme="dark" if dark else "light")

    def close(self) -> None:
        """Close the page; fail when it said that it failed."""
        self._context.close()
        assert self.problems == [], f"said by the console: {self.problems}"
