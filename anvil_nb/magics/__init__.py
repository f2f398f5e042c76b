"""``%anvil`` in a notebook: ``%load_ext anvil_nb``.

The commands are those of the command line, from the same definitions. What differs is where
values come from (Python), which state is read without a selector (the draft), and that a result
is a value. Loading imports neither the grammar nor the store: both come with the first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from anvil_nb.magics.magic import Kept

_kept: WeakKeyDictionary[InteractiveShell, Kept] = WeakKeyDictionary()
"""What each kernel goes on with when the extension is loaded again."""


def load(ipython: InteractiveShell) -> None:
    """Add ``%anvil``; one that is there already is replaced.

    What was chosen and read in this kernel before stays: the set in use, and what its drafts are
    expected to be.
    """
    from anvil_nb.magics.magic import AnvilMagics  # noqa: PLC0415 - IPython is there by now

    unload(ipython)
    AnvilMagics(ipython).add(_kept.pop(ipython, None))


def unload(ipython: InteractiveShell) -> None:
    """Take ``%anvil`` away, and let go of the store."""
    from anvil_nb.magics.magic import AnvilMagics  # noqa: PLC0415 - as above

    # By name: after a reload of modules, the class of the old one is another.
    for one in [*ipython.configurables]:
        if type(one).__name__ == AnvilMagics.__name__:
            _kept[ipython] = cast("AnvilMagics", one).remove()
