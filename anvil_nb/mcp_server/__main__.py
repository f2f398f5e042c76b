"""``python -m anvil_nb.mcp_server`` is ``anvil mcp``."""

from __future__ import annotations

import sys

from anvil_nb.cli.process import run

_OF_THE_PROGRAM = ("--workspace", "--store", "--actor")


def _arguments(said: list[str]) -> list[str]:
    """Return the arguments of the program: its own options stand before the command."""
    own = 0
    while own < len(said) and said[own].partition("=")[0] in (*_OF_THE_PROGRAM, "--debug"):
        own += 2 if said[own] in _OF_THE_PROGRAM else 1
    return [*said[:own], "mcp", *said[own:]]


if __name__ == "__main__":
    run(_arguments(sys.argv[1:]))
