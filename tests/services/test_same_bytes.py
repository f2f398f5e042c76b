"""One text, saved from Python, from a file and from a cell, is one content with one digest."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import anvil_nb as anvil

if TYPE_CHECKING:
    from pathlib import Path

ANVIL = [sys.executable, "-c", "from anvil_nb.cli import main; main()"]
TEXTS = [
    "one line",
    "ends in a line feed\n",
    "ends in three\n\n\n",
    "\n\nbegins with two",
    "windows\r\nlines\r\n",
    "---\nprose under a rule\n---\nmore",
    "---\ndescription: said\n---\nbody\n",
    "---\n---\n---\na: b\n---\n",
    "emoji 👩‍👩‍👧‍👦 and e\u0301",
    "{% raw %}{{ braces }}{% endraw %} {json: [1]} $HOME {x} %s !ls ?",
    "tabs\tand  spaces   \n   ",
]


def test_python_a_file_standard_input_and_a_cell_save_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    magics = pytest.importorskip("IPython.core.interactiveshell")
    monkeypatch.chdir(tmp_path)
    with anvil.init(tmp_path) as ws:
        shell = magics.InteractiveShell.instance()
        try:
            shell.run_line_magic("load_ext", "anvil_nb")
            for number, text in enumerate(TEXTS):
                address = f"desk/bytes/python-{number}"
                digest = ws.save(address, text).digest
                file = tmp_path / "text.liquid"
                file.write_bytes(text.encode())
                # One of the two for each text: starting a program takes longer than all the rest.
                way, argument = (("file", str(file)), ("input", "-"))[number % 2]
                subprocess.run(
                    [*ANVIL, "save", f"desk/bytes/{way}-{number}", argument],
                    input=text.encode(),
                    capture_output=True,
                    check=True,
                )
                # IPython ends a cell's body with one line feed that nobody typed.
                shell.run_cell_magic("anvil", f"save desk/bytes/cell-{number}", f"{text}\n")
                for name in (way, "cell"):
                    found = ws.get(f"desk/bytes/{name}-{number}@draft")
                    assert (name, text, found.digest) == (name, text, digest)
        finally:
            shell.run_line_magic("unload_ext", "anvil_nb")
            magics.InteractiveShell.clear_instance()


def test_a_loaded_file_is_the_same_content_as_a_saved_text(tmp_path: Path) -> None:
    with anvil.init(tmp_path / "ws") as ws:
        folder = tmp_path / "files"
        folder.mkdir()
        for number, text in enumerate(TEXTS):
            (folder / f"p{number}.md").write_bytes(text.encode())
            ws.save(f"desk/saved/p{number}", text)
        ws.load(folder, "desk/loaded", liquid=True)
        for number in range(len(TEXTS)):
            saved, loaded = (ws.get(f"desk/{one}/p{number}@draft") for one in ("saved", "loaded"))
            assert (number, loaded.digest) == (number, saved.digest)
