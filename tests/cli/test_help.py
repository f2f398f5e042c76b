"""Help tells what there is, and its examples can be typed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click
import pytest

from anvil_nb import __version__
from anvil_nb.cli.grammar import Command, Program
from anvil_nb.cli.program import PROGRAM
from anvil_nb.magics.line import split
from anvil_nb.magics.program import PROGRAM as NOTEBOOK
from anvil_nb.magics.program import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Anvil


def paths(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, one in group.commands.items():
        yield (*before, name)
        if isinstance(one, click.Group):
            yield from paths(one, (*before, name))


def command_at(program: click.Group, path: tuple[str, ...]) -> click.Command:
    found: click.Command = program
    for name in path:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


COMMANDS = [path for path in paths(PROGRAM) if isinstance(command_at(PROGRAM, path), Command)]


def test_alone_it_shows_its_help_and_that_is_no_error(anvil: Anvil) -> None:
    alone = anvil()
    assert alone.code == 0
    assert alone.err == ""
    assert alone.out == anvil("--help").out == anvil("-h").out
    assert "Usage: anvil [OPTIONS] COMMAND" in alone.out


def test_the_help_lists_every_command_whole_and_in_sections(anvil: Anvil) -> None:
    help_ = anvil("-h").out
    for title, commands in PROGRAM.sections.items():
        assert f"\n{title}:\n" in help_
        for one in commands:
            assert f"\n  {one.name} " in help_
    assert "..." not in help_.partition("Prompts:")[2], "a summary is cut off"


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("path", list(paths(PROGRAM)), ids=" ".join)
def test_every_command_has_help(anvil: Anvil, path: tuple[str, ...], option: str) -> None:
    answer = anvil(*path, option)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"Usage: anvil {' '.join(path)}")
    if path in COMMANDS:
        assert "\nExamples:\n  anvil " in answer.out
        assert "--json" in answer.out


def test_a_group_alone_shows_its_help(anvil: Anvil) -> None:
    assert anvil("project") == anvil("project", "-h")


def parse(program: Program, words: list[str]) -> None:
    with program.make_context("anvil", words, resilient_parsing=False) as ctx:
        name, command, rest = program.resolve_command(ctx, [*ctx._protected_args, *ctx.args])
        while isinstance(command, click.Group) and set(rest) & set(command.commands):
            name, command, rest = command.resolve_command(ctx, rest)
        assert command is not None
        command.make_context(name, rest, parent=ctx).close()


EXAMPLES = [
    (line, program)
    for path in COMMANDS
    for program in (PROGRAM, NOTEBOOK)
    if path[0] in program.commands and isinstance(one := command_at(program, path), Command)
    for line in (one.examples if program is PROGRAM else one.in_notebook)
]


@pytest.mark.parametrize(("line", "program"), EXAMPLES)
def test_every_example_can_be_typed(line: str, program: Program) -> None:
    if program is PROGRAM:
        words = shlex.split(line.partition(" < ")[0].partition(" > ")[0].partition(" >> ")[0])
    else:
        words = split(line.removeprefix("%%anvil "), WRITTEN)
    parse(program, words)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_does(path: tuple[str, ...]) -> None:
    command = command_at(PROGRAM, path)
    silent = [one.name for one in command.params if isinstance(one, click.Option) and not one.help]
    assert silent == []


def test_the_version_is_the_packages(anvil: Anvil) -> None:
    assert anvil("--version").out == f"anvil {__version__}\n"
    assert anvil("--json", "--version").json == {"text": f"anvil {__version__}"}
