"""From a command line, already split, to its result. Both surfaces call commands through here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from anvil_nb.cli import faults
from anvil_nb.cli.grammar import UNSOUND, Answered
from anvil_nb.cli.said import Said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.cli.grammar import Program
    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.result import Result


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command gave, and whether it is as it should be."""

    result: Result
    sound: bool


def dispatch(program: Program, arguments: Sequence[str], surface: Surface, name: str) -> Outcome:
    """Run the command that ``arguments`` name.

    Args:
        program: The grammar.
        arguments: What stands behind the program's name.
        surface: Where it was typed.
        name: The program, as it was called there.

    Raises:
        AnvilError: whatever went wrong; the hint is in the words of that place.
    """
    from anvil_nb.errors import AnvilError  # noqa: PLC0415 - see faults

    try:
        with program.make_context(name, list(arguments), obj=surface) as ctx:
            result = _as_typed(name, program.invoke(ctx), program)
            return Outcome(result, not ctx.meta.get(UNSOUND))
    except Answered as answered:
        return Outcome(Said(answered.text), sound=True)
    except click.ClickException as error:
        raise faults.of_usage(error, name) from error
    except AnvilError as error:
        raise faults.in_the_words_of(name, error, program.commands) from error.__cause__
    except Exception as error:
        raise faults.unexpected(error, name) from error


def _as_typed(name: str, result: Result, program: Program) -> Result:
    """Return what was done; a command that it names is one to type in the same place."""
    from anvil_nb.results.done import Done  # noqa: PLC0415 - late, on purpose

    if not isinstance(result, Done):
        return result
    message = faults.commands_as_typed(name, result.message, program.commands)
    return result if message == result.message else replace(result, message=message)
