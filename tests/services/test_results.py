"""What every service returns: shows itself as text and HTML, becomes JSON, hides nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.results.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace

SET = "desk/emails"
WELCOME = f"{SET}/welcome"
DANGEROUS = {"script", "style", "img", "iframe", "object", "embed", "a", "link", "form", "svg"}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>&\"'`\x1b[31m\u202e"


@pytest.fixture
def hostile(ws: Workspace, tmp_path: Path) -> Workspace:
    """A store in which everything that people can write holds markup and control characters."""
    with ws.burst():
        ws.create_project("desk", title=EVIL, description=EVIL)
        ws.create_set(SET, title=EVIL, description=EVIL)
        said: dict[str, Any] = {
            "description": EVIL,
            "tags": [EVIL[:60]],
            "model": EVIL,
            EVIL: [EVIL],
        }
        declared = [
            {"name": "x", "description": EVIL, "default": EVIL, "enum": [EVIL], "example": EVIL}
        ]
        ws.save(
            WELCOME,
            f"{{% message user %}}{EVIL}{{{{ x }}}}{{% endmessage %}}",
            metadata=said,
            parameters=declared,
            message=EVIL,
        )
        ws.save(f"{SET}/text", f"{EVIL}{{{{ y }}}}", message=EVIL)
        ws.publish(SET, message=EVIL)
        ws.label(SET, "production", message=EVIL)
        ws.save(WELCOME, f"{EVIL} changed", metadata={"model": None, "new": EVIL}, parameters=[])
        ws.save(f"{SET}/broken", "{% render 'absent' %}")
    (tmp_path / "rows.jsonl").write_text(
        json.dumps({"name": "loaded", "template": EVIL})
        + "\n"
        + json.dumps({"name": "refused", "template": f"{EVIL}{{{{ z | {EVIL}", "syntax": "liquid"})
    )
    return ws


RESULTS: dict[str, Callable[[Workspace, Path], Any]] = {
    "saved": lambda ws, _: ws.save(f"{SET}/new", f"{{{{ a }}}}{EVIL}", parameters={"b": "string"}),
    "unchanged": lambda ws, _: ws.save(f"{SET}/text", f"{EVIL}{{{{ y }}}}"),
    "removed": lambda ws, _: ws.remove(f"{SET}/text"),
    "prompt": lambda ws, _: ws.get(WELCOME),
    "broken prompt": lambda ws, _: ws.get(f"{SET}/broken@draft"),
    "rendered": lambda ws, _: ws.get(f"{SET}/text").render(y=EVIL),
    "rendered chat": lambda ws, _: ws.get(WELCOME).render(),
    "projects": lambda ws, _: ws.ls(),
    "sets": lambda ws, _: ws.ls("desk"),
    "prompts": lambda ws, _: ws.ls(SET, limit=1),
    "nothing": lambda ws, _: ws.ls("zzz*"),
    "hits": lambda ws, _: ws.search("script", limit=1),
    "no hits": lambda ws, _: ws.search(EVIL + "nowhere"),
    "valid": lambda ws, _: ws.validate(WELCOME),
    "not valid": lambda ws, _: ws.validate(SET),
    "draft log": lambda ws, _: ws.draft_log(SET, limit=1),
    "published": lambda ws, _: ws.publish("desk/other") if ws.save("desk/other/p", EVIL) else None,
    "unpublished": lambda ws, _: ws.rollback(f"{SET}@1.0.0"),
    "log": lambda ws, _: ws.log(SET),
    "empty log": lambda ws, _: ws.create_set("desk/empty") and ws.log("desk/empty"),
    "diff": lambda ws, _: ws.diff(SET),
    "same": lambda ws, _: ws.diff(f"{SET}@1.0.0", f"{SET}@production"),
    "label": lambda ws, _: ws.label(SET, "again"),
    "project": lambda ws, _: ws.project("desk"),
    "set": lambda ws, _: ws.set(SET),
    "loaded": lambda ws, folder: ws.load(
        folder / "rows.jsonl", "desk/loaded", columns={"syntax": "syntax"}
    ),
    "written": lambda ws, folder: ws.write(f"{SET}@1.0.0", folder / "out"),
}


class Elements(HTMLParser):
    """Collects the tags and attributes of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("store", ["duckdb"], indirect=True)
def test_every_result_shows_itself_and_hides_nothing(hostile: Workspace, tmp_path: Path) -> None:
    for name, make in RESULTS.items():
        result = make(hostile, tmp_path)
        assert isinstance(result, Result), name
        text, markup = result.to_text(), str(result.to_html())
        assert text
        assert str(result) == text
        assert result._repr_mimebundle_() == {"text/plain": text, "text/html": markup}
        document = json.loads(json.dumps(result.to_json(), allow_nan=False))
        assert document, name
        elements = Elements(markup)
        assert elements.open == [], name
        assert not elements.found & DANGEROUS, name
        assert not elements.attributes & {"href", "src", "srcset", "action", "srcdoc"}, name
        assert not {one for one in elements.attributes if one.startswith("on")}, name
        assert "\x1b" not in markup, name
        assert "\u202e" not in markup, name
        if not name.startswith("rendered"):  # that text is handed on as it is
            assert "\x1b" not in text, name
            assert "\u202e" not in text, name


def test_a_prompts_text_shows_what_cannot_be_seen(ws: Workspace) -> None:
    ws.save(WELCOME, "one\r\ntwo\x1b[31m\u200b\tthree\u202e")
    shown = ws.get(f"{WELCOME}@draft").to_text()
    assert "one␍\n" in shown
    assert "two␛[31m[U+200B]\tthree[U+202E]" in shown


def test_a_prompt_is_rendered_from_many_threads(ws: Workspace) -> None:
    ws.save(f"{SET}/foot", "{% cycle 'a', 'b' %}{% increment n %}{{ name | upcase }}")
    ws.save(
        WELCOME,
        "{% for i in (1..20) %}{% assign x = i | times: number %}{{ x }},{% cycle '-', '+' %}"
        "{% endfor %}{% capture c %}{{ name }}{% endcapture %}{{ c }}{% render 'foot', name: c %}",
    )

    def expected(number: int) -> str:
        row = "".join(f"{i * number},{'-+'[(i - 1) % 2]}" for i in range(1, 21))
        return f"{row}n{number}a0N{number}"

    for fresh in range(3):
        ws.save(f"{SET}/other", str(fresh))  # so that it is read, and parsed, anew
        prompt = ws.get(f"{WELCOME}@draft")
        with ThreadPoolExecutor(8) as pool:
            texts = pool.map(lambda n: prompt.render(number=n, name=f"n{n}").text, range(200))
            assert list(texts) == [expected(number) for number in range(200)]


def test_a_prompt_that_was_read_does_not_change(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello {{ name }}", metadata={"model": "a"})
    read = ws.get(f"{WELCOME}@draft")
    ws.save(WELCOME, "Bye", metadata={"model": "b"})
    ws.delete_set(SET)
    assert read.render(name="Ada").text == "Hello Ada"
    assert read.metadata.settings == {"model": "a"}
    assert read.parameters_schema()["required"] == ["name"]


def test_now_is_the_time_of_the_clock_or_the_one_given(ws: Workspace) -> None:
    from datetime import UTC, datetime

    ws.save(WELCOME, "{{ 'now' | date: '%Y-%m-%d' }}")
    prompt = ws.get(f"{WELCOME}@draft")
    assert prompt.render().text == "2026-03-01"
    assert prompt.render(at=datetime(1999, 12, 31, tzinfo=UTC)).text == "1999-12-31"
