"""Every notebook runs from top to bottom, and one that does not is noticed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
KEPT = {"05_widgets"}
"""Those whose outputs are kept, so that a reader sees them where nothing runs."""


def demo(repository: Path, notebook: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Execute a notebook as ``make demo`` does."""
    script = repository / "scripts" / "demo.py"
    return subprocess.run(
        [sys.executable, script, notebook, "--folder", folder],
        check=False,
        capture_output=True,
        text=True,
    )


def outputs(
    repository: Path, executed: Path, notebook: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    """Keep the outputs of an executed notebook, as ``make outputs`` does."""
    script = repository / "scripts" / "outputs.py"
    return subprocess.run(
        [sys.executable, script, executed, notebook, *options],
        check=False,
        capture_output=True,
        text=True,
    )


def written(path: Path, *cells: str) -> Path:
    """Write a notebook of code cells."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in cells])
    nbformat.write(notebook, path)
    return path


def test_there_is_a_quickstart() -> None:
    assert "01_quickstart.ipynb" in {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(
    notebook: Path, repository: Path, tmp_path: Path
) -> None:
    done = demo(repository, notebook, tmp_path / "workspace")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Store:" in done.stdout
    if notebook.stem in KEPT:
        done = outputs(repository, tmp_path / "workspace" / notebook.name, notebook, "--check")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_but_for_some(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    assert any(cell.cell_type == "code" and cell.outputs for cell in cells) == (
        notebook.stem in KEPT
    )


@pytest.mark.parametrize("name", sorted(KEPT))
def test_the_outputs_that_are_kept_need_no_kernel_and_tell_nothing_of_the_machine(
    name: str, repository: Path
) -> None:
    notebook = repository / "notebooks" / f"{name}.ipynb"
    text = notebook.read_text("utf-8")
    assert "widget-view+json" not in text
    assert "widgets" not in nbformat.read(notebook, as_version=4).metadata
    assert re.findall(r"(?:/tmp|/home|/root|/work|/Users)/\S*", text) == []
    pictures = re.findall(r"\]\(([^)]+\.png)\)", text)
    assert [one for one in pictures if not (notebook.parent / one).is_file()] == []


def test_outputs_are_kept_without_widgets_and_folders_and_only_when_a_run_gives_others(
    repository: Path, tmp_path: Path
) -> None:
    source = (
        "import pathlib, time\n"
        "folder = pathlib.Path('place-12345678').resolve()\n"
        "print(folder / 'file', time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(at)))\n"
        "from IPython.display import display\n"
        "display({'application/vnd.jupyter.widget-view+json': {'model_id': 'x'}}, raw=True)"
    )
    kept = written(tmp_path / "kept.ipynb", "at = 0", source)
    demo(repository, kept, tmp_path / "first")
    executed = tmp_path / "first" / "kept.ipynb"
    assert outputs(repository, executed, kept, "--check").returncode == 1
    assert outputs(repository, executed, kept).returncode == 0
    (shown,) = nbformat.read(kept, as_version=4).cells[1].outputs
    assert shown.text == "place/file 1970-01-01 00:00 UTC\n"
    before = kept.read_text("utf-8")
    later = written(tmp_path / "later.ipynb", "at = 86_400", source)
    demo(repository, later, tmp_path / "second")
    executed = tmp_path / "second" / "later.ipynb"
    assert outputs(repository, executed, kept, "--check").returncode == 0
    assert outputs(repository, executed, kept).returncode == 0
    assert kept.read_text("utf-8") == before


def test_a_cell_that_fails_fails_the_demo_and_is_shown(repository: Path, tmp_path: Path) -> None:
    notebook = written(tmp_path / "failing.ipynb", "print('before')", "1 / 0", "print('after')")
    done = demo(repository, notebook, tmp_path / "workspace")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "before" in done.stdout
    assert "after" not in done.stdout
    executed = nbformat.read(tmp_path / "workspace" / "failing.ipynb", as_version=4)
    assert executed.cells[1].outputs[0].ename == "ZeroDivisionError"


def test_the_kernel_sees_no_settings_of_the_user(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_STORE", str(tmp_path / "mine.duckdb"))
    show = "import os; print(os.getcwd(), os.environ['IPYTHONDIR'], os.environ.get('ANVIL_STORE'))"
    notebook = written(tmp_path / "where.ipynb", show)
    folder = tmp_path / "workspace"
    done = demo(repository, notebook, folder)
    assert f"{folder} {folder / '.jupyter' / 'ipython'} None" in done.stdout
