"""The page at ``/docs``: all that it loads is this server's."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from anvil_nb.server import create_app
from tests.server.conftest import GENEROUS, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Loads(HTMLParser):
    """What a page loads, and the scripts and styles that stand in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.places: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if place := said.get("src") or (tag == "link" and said.get("href")):
            self.places.append(place)
        elif tag in {"script", "style", "base"}:
            self.inline.append(tag)
        self.inline += [name for name in said if name.startswith("on") or name == "style"]


@pytest.fixture(params=["", "/prompts"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A server by itself, and one mounted in another application."""
    app = create_app(str(tmp_path / "store.duckdb"), GENEROUS)
    outer = Starlette(routes=[Mount(request.param, app)]) if request.param else app
    with listening(outer) as url:
        yield url + request.param
    app.state.instance.close()


def test_the_page_of_the_api_loads_everything_from_this_server(site: str) -> None:
    with httpx.Client() as anybody:
        page = anybody.get(f"{site}/docs")
        assert page.headers["Content-Type"].startswith("text/html")
        loads = Loads(page.text)
        assert not loads.inline
        assert len(loads.places) == 4
        for place in loads.places:
            url = urljoin(str(page.url), place)
            assert url.startswith(f"{site}/docs/")
            answer = anybody.get(url)
            assert answer.status_code == 200
            assert answer.content
            if place.endswith(".css"):
                assert not re.findall(r"@import|url\((?![\"']?(?:data:|#))", answer.text)
        script = anybody.get(f"{site}/docs/reference.js").text
        assert 'new URL("openapi.json", document.baseURI)' in script
        assert "validatorUrl: null" in script
        assert (
            anybody.get(urljoin(str(page.url), "openapi.json")).json()["info"]["title"] == "Anvil"
        )
        assert anybody.get(f"{site}/docs/redoc.standalone.js").status_code == 422


def test_the_page_of_the_api_may_load_and_ask_nothing_else(site: str) -> None:
    with httpx.Client() as anybody:
        policy = anybody.get(f"{site}/docs").headers["Content-Security-Policy"]
    said = {name: rest for name, *rest in (one.split() for one in policy.split(";"))}
    assert said["default-src"] == said["base-uri"] == said["frame-ancestors"] == ["'none'"]
    assert said["script-src"] == said["style-src"] == said["connect-src"] == ["'self'"]
    assert {source for sources in said.values() for source in sources} == {
        "'none'", "'self'", "data:",
    }  # fmt: skip
