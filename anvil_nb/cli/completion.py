"""Completion in a terminal: the scripts of the shells, and what they are answered.

zsh and fish take click's scripts as they are. bash splits a word at ``@``, ``:`` and ``=``, which
addresses have; its script hands over the whole line, and cuts off again what stands before the
last of these.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    ShellComplete,
    get_completion_class,
    split_arg_string,
)

if TYPE_CHECKING:
    import click

    from anvil_nb.cli.surface import Surface

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line="${COMP_LINE:0:COMP_POINT}" response completion type value cut
    response=$(env COMP_WORDS="$line" %(complete_var)s=bash_complete "$1" 2>/dev/null)
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case "$type" in
            file) compopt -o default ;;
            cut) cut="$value" ;;
            plain)
                [[ "$value" == */ || "$value" == *= ]] && compopt -o nospace
                COMPREPLY+=("${value#"$cut"}")
                ;;
        esac
    done
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class WholeLineBash(BashComplete):
    """bash, asked for the line up to the cursor."""

    source_template: ClassVar[str] = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor, and the one at it."""
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)[1:]
        if words and not line[-1:].isspace():
            return words[:-1], words[-1]
        return words, ""

    def complete(self) -> str:
        """Return what bash has before the last break in the word, and the completions."""
        _, incomplete = self.get_completion_args()
        end = max(incomplete.rfind(mark) for mark in "@:=<>") + 1
        return f"cut,{incomplete[:end]}\n{super().complete()}"

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return a line for one completion."""
        return f"{item.type},{item.value}"


def complete(
    program: click.Command, surface: Surface, name: str, variable: str, instruction: str
) -> int:
    """Answer a shell, and return the exit code.

    Args:
        program: The grammar.
        surface: Where names are found.
        name: The program, as it is called.
        variable: The environment variable that carries the instruction.
        instruction: For example ``bash_complete``.
    """
    shell, _, what = instruction.partition("_")
    made = _completer(program, {"obj": surface}, shell, name, variable)
    if made is None or what not in ("source", "complete"):
        return 1
    text = made.source() if what == "source" else made.complete()
    os.write(1, f"{text}\n".encode())
    return 0


def script(shell: str, name: str = "anvil", variable: str = "_ANVIL_COMPLETE") -> str:
    """Return the script that teaches ``shell`` to complete."""
    import click  # noqa: PLC0415 - see TYPE_CHECKING

    made = _completer(click.Command(name), {}, shell, name, variable)
    return made.source() if made else ""


def _completer(
    program: click.Command, settings: dict[str, Any], shell: str, name: str, variable: str
) -> ShellComplete | None:
    kind: type[ShellComplete] | None = (
        WholeLineBash if shell == "bash" else get_completion_class(shell)
    )
    return kind(program, settings, name, variable) if kind else None
