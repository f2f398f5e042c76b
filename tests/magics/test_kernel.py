"""Real kernels: what a notebook stores of an error, of progress, and two notebooks on one store."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import v4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[[str], list[Any]]


@pytest.fixture
def folder(desk_folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(desk_folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


def notebook(*cells: str) -> Any:
    return v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])


@contextmanager
def kernel(folder: Path) -> Iterator[Run]:
    """A kernel, into which cells are typed; each gives its outputs."""
    client = NotebookClient(notebook(), resources={"metadata": {"path": str(folder)}}, timeout=120)

    def run(source: str) -> list[Any]:
        cell = v4.new_code_cell(source)
        client.nb.cells.append(cell)
        try:
            client.execute_cell(cell, len(client.nb.cells) - 1)
        except CellExecutionError:
            assert cell.outputs[-1].output_type == "error"
        return list(cell.outputs)

    with client.setup_kernel():
        assert run("%load_ext anvil_nb") == []
        run("%config AnvilMagics.working_set = 'desk/emails'")
        yield run


def test_an_error_stops_run_all_and_is_stored_as_an_error_output(folder: Path) -> None:
    book = notebook(
        "%load_ext anvil_nb\n%anvil use desk/emails",
        "%anvil show welcom",
        "reached = True\nprint('never')",
    )
    client = NotebookClient(book, resources={"metadata": {"path": str(folder)}}, timeout=120)
    with pytest.raises(CellExecutionError):
        client.execute()
    (error,) = book.cells[1].outputs
    assert error.output_type == "error"
    assert error.ename == "NotFoundError"
    assert 2 <= len(error.traceback) <= 3
    assert error.traceback[0].startswith("NotFoundError: there is no prompt 'welcom'")
    assert "Try: %anvil ls desk/emails" in error.traceback[-1]
    assert book.cells[2].outputs == []
    nbformat.validate(book)


def test_a_mistake_in_the_line_and_a_broken_template_are_error_outputs_too(folder: Path) -> None:
    with kernel(folder) as run:
        for cell, name in (
            ("%anvil shwo", "InvalidInputError"),
            ("%anvil show 'welcome", "InvalidInputError"),
            ("%%anvil save welcome\n{% if %}", "TemplateSyntaxError"),
            ("%anvil render welcome", "MissingValueError"),
            ("%anvil --workspace nowhere ls", "SettingsError"),
        ):
            (output,) = run(cell)
            assert (output.output_type, output.ename) == ("error", name)
            assert 2 <= len(output.traceback) <= 3
        (shown,) = run("%anvil save -h")
        assert "Usage: %anvil save" in shown.data["text/plain"]


def test_two_notebooks_work_on_one_store_and_neither_saves_over_the_other(folder: Path) -> None:
    with kernel(folder) as mine, kernel(folder) as yours:
        mine("%%anvil save welcome\nMine")
        (seen,) = yours("%anvil show welcome")
        assert "Mine" in seen.data["text/plain"]
        yours("%%anvil save welcome\nYours")
        both, error = mine("%%anvil save welcome\nMine too")
        assert "Yours" in both.data["text/html"]
        assert error.ename == "DraftConflictError"
        (published,) = yours("%anvil publish")
        assert "desk/emails@" in published.data["text/plain"]
        (log,) = mine("%anvil log")
        assert published.data["text/plain"].split("@")[1].split()[0] in log.data["text/plain"]


def test_reloading_keeps_one_instance_and_the_body_is_verbatim(folder: Path) -> None:
    with kernel(folder) as run:
        assert run("%reload_ext anvil_nb") == []
        (count,) = run(
            "sum(type(one).__name__ == 'AnvilMagics' for one in get_ipython().configurables)"
        )
        assert count.data["text/plain"] == "1"
        run("%%anvil save desk/emails/raw --plain\n{name} $HOME {{ x }}\n\n")
        (raw,) = run("p = %anvil show desk/emails/raw\np.template")
        assert raw.data["text/plain"] == repr("{name} $HOME {{ x }}\n")


def test_a_long_run_shows_one_line_of_progress_that_stays(folder: Path) -> None:
    with kernel(folder) as run:
        run(
            "import asyncio\n"
            "rows = [{'customer': str(n)} for n in range(12)]\n"
            "async def slow(rendered):\n"
            "    await asyncio.sleep(0.15)\n"
            "    return rendered.text"
        )
        progress, result = run("%anvil run welcome --data rows --with slow --concurrency 2")
        assert progress.output_type == "display_data"
        assert "12/12" in progress.data["text/plain"]
        assert "Welcome 11!" in result.data["text/plain"]
        (quick,) = run("%anvil run welcome --data rows[:2]")
        assert quick.output_type == "execute_result"
