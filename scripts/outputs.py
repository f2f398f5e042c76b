"""``make outputs``: what a notebook put out, kept in the checkout for those who read it there.

GitHub, nbviewer and a JupyterLab without the kernel show what a notebook holds. Of a view that is
the static output beside its widget; the widget itself would be a red line, and is left out. So are
the folders of this machine. What each run makes anew (times, keys) stays as it was when nothing
else changed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

if TYPE_CHECKING:
    from nbformat import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"
UNLIKE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"  # when something was done
    r"|sha256:[0-9a-f]{64}"  # the fingerprint of a key; digests of what is saved are shown short
    r"|(?<=anvil-key-1 )\S+"  # the key itself, its public half
)
"""What is another in each run."""


def main() -> int:
    """Keep the outputs of an executed notebook, or compare them with those that are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("executed", type=Path, help="as scripts/demo.py leaves it")
    parser.add_argument("notebook", type=Path, help="the notebook that keeps its outputs")
    parser.add_argument("--check", action="store_true", help="change nothing; fail on a difference")
    arguments = parser.parse_args()
    kept = nbformat.read(arguments.notebook, as_version=4)
    run = nbformat.read(arguments.executed, as_version=4)
    folder = str(arguments.executed.resolve().parent)
    changed = []
    for number, (cell, ran) in enumerate(zip(kept.cells, run.cells, strict=True)):
        if cell.cell_type != "code":
            continue
        outputs = [lasting(one, folder) for one in ran.outputs if WIDGET not in one.get("data", {})]
        if alike(cell.outputs) != alike(outputs) or cell.execution_count != ran.execution_count:
            changed.append(number)
            cell.outputs, cell.execution_count = outputs, ran.execution_count
    if not changed:
        print(f"{arguments.notebook.name} holds what a run gives.")
        return 0
    cells = ", ".join(map(str, changed))
    if arguments.check:
        print(f"{arguments.notebook.name}: a run gives other outputs of the cells {cells}.")
        print("make outputs keeps them.")
        return 1
    nbformat.write(kept, arguments.notebook)
    print(f"{arguments.notebook.name}: the outputs of the cells {cells} are new.")
    return 0


def lasting(part: Any, folder: str) -> Any:
    """Return an output, or a part of it, without what only this run and this machine know."""
    if isinstance(part, dict):
        return type(part)({name: lasting(one, folder) for name, one in part.items()})
    if isinstance(part, list):
        return [lasting(one, folder) for one in part]
    if not isinstance(part, str):
        return part
    # The notebook works in a folder of its own in the one it lies in.
    text = re.sub(rf"{re.escape(folder)}/(\w+)-\w{{8}}(?=/)", r"\1", part).replace(folder, ".")
    return re.sub(r" anvil-beside-[0-9a-f]{32}", "", text)  # the number of the widget


def alike(outputs: list[NotebookNode]) -> str:
    """Return outputs as they are in every run."""
    return UNLIKE.sub("…", json.dumps(outputs, ensure_ascii=False, sort_keys=True))


if __name__ == "__main__":
    sys.exit(main())
