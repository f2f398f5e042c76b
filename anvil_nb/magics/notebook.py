"""The surface of a notebook: values are Python, drafts are read, what was read is remembered."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from anvil_nb.cli.surface import Assignment, Surface, missing_argument
from anvil_nb.domain.address import Address, Draft, parse_set_address
from anvil_nb.errors import InvalidInputError, SourceError
from anvil_nb.magics.expressions import Namespace
from anvil_nb.magics.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from anvil_nb.cli.names import Names
    from anvil_nb.cli.progress import Show
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.workspace import Workspace

COMPLETION_BUDGET = 0.3
"""How long the Tab key may wait for the store, in seconds."""

BODY = "-"
"""The file that stands for the body of the cell."""


_NO_NAMES = Namespace({}, {})


class Settings(Protocol):
    """What a user may set, as text that is empty where nothing is set."""

    workspace: str
    working_set: str


class Notebook(Surface):
    """Commands typed in one kernel.

    Args:
        settings: Where to look for ``anvil.toml``, and the working set; read at each use.
        show_progress: Returns what shows a line of progress, in place.

    Attributes:
        out: The name to assign the result of the command to, if one was said.
        memory: What this kernel knows of drafts.
    """

    def __init__(self, settings: Settings, show_progress: Callable[[], Show]) -> None:
        super().__init__()
        self.out: str | None = None
        self.memory = Memory()
        self._settings = settings
        self._show_progress = show_progress
        self._workspace: Workspace | None = None
        self._elsewhere: Workspace | None = None
        self._names: Names | None = None
        self._python = _NO_NAMES
        self._body: str | None = None
        self._body_was_read = False

    # One command

    def begin(self, namespace: Namespace, body: str | None) -> None:
        """Get ready for a command: its names, and the body of its cell."""
        self.json = self.debug = self._body_was_read = False
        self.out = None
        self._python, self._body = namespace, body

    def note(self, result: object) -> None:
        """Take note of what a command gave."""
        workspace = self._elsewhere or self._workspace
        if workspace is not None:
            self.memory.note(workspace.location, result)

    def end(self) -> None:
        """Let go of what only that command needed."""
        self._python, self._body = _NO_NAMES, None
        if self._elsewhere is not None:
            self._elsewhere.close()
            self._elsewhere = None

    # The workspace

    def locate(self, workspace: str | None, store: str | None, actor: str | None) -> None:
        """Open another workspace for one command, where one is named."""
        if workspace is not None or store is not None or actor is not None:
            from anvil_nb.workspace import open_workspace  # noqa: PLC0415 - loads the engine

            folder = workspace if workspace is not None else self._folder
            self._elsewhere = open_workspace(folder, store=store, actor=actor)

    @property
    def workspace(self) -> Workspace:
        """The notebook's workspace, opened when it is first asked for."""
        return self._elsewhere or self._own()

    def _own(self) -> Workspace:
        if self._workspace is None:
            from anvil_nb.workspace import open_workspace  # noqa: PLC0415 - loads the engine

            self._workspace = open_workspace(self._folder)
        return self._workspace

    @property
    def _folder(self) -> str | None:
        return self._settings.workspace or None

    def make_workspace(self, folder: str, store: str | None, actor: str | None) -> Workspace:
        """Make a workspace in a folder, and use it in this notebook from here on."""
        from anvil_nb.workspace import init_workspace  # noqa: PLC0415 - loads the engine

        made = init_workspace(folder, store=store, actor=actor)
        self.close()
        self._workspace = made
        return made

    def close(self) -> None:
        """Let go of the store; the next command opens the workspace again."""
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None

    @property
    def names(self) -> Names:
        """What there is to complete with."""
        if self._names is None:
            from anvil_nb.cli.names import Names  # noqa: PLC0415 - only for completion

            self._names = Names(self._own, budget=COMPLETION_BUDGET)
        return self._names

    # Addresses

    @property
    def working_set(self) -> str | None:
        """The set that short addresses are relative to, with its selector."""
        return self._settings.working_set or None

    @working_set.setter
    def working_set(self, address: str | None) -> None:
        self._settings.working_set = address or ""

    def to_read(self, address: str) -> str:
        """Return the full address; the draft is read where it has no selector."""
        parsed = Address.parse(address, within=self.working_set)
        return str(parsed if parsed.selector is not None else parsed.with_selector(Draft()))

    def to_change(self, address: str | None) -> str:
        """Return the full address; the working set where there is none.

        The working set's own selector says what is read, not what is changed.
        """
        within = None
        if self.working_set is not None:
            within = parse_set_address(self.working_set).set_path
        if address is not None:
            return str(Address.parse(address, within=within))
        if within is None:
            raise missing_argument("SET")
        return within

    # Values

    def values(
        self, parameters: Iterable[Parameter], said: Iterable[Assignment], source: str | None
    ) -> dict[str, object]:
        """Return the values of a mapping or JSON file, and those of the expressions over them."""
        del parameters
        values: dict[str, object] = {}
        if source is not None:
            found = self._python_or_file(source, "--vars", self._json)
            try:
                values.update(found)
            except (TypeError, ValueError) as error:
                msg = f"--vars takes a dict of values by name, found {type(found).__name__}"
                raise InvalidInputError(msg, "For example: --vars {'customer': 'Ada'}") from error
        for name, expression in said:
            values[name] = self._python.evaluate(expression, f"--var {name}")
        return values

    def default(self, parameter: Parameter, text: str) -> object:
        """Return the value of the expression that was written for a default."""
        return self._python.evaluate(text, f"--param {parameter.name}")

    def declarations(self, source: str) -> Any:
        """Return declarations written in Python, or those in a JSON or YAML file."""
        return self._python_or_file(source, "--params", self._declarations)

    def rows(self, source: str) -> object:
        """Return rows written in Python, those in the body of the cell, or the path of a file."""
        return self._python_or_file(source, "--data", self._rows)

    def function(self, source: str) -> Callable[[Any], object]:
        """Return the function that an expression gives."""
        found = self._python.evaluate(source, "--with")
        if not callable(found):
            msg = f"--with takes a function, and {source} is {type(found).__name__}"
            raise InvalidInputError(msg, "Name a function that takes one rendered prompt.")
        function: Callable[[Any], object] = found
        return function

    def template(self, source: str | None) -> str:
        """Return the body of the cell without IPython's last line feed, or the text of a file."""
        if source is None or source == BODY:
            return self._read_body()
        if self._body is not None:
            msg = f"there are two texts to save: the body of this cell, and {source}"
            raise InvalidInputError(
                msg, f"Leave {source} out, or write %anvil in place of %%anvil."
            )
        from anvil_nb.files import read_text_file  # noqa: PLC0415 - late, on purpose

        return read_text_file(source)

    def _read_body(self) -> str:
        if self._body is None:
            msg = "there is no text: a cell's body is read when its first line begins with %%anvil"
            raise InvalidInputError(msg, "Write %%anvil in place of %anvil, or name a file.")
        self._body_was_read = True
        return self._body.removesuffix("\n")

    def _python_or_file(self, source: str, where: str, read: Callable[[str], Any]) -> Any:
        """Return the value of an expression; where there is none, what a file holds."""
        if source == BODY:
            return read(source)
        try:
            found = self._python.evaluate(source, where)
        except InvalidInputError as error:
            found = Path(source).expanduser()
            if not found.is_file():
                hint = f"There is no file {source} either. {error.hint}"
                raise InvalidInputError(error.message, hint) from error.__cause__
        return read(str(found)) if isinstance(found, (str, Path)) else found

    def _rows(self, source: str) -> object:
        if source != BODY:
            return str(Path(source).expanduser())
        from anvil_nb.files import read_rows  # noqa: PLC0415 - late, on purpose

        text = self._read_body()
        ending = "jsonl" if text.lstrip().startswith("{") else "csv"
        ending = "json" if text.lstrip().startswith("[") else ending
        with TemporaryDirectory() as folder:
            file = Path(folder, f"cell.{ending}")
            file.write_text(text, "utf-8")
            try:
                return read_rows(file)
            except SourceError as error:
                raise SourceError(error.message.replace(f"{folder}/", ""), error.hint) from error

    def _json(self, source: str) -> Any:
        from anvil_nb.files import read_json_file  # noqa: PLC0415 - late, on purpose
        from anvil_nb.files.text import parse_json  # noqa: PLC0415 - late, on purpose

        return (
            parse_json(self._read_body(), "the cell") if source == BODY else read_json_file(source)
        )

    def _declarations(self, source: str) -> Any:
        from anvil_nb.cli.declarations import read_declarations  # noqa: PLC0415 - late, on purpose

        return self._json(source) if source == BODY else read_declarations(source)

    # What was read

    def expected(self, address: str) -> str | None:
        """Return the digest that the draft had when it was last read or saved in this kernel."""
        return self.memory.digest(self.workspace.location, address)

    def progress(self) -> AbstractContextManager[Callable[[int, int], None] | None]:
        """Show progress under the cell."""
        from anvil_nb.cli.progress import Progress  # noqa: PLC0415 - rarely needed

        return Progress(self._show_progress())
