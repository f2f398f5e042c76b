"""Every notebook runs from top to bottom, and one that does not is noticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def demo(repository: Path, notebook: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Execute a notebook as ``make demo`` does."""
    script = repository / "scripts" / "demo.py"
    return subprocess.run(
        [sys.executable, script, notebook, "--folder", folder],
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


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    assert [cell for cell in cells if cell.cell_type == "code" and cell.outputs] == []


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
