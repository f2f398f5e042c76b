"""What it costs to get going: importing, loading the extension, showing the help.

Each is a new interpreter, timed from outside, next to one that does nothing: in turns, so that
the machine's noise hits both. The figure is the median of the differences.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from benchmarks.measure import Figure, Sample, peak_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IMPORT = "import anvil_nb"
OPENED = "import anvil_nb.workspace"
HELP = "import sys; sys.argv = ['anvil', '--help']; from anvil_nb.cli import main; sys.exit(main())"
# IPython itself takes half a second to import; what is measured is our part of it.
LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
started = time.perf_counter()
shell.run_line_magic("load_ext", "anvil_nb")
print(time.perf_counter() - started)
assert shell.find_line_magic("anvil") and shell.find_cell_magic("anvil")
"""


def importing(*, quick: bool) -> Iterator[Figure]:
    """Time ``import anvil_nb``."""
    yield _over_bare("import anvil_nb, over bare Python", IMPORT, 30, repeats=8 if quick else 40)


def opening(*, quick: bool) -> Iterator[Figure]:
    """Time what the first call imports, for information."""
    yield _over_bare("all that anvil.open() imports but the driver, over bare Python", OPENED, None,
                     repeats=5 if quick else 20)  # fmt: skip


def helping(*, quick: bool) -> Iterator[Figure]:
    """Time ``anvil --help``."""
    yield _over_bare("anvil --help, over bare Python", HELP, 200, repeats=8 if quick else 40)


def loading(*, quick: bool) -> Iterator[Figure]:
    """Time ``%load_ext anvil_nb`` inside IPython."""
    with tempfile.TemporaryDirectory(prefix="anvil-bench-") as home:
        seconds = [float(_run(LOAD, home).split()[-1]) for _ in range(5 if quick else 15)]
    sample = Sample(tuple(seconds[1:]))
    note = "in IPython; the memory is IPython's and ours"
    yield _with_memory(sample.figure("%load_ext anvil_nb", "ms", bar=100, note=note))


def _over_bare(what: str, code: str, bar: float | None, *, repeats: int) -> Figure:
    _timed(code)  # writes the byte code, and warms the disk's cache
    bare, whole = [], []
    for _ in range(repeats):
        bare.append(_timed("pass"))
        whole.append(_timed(code))
    differences = Sample(tuple(one - other for one, other in zip(whole, bare, strict=True)))
    note = f"bare Python {Sample(tuple(bare)).median * 1000:.1f} ms"
    return _with_memory(differences.figure(what, "ms", bar=bar, note=note))


def _with_memory(figure: Figure) -> Figure:
    from dataclasses import replace

    return replace(figure, memory=peak_memory(resource.RUSAGE_CHILDREN))


def _timed(code: str) -> float:
    started = time.perf_counter()
    _run(code)
    return time.perf_counter() - started


def _run(code: str, home: str | None = None) -> str:
    command: Sequence[str] = (sys.executable, "-c", code)
    environment = None
    if home is not None:
        import os

        environment = {**os.environ, "IPYTHONDIR": home, "HOME": home}
    return subprocess.run(
        command, check=True, env=environment, stdout=subprocess.PIPE, text=True
    ).stdout


MEASUREMENTS = (importing, opening, loading, helping)
