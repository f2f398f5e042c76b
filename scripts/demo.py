"""``make demo``: the quickstart, executed without a browser on a store made for it.

Copies the notebook into an empty workspace folder and runs it there in a kernel that sees no
settings of the user's, printing each cell as it goes. Ends with 1 when a cell fails.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

REPOSITORY = Path(__file__).resolve().parents[1]
LINES_SHOWN = 8
"""How many lines of a cell's output the terminal shows; the executed notebook has them all."""
CELL_SECONDS = 120
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def main() -> int:
    """Execute the notebook and say where the result lies; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "notebook", nargs="?", type=Path, default=REPOSITORY / "notebooks" / "01_quickstart.ipynb"
    )
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "build" / "demo")
    arguments = parser.parse_args()
    workspace = fresh_folder(arguments.folder.resolve())
    executed = Path(shutil.copy(arguments.notebook, workspace))
    for name in [one for one in os.environ if one.startswith("ANVIL_")]:
        del os.environ[name]  # another store, say
    os.environ.update(private_environment(workspace))
    print(f"Executing {shown(arguments.notebook.resolve())} in {shown(workspace)}")
    started = time.perf_counter()
    notebook = nbformat.read(executed, as_version=4)
    failure = execute(notebook, workspace)
    nbformat.write(notebook, executed)
    if failure:
        print(f"\n{failure}\n", file=sys.stderr)
    cells = sum(cell.get("execution_count") is not None for cell in notebook.cells)
    outcome = "a cell failed" if failure else "all passed"
    print(f"\n{cells} cells in {time.perf_counter() - started:.1f} s: {outcome}.")
    print(f"Executed notebook: {shown(executed)}")
    for store in stores(workspace):
        print(f"Store:             {store}")
    return 1 if failure else 0


def fresh_folder(folder: Path) -> Path:
    """Return ``folder``, emptied."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def private_environment(workspace: Path) -> dict[str, str]:
    """Return the variables that keep the user's own Jupyter and IPython settings out of the run."""
    private = workspace / ".jupyter"
    folders = {
        "IPYTHONDIR": private / "ipython",
        "JUPYTER_CONFIG_DIR": private / "config",
        "JUPYTER_DATA_DIR": private / "data",
        "JUPYTER_RUNTIME_DIR": private / "runtime",
    }
    for folder in folders.values():
        folder.mkdir(parents=True)
    return {
        **{name: str(folder) for name, folder in folders.items()},
        "JUPYTER_PLATFORM_DIRS": "1",
        "ANVIL_KEYS": str(private / "keys"),
        # `!anvil ls` in a cell is the anvil of this environment.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def execute(notebook: NotebookNode, workspace: Path) -> str:
    """Run every cell, printing as it goes; return what went wrong, empty when nothing did."""
    # Not at the top: its import reads the variables that `private_environment` sets.
    from nbclient import NotebookClient  # noqa: PLC0415 - see above
    from nbclient.exceptions import CellControlSignal, DeadKernelError  # noqa: PLC0415 - see above

    headings = [heading(cell) for cell in notebook.cells]

    def before(cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "markdown" and headings[cell_index]:
            print(f"\n{headings[cell_index]}")

    def after(cell: NotebookNode, **_: Any) -> None:
        print_cell(cell)

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        resources={"metadata": {"path": str(workspace)}},
        on_cell_start=before,
        on_cell_executed=after,
    )
    try:
        # Without keys the kernel warns that others on this machine could listen in.
        client.execute(transport_encryption="auto")
    except (CellControlSignal, DeadKernelError) as error:
        return COLOURS.sub("", str(error)).strip()
    return ""


def heading(cell: NotebookNode) -> str:
    """Return the first heading of a text cell, or nothing."""
    lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
    return next((line.lstrip("# ") for line in lines if line.startswith("#")), "")


def print_cell(cell: NotebookNode) -> None:
    """Print the beginning of a cell, and of what it put out."""
    first, *rest = cell.source.splitlines() or [""]
    print(f"  [{cell.execution_count}] {first}{' …' if rest else ''}")
    lines = [line for output in cell.outputs for line in plain_text(output).splitlines()]
    for line in lines[:LINES_SHOWN]:
        print(f"      {line}")
    if len(lines) > LINES_SHOWN:
        print(f"      … {len(lines) - LINES_SHOWN} more")


def plain_text(output: NotebookNode) -> str:
    """Return the plain-text form of one output of a cell."""
    match output.output_type:
        case "stream":
            return str(output.text)
        case "error":
            return f"{output.ename}: {output.evalue}"
        case _:
            return str(output.data.get("text/plain", ""))


def stores(workspace: Path) -> list[str]:
    """Return the store of each workspace that the notebook made, as its settings name it."""
    found = []
    for settings in sorted(workspace.rglob("anvil.toml")):
        store = str(tomllib.loads(settings.read_text("utf-8")).get("store", ""))
        found.append(store if "://" in store else shown(settings.parent / store))
    return found


def shown(path: Path) -> str:
    """Return ``path`` as a person at the repository's root would type it."""
    return str(path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path)


if __name__ == "__main__":
    sys.exit(main())
