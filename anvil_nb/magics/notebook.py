"""The surface of a notebook: values are Python, drafts are read, what was read is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from anvil_nb.cli.surface import Assignment, Place, Surface, missing_argument, open_at
from anvil_nb.domain.address import Address, Draft, parse_set_address
from anvil_nb.domain.naming import is_name
from anvil_nb.errors import AddressError, InvalidInputError
from anvil_nb.magics.cell import Cell
from anvil_nb.magics.expressions import Namespace
from anvil_nb.magics.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from anvil_nb.cli.names import Names
    from anvil_nb.cli.progress import Progress, Show
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.workspace import Workspace

COMPLETION_BUDGET = 0.3
"""How long the Tab key may wait for the store, in seconds."""
OPENING_BUDGET = 1.0
"""How long the first time, when the store is opened for it: as long as in a terminal."""


_NO_CELL = Cell(Namespace({}, {}))
_HERE: Place = (None, None, None)


class Settings(Protocol):
    """What a user may set, as text that is empty where nothing is set."""

    workspace: str
    working_set: str


class Notebook(Surface):
    """Commands typed in one kernel.

    Args:
        settings: Where to look for ``anvil.toml``, and the working set; read at each use.
        show_progress: Returns what shows a line of progress, in place.
        memory: What this kernel knows of drafts already, if anything.

    Attributes:
        out: The name to assign the result of the command to, if one was said.
        memory: What this kernel knows of drafts.
    """

    quotes = True

    def __init__(
        self,
        settings: Settings,
        show_progress: Callable[[], Show],
        memory: Memory | None = None,
    ) -> None:
        super().__init__()
        self.out: str | None = None
        self.memory = memory or Memory()
        self._settings = settings
        self._show_progress = show_progress
        self._workspace: Workspace | None = None
        self._elsewhere: Workspace | None = None
        self._place = _HERE
        self._names: Names | None = None
        self._cell = _NO_CELL

    # One command

    def begin(self, cell: Cell) -> None:
        """Get ready for a command that reads from ``cell``."""
        self.json = self.debug = False
        self.out, self._cell, self._place = None, cell, _HERE

    def begin_command(self, *, reads_input: bool) -> None:
        """Refuse a command that would leave the body of its cell unread."""
        self._cell.check(reads_input=reads_input)

    def note(self, result: object) -> None:
        """Take note of what a command gave."""
        opened = self._elsewhere or self._workspace
        if opened is not None:
            self.memory.note(opened.location, result)

    def end(self) -> None:
        """Let go of what only that command needed."""
        self._cell = _NO_CELL
        if self._elsewhere is not None:
            self._elsewhere.close()
            self._elsewhere = None

    # The workspace

    def locate(self, workspace: str | None, store: str | None, actor: str | None) -> None:
        """Choose another workspace for one command, where something is said."""
        self._place = workspace, store, actor

    @property
    def workspace(self) -> Workspace:
        """The notebook's workspace, opened when it is first asked for."""
        if self._place == _HERE:
            return self._own()
        if self._elsewhere is None:
            folder, store, actor = self._place
            self._elsewhere = open_at((folder or self._folder, store, actor))
        return self._elsewhere

    def _own(self) -> Workspace:
        if self._workspace is None:
            self._workspace = open_at((self._folder, None, None))
        return self._workspace

    @property
    def _folder(self) -> str | None:
        return self._settings.workspace or None

    def make_workspace(self, folder: str | None, store: str | None, actor: str | None) -> Workspace:
        """Make a workspace in a folder, and use it in this notebook from here on."""
        from anvil_nb.workspace import init_workspace  # noqa: PLC0415 - loads the engine

        known_folder, known_store, known_actor = self._place
        made = init_workspace(
            folder or known_folder or self._folder or ".",
            store=store or known_store,
            actor=actor or known_actor,
        )
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

            self._names = Names(self._own, budget=COMPLETION_BUDGET, opening=OPENING_BUDGET)
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
        parsed = _parsed(address, self.working_set)
        return str(parsed if parsed.selector is not None else parsed.with_selector(Draft()))

    def to_change(self, address: str | None) -> str:
        """Return the full address; the working set where there is none.

        The working set's own selector says what is read, not what is changed.
        """
        within = None
        if self.working_set is not None:
            within = parse_set_address(self.working_set).set_path
        if address is not None:
            return str(_parsed(address, within))
        if within is None:
            raise missing_argument("SET")
        return within

    # Values

    def values(
        self, parameters: Iterable[Parameter], said: Iterable[Assignment], source: str | None
    ) -> dict[str, object]:
        """Return what expressions and files say; their values have types already."""
        del parameters
        return self._cell.values(said, source)

    def default(self, parameter: Parameter, text: str) -> object:
        """Return the value of the expression that was written for a default."""
        return self._cell.evaluate(text, f"--param {parameter.name}")

    def declarations(self, source: str) -> Any:
        """Return declarations written in Python, or those in a JSON or YAML file."""
        return self._cell.declarations(source)

    def template(self, source: str | None) -> str:
        """Return the body of the cell, or the text of a file."""
        return self._cell.template(source)

    def rows(self, source: str) -> object:
        """Return rows written in Python, those in the body of the cell, or the path of a file."""
        return self._cell.rows(source)

    def function(self, source: str) -> Callable[[Any], object]:
        """Return the function that an expression gives."""
        found = self._cell.evaluate(source, "--with")
        if not callable(found):
            msg = f"--with takes a function, and {source} is {type(found).__name__}"
            raise InvalidInputError(msg, "Name a function that takes one rendered prompt.")
        function: Callable[[Any], object] = found
        return function

    # What was read

    def expected(self, address: str) -> str | None:
        """Return the digest that the draft had when it was last read or saved in this kernel."""
        return self.memory.digest(self.workspace.location, address)

    def agreed(self, shown: str, question: str) -> bool:
        """Return no: a cell is run whole, and nobody is asked in the middle of it."""
        del shown, question
        return False

    def progress(self) -> AbstractContextManager[Progress | None]:
        """Show progress under the cell."""
        from anvil_nb.cli.progress import Progress  # noqa: PLC0415 - rarely needed

        return Progress(self._show_progress())


def _parsed(address: str, within: str | None) -> Address:
    short = "/" not in address and (address[:1] == "@" or is_name(address.partition("@")[0]))
    if short and within is None:
        msg = f"'{address}' is a short address, and no set is in use that it could be in"
        raise AddressError(msg, "Try: anvil use desk/emails   or in full: desk/emails/welcome")
    return Address.parse(address, within=within)
