"""Loading prompts from files: named, compared, all or nothing."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError, SourceError
from anvil_nb.store import drafts, entries, objects

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.services.conftest import Starter

SET = "library/roles"


def table(path: Path, rows: Iterable[tuple[str, ...]]) -> Path:
    """Write a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def roles(path: Path, number: int = 214) -> Path:
    """Write a table of role prompts as people share them, with what makes them awkward."""
    awkward = [
        ("Linux Terminal", "I want you to act as a linux terminal. {curly} and {{double}} stay."),
        ("Français & Co.", 'Réponds en français.\n\nDeux lignes, une virgule, un "mot".'),
        ("日本語の先生", "日本語を教えて。"),
        ("Linux Terminal", "Another one of the same name."),
        ("`rm -rf /`", "Do not. {% raw %} is text here."),
        ("SQL terminal", "'; drop table prompts; --\r\nsecond line"),
        ("...", "A title without a letter."),
        ("Emoji 👩‍🚀 Expert", "👩‍🚀🚀"),
    ]
    plain = [
        (f"Act As {number}", f"I want you to act as number {number}.") for number in range(number)
    ]
    return table(path, [("act", "prompt"), *(awkward + plain)[:number]])


def drafted(ws: Workspace, path: str = SET) -> dict[str, str]:
    """Return the digest of every prompt in a draft."""
    found: dict[str, str] = {}
    cursor = None
    while True:
        page = ws.ls(f"{path}*", limit=1000, cursor=cursor)
        found |= {item.address: str(item.digest) for item in page}
        cursor = page.cursor
        if cursor is None:
            return found


def test_a_table_loads_whole_with_a_report_of_each_row(ws: Workspace, tmp_path: Path) -> None:
    loaded = ws.load(roles(tmp_path / "roles.csv"), SET)
    assert loaded.counts == {"created": 214}
    assert len(loaded) == len(drafted(ws)) == 214
    assert [(row.place, row.address, row.note) for row in loaded][:5] == [
        ("roles.csv:2", f"{SET}/linux-terminal", ""),
        ("roles.csv:3", f"{SET}/francais-co", ""),
        ("roles.csv:6", f"{SET}/ribenyunoxiansheng", ""),
        (
            "roles.csv:7",
            f"{SET}/linux-terminal-2",
            "the name linux-terminal is taken by another row",
        ),
        ("roles.csv:8", f"{SET}/rm-rf", ""),
    ]
    text = ws.get(f"{SET}/linux-terminal@draft").render().text
    assert text == "I want you to act as a linux terminal. {curly} and {{double}} stay."
    assert ws.get(f"{SET}/sql-terminal@draft").template.endswith("--\r\nsecond line")
    assert f"{SET}/untitled" in drafted(ws)
    (one,) = ws.draft_log(f"{SET}/act-as-7")
    assert (one.action, one.message) == ("load", "from roles.csv")
    assert "linux-terminal-2" in loaded.to_text()
    assert f"Loaded {tmp_path}/roles.csv into {SET}: 214 created" in loaded.to_text()


def test_loading_again_changes_nothing(ws: Workspace, tmp_path: Path) -> None:
    file = roles(tmp_path / "roles.csv", 30)
    ws.load(file, SET)
    before, log = ws.set(SET).to_json(), ws.draft_log(SET).to_json()
    again = ws.load(file, SET, message="again")
    assert again.counts == {"unchanged": 30}
    assert (ws.set(SET).to_json(), ws.draft_log(SET).to_json()) == (before, log)


def test_only_what_changed_is_written(ws: Workspace, tmp_path: Path) -> None:
    table(tmp_path / "t.csv", [("name", "prompt"), ("a", "1"), ("b", "2"), ("c", "3")])
    ws.load(tmp_path / "t.csv", SET)
    ws.remove(f"{SET}/c")
    table(
        tmp_path / "t.csv", [("name", "prompt"), ("a", "1"), ("b", "two"), ("c", "3"), ("d", "4")]
    )
    loaded = ws.load(tmp_path / "t.csv", SET, message="second")
    assert [row.status for row in loaded] == ["unchanged", "updated", "created", "created"]
    told = [(one.prompt, one.action, one.message) for one in ws.draft_log(SET, limit=3)]
    assert told == [(name, "load", "second") for name in ("b", "c", "d")]
    assert [one.action for one in ws.draft_log(f"{SET}/c")] == ["load", "remove", "load"]


def test_a_dry_run_reports_the_same_and_writes_nothing(ws: Workspace, tmp_path: Path) -> None:
    file = roles(tmp_path / "roles.csv", 20)
    would = ws.load(file, SET, dry_run=True)
    assert would.to_text().startswith("Would load ")
    assert ws.ls().items == ()
    loaded = ws.load(file, SET)
    assert would.rows == loaded.rows
    kept = ws.get(f"{SET}/rm-rf@draft")
    again = ws.load(file, SET, dry_run=True)
    assert again.counts == {"unchanged": 20}
    assert ws.get(f"{SET}/rm-rf@draft") is kept


def test_rows_that_cannot_be_used_are_refused_and_the_rest_is_loaded(
    ws: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "mixed.jsonl"
    rows: list[object] = [
        {"name": "good", "template": "{{ x }}"},
        {"name": "unclosed", "template": "{{ x", "syntax": "liquid"},
        {"name": "", "template": "text"},
        {"name": "no text"},
        {"name": "tags", "template": "x", "tags": "a, b;c", "description": "said"},
        {"name": "bad tags", "template": "x", "metadata": {"tags": 5}},
        {"name": "bad type", "template": "x", "parameters": [{"name": "a", "type": "txt"}]},
        {"name": "big", "template": "x", "metadata": {"n": 2**60}},
        ["not", "an", "object"],
        {"name": "Good!", "template": "second of that name"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)) + "\n{broken\n")
    loaded = ws.load(file, SET, columns={"syntax": "syntax"})
    statuses = [(row.place, row.status) for row in loaded]
    created = {1, 5, 10}
    assert statuses == [
        (f"mixed.jsonl:{n}", "created" if n in created else "refused") for n in range(1, 12)
    ]
    assert sorted(drafted(ws)) == [f"{SET}/good", f"{SET}/good-2", f"{SET}/tags"]
    assert all(row.note for row in loaded.refused)
    assert ws.get(f"{SET}/tags@draft").metadata.to_json() == {
        "description": "said",
        "tags": ["a", "b", "c"],
    }
    shown = loaded.to_text().splitlines()
    assert shown[0].endswith("3 created, 8 refused")
    assert shown[3].startswith("mixed.jsonl:2 ")


def test_files_whose_model_settings_are_of_another_type_are_refused_one_by_one(
    ws: Workspace, tmp_path: Path
) -> None:
    texts = {
        "good.md": "---\nmodel: gpt-5\ntemperature: 1\ntop_p: high\n---\nx",
        "hot.md": "---\ntemperature: hot\n---\nx",
        "short.prompt": "---\nconfig:\n  maxOutputTokens: -3\n---\nx",
        "seven.prompt": "---\nmodel: 7\n---\nx",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    loaded = ws.load(tmp_path, SET)
    assert [(row.place, row.status, row.note) for row in loaded] == [
        ("good.md", "created", ""),
        ("hot.md", "refused", "setting 'temperature' is a number from 0, found string 'hot'"),
        ("seven.prompt", "refused", "setting 'model' is the name of a model, found integer 7"),
        ("short.prompt", "refused", "setting 'max_tokens' is an integer from 1, found integer -3"),
    ]
    assert list(drafted(ws)) == [f"{SET}/good"]


def test_a_load_of_nothing_but_refused_rows_makes_no_set(ws: Workspace, tmp_path: Path) -> None:
    table(tmp_path / "t.csv", [("name", "prompt"), ("a", "{{"), ("b", "{% x %}")])
    loaded = ws.load(tmp_path / "t.csv", SET, liquid=True)
    assert loaded.counts == {"refused": 2}
    assert ws.ls().items == ()


def test_texts_are_templates_only_when_that_is_said(ws: Workspace, tmp_path: Path) -> None:
    table(tmp_path / "t.csv", [("name", "prompt"), ("a", "Hello {{ name }}"), ("b", "100% {")])
    ws.load(tmp_path / "t.csv", SET)
    assert ws.get(f"{SET}/a@draft").parameters == ()
    assert ws.get(f"{SET}/a@draft").render().text == "Hello {{ name }}"
    loaded = ws.load(tmp_path / "t.csv", SET, liquid=True)
    assert loaded.counts == {"updated": 2}
    assert ws.get(f"{SET}/a@draft").render(name="Ada").text == "Hello Ada"
    assert ws.get(f"{SET}/b@draft").render().text == "100% {"


def test_partials_among_the_rows_are_looked_at_together(ws: Workspace, tmp_path: Path) -> None:
    ws.save(f"{SET}/there", "{% render 'new' %}")
    ws.save(f"{SET}/chat", "{% message user %}x{% endmessage %}")
    rows = [
        ("name", "prompt"),
        ("one", "{% render 'two' %}"),
        ("two", "{% render 'one' %}"),
        ("new", "{% render 'there' %}"),
        ("talks", "{% render 'chat' %}"),
        ("fine", "{% render 'later' %}"),
        ("later", "x"),
    ]
    loaded = ws.load(table(tmp_path / "t.csv", rows), SET, liquid=True)
    assert [row.status for row in loaded] == ["refused"] * 4 + ["created"] * 2
    assert "in a circle" in loaded.rows[0].note
    assert "chat prompt" in loaded.rows[3].note
    assert ws.get(f"{SET}/fine@draft").render().text == "x"


def test_columns_may_be_named(ws: Workspace, tmp_path: Path) -> None:
    rows = [("who", "what", "prompt", "model"), ("Ada", "the text", "not this", "large")]
    file = table(tmp_path / "t.csv", rows)
    with pytest.raises(SourceError, match="no column for the name"):
        ws.load(file, SET)
    columns = {"name": "who", "template": "what", "model": "model"}
    ws.load(file, SET, columns=columns)
    prompt = ws.get(f"{SET}/ada@draft")
    assert (prompt.template, prompt.metadata.settings) == ("the text", {"model": "large"})


def test_a_load_goes_into_a_draft(ws: Workspace, tmp_path: Path) -> None:
    file = roles(tmp_path / "roles.csv", 3)
    ws.load(file, SET)
    ws.publish(SET)
    for address in (f"{SET}@1.0.0", f"{SET}@draft"):
        with pytest.raises(InvalidInputError, match="loaded into the draft of a set"):
            ws.load(file, address)
    with pytest.raises(SourceError, match="there is no file"):
        ws.load(tmp_path / "absent.csv", SET)


class Interrupted(KeyboardInterrupt):
    """A Ctrl-C that the test makes."""


INTERRUPTED = {
    "behind the set": (objects, "put"),
    "behind the texts": (entries, "put"),
    "behind the entries": (drafts, "append"),
}


@pytest.mark.parametrize("place", INTERRUPTED)
def test_an_interrupt_in_the_middle_leaves_nothing(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    file = roles(tmp_path / "roles.csv", 20)

    def interrupt(*_: object, **__: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(*INTERRUPTED[place], interrupt)
        ws.load(file, SET)
    assert ws.ls().items == ()
    assert not ws.search("linux").hits
    assert ws.load(file, SET).counts == {"created": 20}


LOADER = """
try:
    print("ready", flush=True)
    ws.load(arguments[0], "library/roles")
except KeyboardInterrupt:
    print("interrupted")
else:
    print("loaded")
"""


def test_ctrl_c_leaves_all_or_nothing(ws: Workspace, start: Starter, tmp_path: Path) -> None:
    rows = [(f"p{number}", "text " * 20) for number in range(3_000)]
    file = table(tmp_path / "t.csv", [("name", "prompt"), *rows])
    outcomes = set()
    for seconds in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
        loader = start(LOADER, file)
        assert loader.stdout is not None
        assert loader.stdout.readline() == "ready\n"
        with suppress(subprocess.TimeoutExpired):
            loader.wait(seconds)  # another moment of the load each time
        loader.send_signal(signal.SIGINT)
        said = loader.stdout.read().strip()
        outcomes.add(said)
        # One that came between the commit and the report was too late to stop anything.
        there = len(drafted(ws))
        assert there in {0, 3_000}
        assert said == "interrupted" or there
        if there:
            ws.delete_set(SET)
    assert "interrupted" in outcomes


def test_ten_thousand_rows_are_loaded(ws: Workspace, tmp_path: Path) -> None:
    rows = [
        (f"Prompt {number}", f"I want you to act as {number}. " * 5) for number in range(10_000)
    ]
    file = table(tmp_path / "many.csv", [("name", "prompt"), *rows])
    assert ws.load(file, SET).counts == {"created": 10_000}
    assert ws.set(SET).count == 10_000
    assert ws.get(f"{SET}/prompt-9999@draft").template == rows[-1][1]
    assert ws.publish(SET).version == "1.0.0"
    table(file, [("name", "prompt"), *rows[:-1], ("Prompt 9999", "changed")])
    assert ws.load(file, SET).counts == {"unchanged": 9_999, "updated": 1}
    assert ws.search("prompt-1234").hits[0].address == f"{SET}/prompt-1234@draft"
    assert ws.publish(SET).reasons == ("prompt-9999: text changed (patch)",)


def test_two_loads_at_once_into_a_new_set_are_one_after_the_other(
    ws: Workspace, start: Starter, tmp_path: Path
) -> None:
    loaders = []
    for name in ("left", "right"):
        rows = [(f"{name} {number}", "x") for number in range(300)]
        file = table(tmp_path / f"{name}.csv", [("name", "prompt"), *rows])
        loaders.append(start(LOADER, file))
    assert [loader.communicate()[0] for loader in loaders] == ["ready\nloaded\n"] * 2
    assert len(drafted(ws)) == 600
    assert {one.sequence for one in ws.draft_log(SET, limit=1000)} == {1, 2}
