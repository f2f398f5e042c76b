"""The grammar: how this program's commands, their help and their mistakes differ from click's.

A command parses, asks the workspace, and returns a result. Nothing here prints and nothing here
exits, so that a terminal and a notebook can speak the same grammar.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        sound: Tells of a result whether the command did all it was asked; it did when ``None``.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        in_notebook: Sequence[str] = (),
        sound: Callable[[Any], bool] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.in_notebook = tuple(in_notebook) or self.examples
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

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a result that is not sound is marked so in the context."""
        result = super().invoke(ctx)
        if self.sound is not None and not self.sound(result):
            ctx.find_root().meta[UNSOUND] = True
        return result

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


class UnknownCommandError(click.UsageError):
    """There is no such command; ``near`` is the one that was likely meant."""

    def __init__(self, name: str, near: str | None, ctx: click.Context) -> None:
        super().__init__(f"there is no command '{name}'", ctx)
        self.near = near


class Program(Group):
    """The whole grammar.

    Args:
        sections: The commands, under the headings of the help.
        shared: Options that every command takes besides its own.
    """

    def __init__(
        self,
        name: str,
        *,
        sections: Mapping[str, Sequence[click.Command]],
        shared: Sequence[click.Option] = (),
        **settings: Any,
    ) -> None:
        commands = {one.name or "": one for some in sections.values() for one in some}
        super().__init__(name, commands=commands, **settings)
        self.sections = sections
        self.shared = tuple(shared)

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
    sound: Callable[[Any], bool] | None = None,
) -> Callable[[Callable[..., object]], Command]:
    """Return a decorator that makes a function a command; see ``Command``."""
    return click.command(name, cls=Command, examples=examples, in_notebook=in_notebook, sound=sound)


def options(*decorators: Callable[[Any], Any]) -> Callable[[_Decorated], _Decorated]:
    """Return one decorator that adds several options, in the order given."""

    def add(function: _Decorated) -> _Decorated:
        for decorate in reversed(decorators):
            function = cast("_Decorated", decorate(function))
        return function

    return add
