"""Runs: versions of a prompt rendered over rows of data, and a function called on each.

``experiment`` is the service, ``rows`` makes rows of what is given as data, ``calls`` calls the
function on many prompts at a time.
"""

from anvil_nb.runs.experiment import MAX_CELLS, run
from anvil_nb.runs.rows import MAX_ROWS

__all__ = ["MAX_CELLS", "MAX_ROWS", "run"]
