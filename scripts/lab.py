"""``make lab``: the quickstart in JupyterLab, in a workspace folder that is kept.

The notebook is copied, so that trying things out leaves the checkout as it was; delete the folder
to begin again.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
NOTEBOOK = REPOSITORY / "notebooks" / "01_quickstart.ipynb"
WORKSPACE = REPOSITORY / "build" / "lab"


def main() -> None:
    """Put the notebook into its folder and become JupyterLab."""
    WORKSPACE.mkdir(parents=True, exist_ok=True)
    copy = WORKSPACE / NOTEBOOK.name
    if not copy.exists():
        shutil.copy(NOTEBOOK, copy)
    elif not filecmp.cmp(NOTEBOOK, copy, shallow=False):
        print("Opening your own copy of the quickstart; delete build/lab to begin again.")
    os.chdir(WORKSPACE)
    programs = Path(sys.executable).parent
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(programs / "jupyter-lab"), copy.name, *sys.argv[1:]]
    if os.geteuid() == 0:
        # A container's only user; the server still listens on this machine alone, with a token.
        command.append("--allow-root")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
