"""What went wrong, said the way it is said where the command was typed.

Exit codes: 1 refused or failed, 2 the command line itself is wrong, 3 a conflict. What is wrong in
a file that the command line names is 1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from anvil_nb.errors import (
    AddressError,
    AnvilError,
    ConflictError,
    InvalidInputError,
    MissingValueError,
    RenderError,
    ValueTypeError,
    VersionSyntaxError,
)

if TYPE_CHECKING:
    from collections.abc import Collection

FAILED, USAGE, CONFLICT = 1, 2, 3
TERMINAL = "anvil"
"""What the program is called in a terminal."""

_TYPED = (InvalidInputError, AddressError, VersionSyntaxError)
"""The errors about what stands on the command line; their subclasses are about files."""

_COMMAND = re.compile(r"(?<![\w/.%-])anvil (?=([a-z]+)\b)")
_ASSIGNED = re.compile(r"(?<![-\w])(\w[\w-]*\??)=(?=…)")
_OPTION = re.compile(r"(?<![-\w=])(force|liquid)=True\b|(?<![-\w=])(bump|limit|into)='?([^'\s]+)'?")
_EXPECTATION = {"expect=None": "--force", "expect=…": "--expect"}
_PASSWORD = re.compile(r"(://[^/\s:@]*):\S*@")
_KEYWORD = re.compile(r"\b(password|sslpassword)=('[^']*'|[^&\s]+)", re.IGNORECASE)


def exit_code(error: AnvilError) -> int:
    """Return the exit code that stands for an error."""
    if isinstance(error, ConflictError):
        return CONFLICT
    return USAGE if type(error) in _TYPED else FAILED


def of_usage(error: click.ClickException, name: str) -> InvalidInputError:
    """Return click's complaint about a command line as an error that says what to type.

    Args:
        error: The complaint.
        name: The program, as it was called.
    """
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx else name
    hints = [f"Did you mean {near}?"] if (near := _near(error)) else []
    if ctx and not isinstance(ctx.command, click.Group):
        hints.append(" ".join(ctx.get_usage().split()))
    hints.append(f"Try: {path} -h")
    return InvalidInputError(masked(_message(error)), masked("\n".join(hints[:2])))


def _message(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"there is no option {error.option_name}"
    said = error.format_message().rstrip(".")
    return said[:1].lower() + said[1:]


def _near(error: click.ClickException) -> str | None:
    if isinstance(error, click.NoSuchOption):
        return next(iter(error.possibilities or ()), None)
    return getattr(error, "near", None)


def unexpected(error: Exception, name: str) -> AnvilError:
    """Return the error for a fault of the program itself, or of what it stands on."""
    said = masked(f"{type(error).__name__}: {error}").partition("\n")[0]
    debug = "%config AnvilMagics.debug = True" if name.startswith("%") else f"{name} --debug …"
    return AnvilError(
        f"something unexpected went wrong: {said}",
        f"See where, and please report it: {debug}",
    )


def in_the_words_of(name: str, error: AnvilError, commands: Collection[str]) -> AnvilError:
    """Change the hint of ``error`` to what has to be typed where the program is called ``name``.

    Passwords are taken out of it.

    Args:
        name: ``anvil``, or ``%anvil`` in a notebook.
        error: Its hint names commands as in a terminal, and values and options as in Python.
        commands: The names of all commands.
    """
    hint = error.hint
    if isinstance(error, MissingValueError):
        hint = _ASSIGNED.sub(r"--var \1=", hint).replace("…, --var", "… --var")
    elif isinstance(error, ValueTypeError) and error.parameter:
        hint = _with_values(hint, error, in_python=name != TERMINAL)
    elif not isinstance(error, RenderError):  # those name the values of the prompt
        hint = _with_options(hint)
    error.message = masked(error.message)
    error.hint = masked(commands_as_typed(name, hint, commands))
    return error


def _with_values(hint: str, error: ValueTypeError, *, in_python: bool) -> str:
    """Return a hint that writes the values of a parameter as the command line takes them."""
    option = f"--var {error.parameter}="
    if in_python or not error.written:
        return re.sub(rf"(?<![-\w]){re.escape(error.parameter)}=", option, hint)
    from shlex import quote  # noqa: PLC0415 - rarely needed

    return "Write " + " or ".join(f"{option}{quote(one)}" for one in error.written)


def commands_as_typed(name: str, text: str, commands: Collection[str]) -> str:
    """Return ``text`` with its commands as they are typed where the program is called ``name``."""
    if name == TERMINAL:
        return text
    return _COMMAND.sub(lambda m: f"{name} " if m[1] in commands else m[0], text)


def _with_options(hint: str) -> str:
    """Return a hint with options in place of Python's keyword arguments."""
    for said, option in _EXPECTATION.items():
        hint = hint.replace(said, option)
    return _OPTION.sub(lambda m: f"--{m[1]}" if m[1] else f"--{m[2]} {m[3]}", hint)


def masked(text: str) -> str:
    """Return ``text`` without the passwords in it."""
    return _KEYWORD.sub(r"\1=***", _PASSWORD.sub(r"\1:***@", text))
