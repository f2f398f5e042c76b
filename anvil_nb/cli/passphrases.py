"""Passphrases: from the environment, a file or the keyboard, and never from the command line.

What stands on a command line stands in histories and in the list of processes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anvil_nb.errors import InvalidInputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "ANVIL_KEY_PASSPHRASE"
BUNDLE = "ANVIL_BUNDLE_PASSPHRASE"


def passphrase(  # noqa: PLR0913 - a secret and how it is asked for
    what: str,
    variable: str,
    file: str | None = None,
    *,
    twice: bool = False,
    noun: str = "passphrase",
    environment: Mapping[str, str] = os.environ,
) -> str:
    """Return a passphrase, or another secret.

    Args:
        what: What it opens, as the prompt calls it.
        variable: Of the environment, which is asked first.
        file: Whose first line it is, asked before that.
        twice: Whether it is typed twice, since it is a new one.
        noun: What it is called.
        environment: Where to look.

    Raises:
        SourceError: when the file cannot be read.
        InvalidInputError: when nobody can be asked, or the two differ.
    """
    if file is not None:
        return _from_file(file)
    if environment.get(variable):
        return environment[variable]
    import getpass  # noqa: PLC0415 - nearly no command asks
    import warnings  # noqa: PLC0415 - as above

    try:
        with warnings.catch_warnings():
            # Where there is no terminal, it would read what is typed in the open.
            warnings.simplefilter("error", getpass.GetPassWarning)
            typed = getpass.getpass(f"{noun.capitalize()} of {what}: ")
            again = getpass.getpass("The same again: ") if twice else typed
    except (EOFError, OSError, NotImplementedError, getpass.GetPassWarning) as error:
        msg = f"the {noun} of {what} is needed, and there is nobody to ask"
        raise InvalidInputError(msg, f"Set {variable}, or name a file that holds it.") from error
    if again != typed:
        raise InvalidInputError(f"the two {noun}s differ", "Type it again.")
    if not typed:
        raise InvalidInputError(f"a {noun} is not empty", "Type it again.")
    return typed


def _from_file(file: str) -> str:
    try:
        found = Path(file).read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        msg = f"the passphrase cannot be read from {file}: {reason}"
        raise SourceError(msg, "Name a file whose first line is the passphrase.") from error
    if not found:
        raise SourceError(f"the first line of {file} is empty", "Write the passphrase into it.")
    return found


passphrase_file_option = click.option(
    "--passphrase-file",
    metavar="FILE",
    help="A file whose first line is the passphrase.",
)
