"""What hints tell people to type: commands and options that exist."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUPS = "project|set|keys|token|sync|skill|content|agent|context"
TYPED = re.compile(rf"\banvil ((?:{GROUPS}) (?!X))?([a-z]+)\b([^.;:'\"]*)")
OPTION = re.compile(r"--[a-z-]+")
# "anvil" in prose.
PROSE = {"cell", "in", "use"}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every text in a module but docstrings, with X for what is put into it."""
    tree = ast.parse(path.read_text("utf-8"))
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else "X" for one in node.values]
            inside |= {id(one) for one in node.values}
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in documented | inside:
            # Bytes are for no reader.
            yield node.lineno, "" if isinstance(node.value, bytes) else str(node.value)


def commands() -> dict[str, click.Command]:
    """Return all commands by what is typed, those of groups with the group's name."""
    from anvil_nb.cli.program import SECTIONS

    found: dict[str, click.Command] = {}
    for section in SECTIONS.values():
        for one in section:
            if isinstance(one, click.Group):
                # Which of them is meant is put in where the message is made.
                inside = [option for inner in one.commands.values() for option in inner.params]
                found[str(one.name)] = click.Command(one.name, params=inside)
                found |= {f"{one.name} {name}": inner for name, inner in one.commands.items()}
            else:
                found[str(one.name)] = one
    return found


def test_every_command_and_option_in_a_message_exists(repository: Path) -> None:
    known = commands()
    looked_at = 0
    for path in sorted((repository / "anvil_nb").rglob("*.py")):
        for line, text in texts(path):
            for group, name, rest in TYPED.findall(text):
                where = f"{path}:{line}: anvil {group}{name}{rest}"
                if name in PROSE:
                    continue
                assert f"{group}{name}" in known, where
                options = {one for option in known[f"{group}{name}"].params for one in option.opts}
                assert set(OPTION.findall(rest)) <= options, where
                looked_at += 1
    assert looked_at > 30
