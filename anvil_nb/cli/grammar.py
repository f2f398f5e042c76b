"""The grammar: how this program's commands, their help and their mistakes differ from click's.

A command parses, asks the workspace, and returns a result. Nothing here prints and nothing here
exits, so that a terminal and a notebook can speak the same grammar.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click
from click.core import ParameterSource

from anvil_nb.cli.surface import surface_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STANDARD_INPUT = "-"
"""The file that stands for standard input, or for the body of a cell."""

_Decorated = TypeVar("_Decorated", bound="Callable[..., Any]")


class Answered(Exception):  # noqa: N818 - no error: help that was asked for ends the parsing
    """Help or a version was asked for: ``text`` is the answer, and nothing else is to be done."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def answer(text: str) -> NoReturn:
    """End the parsing with ``text`` for an answer."""
    raise Answered(text)


def _help(ctx: click.Context, _: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        answer(ctx.get_help())


_HELP = click.Option(
    ["-h", "--help"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_help,
    help="Show this and do nothing.",
)


class Command(click.Command):
    """A command that returns a result.

    Args:
        examples: Lines to type, without the program's name.
        in_notebook: Such lines for a notebook, where they differ.
        takes_text: Whether it reads the body of a cell even where no ``-`` says so.
        sound: Tells of a result whether the command did all it was asked; it did when ``None``.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        in_notebook: Sequence[str] = (),
        takes_text: bool = False,
        sound: Callable[[Any], bool] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(*args, **settings)
        self.examples = tuple(examples)
        self.in_notebook = tuple(in_notebook) or self.examples
        self.takes_text = takes_text
        self.sound = sound

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and those that the program gives every command."""
        root = ctx.find_root().command
        shared = root.shared if isinstance(root, Program) else ()
        return [*self.params, *shared, _HELP]

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """Return the option that answers with the help."""
        del ctx
        return _HELP

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; for completion, without an option at the end that still waits for its value.

        Otherwise click would give up, and what stands before could not be asked for names.
        """
        if ctx.resilient_parsing and args and self._takes_value(ctx, args[-1]):
            args = args[:-1]
        return super().parse_args(ctx, args)

    def _takes_value(self, ctx: click.Context, word: str) -> bool:
        return any(
            isinstance(one, click.Option) and word in one.opts and not one.is_flag
            for one in self.get_params(ctx)
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a result that is not sound is marked so in the context."""
        if (surface := surface_in(ctx)) is not None:
            surface.begin_command(reads_input=self._reads_input(ctx))
        result = super().invoke(ctx)
        if self.sound is not None and not self.sound(result):
            ctx.find_root().meta[UNSOUND] = True
        return result

    def _reads_input(self, ctx: click.Context) -> bool:
        said = [ctx.params.get(one.name or "") for one in self.params if one.type.name == "file"]
        return STANDARD_INPUT in said or (self.takes_text and None in said)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(self.examples_for(ctx), formatter)

    def examples_for(self, ctx: click.Context) -> list[str]:
        """Return whole lines to type, as this program is called."""
        name = ctx.find_root().info_name or ""
        lines = self.in_notebook if name.startswith("%") else self.examples
        return [line if line.startswith("%%") else f"{name} {line}" for line in lines]


UNSOUND = "anvil_nb.unsound"
"""Key in the root context's ``meta``: the command ran, and what it reports is not as it should."""


def write_examples(lines: Sequence[str], formatter: click.HelpFormatter) -> None:
    """Write lines to type, as they are."""
    if lines:
        with formatter.section("Examples"):
            for line in lines:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


class Group(click.Group):
    """Commands under one name, in the order given; alone it answers with its help."""

    def __init__(self, name: str, **settings: Any) -> None:
        settings |= {"invoke_without_command": True, "subcommand_metavar": "COMMAND [ARGS]..."}
        super().__init__(name, **settings)

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """Return the option that answers with the help."""
        del ctx
        return _HELP

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order given."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is named, or answer with the help."""
        if not ctx._protected_args:  # noqa: SLF001 - click's own Group reads it so
            answer(ctx.get_help())
        return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that ``args`` names; an unknown one is refused with the nearest."""
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            raise UnknownCommandError(name, nearest(name, self.commands), ctx)
        return super().resolve_command(ctx, args)


class WorkingGroup(Group, Command):
    """A command that others stand under: alone it does work of its own."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is named, or this one."""
        named = [*ctx._protected_args, *ctx.args]  # noqa: SLF001 - click's own Group reads it so
        if not named:
            return Command.invoke(self, ctx)
        for one in self.params:
            if ctx.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE:
                msg = f"{one.opts[0]} is of '{ctx.info_name}' alone, and not of '{named[0]}'"
                raise click.UsageError(msg, ctx)
        _, command, rest = self.resolve_command(ctx, named)
        assert command is not None
        with command.make_context(named[0], rest, parent=ctx) as inner:
            return command.invoke(inner)


class UnknownCommandError(click.UsageError):
    """There is no such command; ``near`` is the one that was likely meant."""

    def __init__(self, name: str, near: str | None, ctx: click.Context) -> None:
        super().__init__(f"there is no command '{name}'", ctx)
        self.near = near


class Program(Group):
    """The whole grammar.

    Args:
        sections: The commands, under the headings of the help.
        aliases: Other names of commands, which the help does not list.
        shared: Options that every command takes besides its own.
    """

    def __init__(
        self,
        name: str,
        *,
        sections: Mapping[str, Sequence[click.Command]],
        aliases: Mapping[str, str],
        shared: Sequence[click.Option] = (),
        **settings: Any,
    ) -> None:
        commands = {one.name or "": one for some in sections.values() for one in some}
        named = {alias: commands[own] for alias, own in aliases.items()}
        super().__init__(name, commands=commands | named, **settings)
        self.sections = sections
        self.aliases = aliases
        self.shared = tuple(shared)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names that the help lists, in its order."""
        return [name for name in super().list_commands(ctx) if name not in self.aliases]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the program's own options and those that every command takes."""
        del ctx
        return [*self.params, *self.shared, _HELP]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, section by section, with one column of names."""
        width = max(map(len, self.commands))
        limit = formatter.width - width - 6
        for title, commands in self.sections.items():
            rows = [
                (f"{one.name:<{width}}", one.get_short_help_str(limit))
                for one in commands
                if not one.hidden
            ]
            with formatter.section(title):
                formatter.write_dl(rows)
        write_examples(
            [f"{ctx.info_name} COMMAND -h     shows what a command takes, with examples"],
            formatter,
        )


def nearest(name: str, known: Mapping[str, object] | Sequence[str]) -> str | None:
    """Return the known name that ``name`` was likely meant to be."""
    return next(iter(get_close_matches(name, list(known), 1)), None)


def command(
    name: str,
    *,
    examples: Sequence[str],
    in_notebook: Sequence[str] = (),
    takes_text: bool = False,
    sound: Callable[[Any], bool] | None = None,
) -> Callable[[Callable[..., object]], Command]:
    """Return a decorator that makes a function a command; see ``Command``."""
    return click.command(
        name,
        cls=Command,
        examples=examples,
        in_notebook=in_notebook,
        takes_text=takes_text,
        sound=sound,
    )


def options(*decorators: Callable[[Any], Any]) -> Callable[[_Decorated], _Decorated]:
    """Return one decorator that adds several options, in the order given."""

    def add(function: _Decorated) -> _Decorated:
        for decorate in reversed(decorators):
            function = cast("_Decorated", decorate(function))
        return function

    return add
