"""The surface of a terminal: values are text, files are paths, and nothing is remembered."""

from __future__ import annotations

import importlib
import os
import re
import sys
from contextlib import nullcontext
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from anvil_nb.cli.surface import Assignment, Place, Surface, missing_argument, open_at
from anvil_nb.errors import InvalidInputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from types import ModuleType

    from anvil_nb.cli.names import Names
    from anvil_nb.cli.progress import Progress
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.workspace import Workspace

_BRACED = re.compile(r"\{{1,2}\s*[^\W\d][\w.]*\s*\}{1,2}")
COMPLETION_BUDGET = 1.0
"""How long the Tab key may wait for the store, in seconds; opening it is part of that."""


class Shell(Surface):
    """A command typed in a terminal, or called from a script.

    Attributes:
        notes: What to tell whoever typed it, beside the result.
    """

    terminal = True

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []
        self._place: Place = (None, None, None)
        self._workspace: Workspace | None = None
        self._names: Names | None = None

    def begin_command(self, *, reads_input: bool) -> None:
        """Do nothing: standard input may be left unread."""

    def locate(self, workspace: str | None, store: str | None, actor: str | None) -> None:
        """Choose the workspace; the folder of the process and those above it by default."""
        self._place = workspace, store, actor

    @property
    def workspace(self) -> Workspace:
        """The workspace, opened when it is first asked for."""
        if self._workspace is None:
            self._workspace = open_at(self._place)
        return self._workspace

    def make_workspace(self, folder: str | None, store: str | None, actor: str | None) -> Workspace:
        """Make a workspace in a folder."""
        from anvil_nb.workspace import init_workspace  # noqa: PLC0415 - help needs none

        known_folder, known_store, known_actor = self._place
        self._workspace = init_workspace(
            folder or known_folder or ".", store=store or known_store, actor=actor or known_actor
        )
        return self._workspace

    def close(self) -> None:
        """Let go of the store."""
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None

    @property
    def names(self) -> Names:
        """What there is to complete with."""
        if self._names is None:
            from anvil_nb.cli.names import Names  # noqa: PLC0415 - only for completion

            self._names = Names(lambda: self.workspace, budget=COMPLETION_BUDGET)
        return self._names

    @property
    def working_set(self) -> str | None:
        """A terminal has none."""
        return None

    def to_read(self, address: str) -> str:
        """Return the address as it is: the latest version is read where it has no selector."""
        return address

    def to_change(self, address: str | None) -> str:
        """Return the address as it is."""
        if address is None:
            raise missing_argument("SET")
        return address

    def values(
        self, parameters: Iterable[Parameter], said: Iterable[Assignment], source: str | None
    ) -> dict[str, object]:
        """Return the values of a JSON file, and those said, read by the declared types."""
        from anvil_nb.domain.reading import read_values  # noqa: PLC0415 - late, on purpose
        from anvil_nb.files import read_json_file  # noqa: PLC0415 - late, on purpose

        known = list(parameters)
        values: dict[str, object] = {}
        if source is not None:
            found = read_json_file(source)
            if not isinstance(found, dict):
                msg = f"values are a JSON object, and {source} holds something else"
                raise SourceError(msg, 'For example: {"customer": "Ada"}')
            _check_names(found, [one.name for one in known], source)
            values.update(found)
        texts = dict(said)
        self.notes += [
            f"{name} is the text '{text}' as it stands: nothing is expanded in braces"
            for name, text in texts.items()
            if _BRACED.fullmatch(text)
        ]
        return values | read_values(known, texts)

    def default(self, parameter: Parameter, text: str) -> object:
        """Return the default as its parameter's type reads it."""
        from anvil_nb.domain.reading import read_value  # noqa: PLC0415 - late, on purpose

        return read_value(parameter, text)

    def template(self, source: str | None) -> str:
        """Return the text of a file or of standard input."""
        if source is None:
            raise missing_argument("FILE")
        from anvil_nb.files import read_text_file  # noqa: PLC0415 - late, on purpose

        return read_text_file(source)

    def declarations(self, source: str) -> Any:
        """Return the declarations in a JSON or YAML file."""
        from anvil_nb.cli.declarations import read_declarations  # noqa: PLC0415 - rarely needed

        return read_declarations(source)

    def rows(self, source: str) -> object:
        """Return the path: the run reads it."""
        return source

    def function(self, source: str) -> Callable[[Any], object]:
        """Return the function that ``module:function`` names; the current folder is searched."""
        module_name, mark, path = source.partition(":")
        if not mark or not module_name or not path:
            msg = f"a function is named module:function, found '{source}'"
            raise InvalidInputError(msg, "For example: --with answers:ask_model")
        if os.getcwd() not in sys.path:  # noqa: PTH109 - sys.path holds text
            sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as above
        found: Any = _imported(module_name, source)
        for name in path.split("."):
            try:
                found = getattr(found, name)
            except AttributeError as error:
                near = get_close_matches(name, dir(found), 1)
                hint = f"Did you mean {near[0]}?" if near else f"Define it in {module_name} first."
                raise InvalidInputError(_import_fault(source, error), hint) from error
        if not callable(found):
            msg = f"{source} is no function, it is {type(found).__name__}"
            raise InvalidInputError(msg, "Name a function that takes one rendered prompt.")
        function: Callable[[Any], object] = found
        return function

    def expected(self, address: str) -> str | None:
        """Return nothing: a terminal remembers nothing, ``--expect`` says it."""
        del address
        return None

    def agreed(self, shown: str, question: str) -> bool:
        """Ask whoever sits at the terminal; anything but a yes is a no."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        sys.stderr.write(f"{shown}\n\n{question} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    def progress(self) -> AbstractContextManager[Progress | None]:
        """Show progress on standard error, where that is a terminal."""
        from anvil_nb.cli.progress import Progress, on_terminal  # noqa: PLC0415 - rarely needed

        return Progress(on_terminal(sys.stderr)) if sys.stderr.isatty() else nullcontext()


def _check_names(found: Iterable[str], known: Sequence[str], source: str) -> None:
    """Refuse a file with a value that no prompt takes; one on the line is refused when bound."""
    for name in found:
        if name not in known:
            near = get_close_matches(name, known, 1)
            msg = f"there is no parameter '{name}', and {source} has a value for it"
            listed = ", ".join(known) or "none"
            hint = f"Did you mean '{near[0]}'?" if near else f"The parameters are: {listed}"
            raise SourceError(msg, hint)


def _imported(name: str, source: str) -> ModuleType:
    """Return the module ``name``, of which ``source`` says what to take.

    Raises:
        InvalidInputError: when there is none of that name.
        SourceError: when it fails.
    """
    try:
        return importlib.import_module(name)
    except Exception as error:
        msg = _import_fault(source, error)
        lacks = isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}.")
        if lacks or name.startswith("."):
            raise InvalidInputError(msg, "Name a module that Python finds from here.") from error
        raise SourceError(msg, f"See where: python -c 'import {name}'") from error


def _import_fault(source: str, error: Exception) -> str:
    return f"{source} cannot be imported: {type(error).__name__}: {error}"
