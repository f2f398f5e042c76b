"""The process around a command in a terminal: streams, exit codes, interrupts, completion."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

from anvil_nb.cli import faults
from anvil_nb.cli.dispatch import dispatch
from anvil_nb.cli.program import PROGRAM
from anvil_nb.cli.shell import Shell
from anvil_nb.errors import AnvilError, DraftConflictError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.result import Result

NAME = "anvil"
COMPLETE = "_ANVIL_COMPLETE"
"""The variable in which a shell asks for completion."""

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells report it."""
PIPE_CLOSED = 141
"""128 and the number of SIGPIPE."""


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and end the process with its exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments, os.environ)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        # Python would complain about what is left to write when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
        if not isinstance(error, BrokenPipeError):  # whoever read has read enough
            sys.stderr.write(f"{NAME}: error: the result cannot be written: {error.strerror}\n")
            code = faults.FAILED
    sys.exit(code)


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    surface = Shell()
    if COMPLETE in environment:
        return _complete(surface, environment[COMPLETE])
    try:
        outcome = dispatch(PROGRAM, arguments, surface, NAME)
    except AnvilError as error:
        wants_json = surface.json or "--json" in arguments
        _complain(error, as_json=wants_json, debug=surface.debug)
        return faults.exit_code(error)
    finally:
        surface.close()
    _print(outcome.result, as_json=surface.json)
    for note in () if surface.json else surface.notes:
        _write(sys.stderr, f"{NAME}: note: {note}")
    return 0 if outcome.sound else faults.FAILED


def _print(result: Result, *, as_json: bool) -> None:
    text = _json(result.to_json(), indent=2) if as_json else result.to_text()
    _write(sys.stdout, text)


def _complain(error: AnvilError, *, as_json: bool, debug: bool) -> None:
    if debug:
        import traceback  # noqa: PLC0415 - rarely needed

        _write(sys.stderr, faults.masked("".join(traceback.format_exception(error))))
    if as_json:
        _write(sys.stderr, _json({"error": error.to_json()}))
        return
    _write(sys.stderr, "\n".join([f"{NAME}: error: {error.message}", *error.hint.splitlines()]))
    if isinstance(error, DraftConflictError):
        from anvil_nb.cli.said import BothSides  # noqa: PLC0415 - rarely needed

        _write(sys.stderr, BothSides(error).to_text())


def _json(value: Json, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _write(stream: TextIO, text: str) -> None:
    stream.write(text if text.endswith("\n") else f"{text}\n")


def _complete(surface: Shell, instruction: str) -> int:
    from anvil_nb.cli.completion import complete  # noqa: PLC0415 - only for the Tab key

    code = complete(PROGRAM, surface, NAME, COMPLETE, instruction)
    if surface.names.is_asking:  # a thread that waits for the store would hold the process up
        sys.stdout.flush()
        os._exit(code)
    return code
