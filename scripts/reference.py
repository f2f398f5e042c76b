"""Write the part of docs/commands.md that follows from the commands' own definitions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import Command
from anvil_nb.cli.program import PROGRAM
from anvil_nb.magics.program import PROGRAM as NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCUMENT = Path(__file__).parents[1] / "docs" / "commands.md"
MARK = "<!-- What follows is written by scripts/reference.py: change the commands instead. -->\n"


def reference() -> str:
    """Return the reference of all commands, as Markdown."""
    with (
        PROGRAM.make_context("anvil", [], resilient_parsing=True) as terminal,
        NOTEBOOK.make_context("%anvil", [], resilient_parsing=True) as notebook,
    ):
        parts = ["## Options before the command", _options(PROGRAM.get_params(terminal), terminal)]
        for title, commands in PROGRAM.sections.items():
            parts.append(f"## {title}")
            for one in commands:
                parts += _described(one, terminal)
            names = {one.name for one in commands}
            for one in NOTEBOOK.sections[title]:
                if one.name not in names:
                    parts += _described(one, notebook)
    return "\n\n".join(parts) + "\n"


def _described(command: click.Command, parent: click.Context) -> list[str]:
    with command.make_context(command.name, [], parent=parent, resilient_parsing=True) as ctx:
        below = command.commands.values() if isinstance(command, click.Group) else ()
        rest = [part for one in below for part in _described(one, ctx)]
        if below and not isinstance(command, Command):
            return rest
        pieces = [one for one in command.collect_usage_pieces(ctx) if one != "[OPTIONS]"]
        parts = [f"### `{' '.join([ctx.command_path, *pieces])}`", _prose(command.help or "")]
        if any(isinstance(one, click.Option) for one in command.params):
            parts.append(_options(command.params, ctx))
        if isinstance(command, Command):
            lines = dict.fromkeys([*command.examples_for(ctx), *_in_notebook(command)])
            parts.append("\n".join(["```", *lines, "```"]))
        return parts + rest


def _in_notebook(command: Command) -> list[str]:
    if command.in_notebook == command.examples:
        return []
    return [one if one.startswith("%%") else f"%anvil {one}" for one in command.in_notebook]


def _options(params: Sequence[click.Parameter], ctx: click.Context) -> str:
    options = [one for one in params if isinstance(one, click.Option)]
    records = [record for one in options if (record := one.get_help_record(ctx)) is not None]
    return "\n".join(f"- `{names}`: {help_}" for names, help_ in records)


def _prose(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).strip()


def document(text: str) -> str:
    """Return the document with the part behind the mark written anew."""
    return text.partition(MARK)[0] + MARK + "\n" + reference()


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
    print(f"wrote {DOCUMENT}")
