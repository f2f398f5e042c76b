"""What commands do with files: loading, writing, and running over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Anvil


def test_loading_reports_each_row_and_ends_with_1_when_some_are_refused(
    desk: Anvil, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text("act,prompt\nPoet,Write {{ x }}\nPoet,Again\n,Nameless\n")
    columns = ["--column", "name=act", "--column", "template=prompt"]
    dry = desk("load", "p.csv", "--into", "lib/acts", *columns, "--dry-run", "--json")
    assert dry.json["counts"] == {"created": 2, "refused": 1}
    assert "there is no project 'lib'" in desk("ls", "lib").err
    assert desk("ls", "--json").json["items"][0]["address"] == "desk"
    loaded = desk("load", "p.csv", "--into", "lib/acts", *columns, "--json")
    assert loaded.code == 1
    assert [one["address"] for one in loaded.json["rows"]] == [
        "lib/acts/poet",
        "lib/acts/poet-2",
        "",
    ]
    assert desk("render", "lib/acts/poet@draft").out == "Write {{ x }}\n"
    again = desk("load", "p.csv", "--into", "lib/acts", *columns, "--liquid", "-m", "As templates")
    assert again.code == 1
    poem = desk("render", "lib/acts/poet@draft", "--var", "x=a poem")
    assert poem.out == "Write a poem\n"
    changes = desk("log", "--draft", "lib/acts/poet", "--json").json["changes"]
    assert changes[0]["message"] == "As templates"


def test_written_files_load_back_to_the_same_digests(desk: Anvil, tmp_path: Path) -> None:
    assert desk("write", "desk/emails@1.0.0", "out", "--json").json["files"] == [
        "refund.md",
        "welcome.md",
    ]
    assert desk("write", "desk/emails", "out").code == 3
    assert desk("write", "desk/emails", "out", "--force").code == 0
    assert desk("load", str(tmp_path / "out"), "--into", "copy/emails").code == 0
    for name in ("refund", "welcome"):
        one, two = (
            desk("show", f"{at}/emails/{name}@draft", "--json").json for at in ("desk", "copy")
        )
        assert one["digest"] == two["digest"]


def test_running_puts_versions_side_by_side_and_calls_a_function(
    desk: Anvil, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text("customer\nAda\nGrace\n")
    (tmp_path / "shout_here.py").write_text(
        "async def shout(prompt):\n"
        "    if 'Grace' in prompt.text:\n        raise ValueError('no')\n"
        "    return prompt.text.upper()\n"
    )
    sides = ["desk/emails/welcome@1.0.0", "desk/emails/welcome@draft"]
    run = desk("run", *sides, "--data", "rows.csv", "--json").json
    assert [one["address"] for one in run["columns"]] == sides
    texts = [[cell["text"] for cell in row["cells"]] for row in run["rows"]]
    assert texts == [["Hello Ada!", "Welcome Ada!"], ["Hello Grace!", "Welcome Grace!"]]
    called = desk("run", sides[0], "--data", "rows.csv", "--with", "shout_here:shout", "--json")
    assert called.code == 1
    cells = [row["cells"][0] for row in called.json["rows"]]
    assert [one["output"] for one in cells] == ["HELLO ADA!", None]
    assert cells[1]["error"] == "ValueError: no"
    fixed = desk("run", sides[0], "--data", "-", "--var", "customer=Eve", text="{}\n{}\n")
    assert fixed.code == 0
    assert "Hello Eve!" in fixed.out


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("shout", "module:function"),
        ("nowhere_at_all:shout", "ModuleNotFoundError"),
        ("json:shout", "AttributeError"),
        ("json:__name__", "is no function"),
    ],
)
def test_a_function_that_cannot_be_called_is_refused(desk: Anvil, function: str, said: str) -> None:
    answer = desk("run", "desk/emails/welcome", "--data", "x.csv", "--with", function)
    assert answer.code == 2
    assert said in answer.err
