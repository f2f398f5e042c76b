"""What a command asks of the place it is typed in: a terminal or a notebook."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import click

from anvil_nb.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    from anvil_nb.cli.names import Names
    from anvil_nb.cli.progress import Progress
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.workspace import Workspace

Assignment = tuple[str, str]
"""A name and what was written behind its ``=``."""

Place = tuple[str | None, str | None, str | None]
"""The folder of a workspace, a store and an actor, as far as they were said."""


class Surface(ABC):
    """Where a command is typed. Commands find it as click's ``ctx.obj``.

    Attributes:
        json: Whether the result is wanted as JSON.
        debug: Whether an error is wanted with its traceback.
        quotes: Whether quotes around what is written for an option reach the command.
        terminal: Whether a command may have the process and its standard streams to itself.
    """

    quotes = False
    terminal = False

    def __init__(self) -> None:
        self.json = False
        self.debug = False

    @abstractmethod
    def begin_command(self, *, reads_input: bool) -> None:
        """Refuse a command that would leave unread what was handed to it."""

    @abstractmethod
    def locate(self, workspace: str | None, store: str | None, actor: str | None) -> None:
        """Choose the workspace for the command that follows; ``None`` leaves it as it is."""

    @property
    @abstractmethod
    def workspace(self) -> Workspace:
        """The workspace, opened when it is first asked for."""

    @abstractmethod
    def make_workspace(self, folder: str | None, store: str | None, actor: str | None) -> Workspace:
        """Make a workspace in a folder, this one when ``None``, and use it from here on."""

    @property
    @abstractmethod
    def names(self) -> Names:
        """What there is to complete with."""

    @property
    @abstractmethod
    def working_set(self) -> str | None:
        """The set that short addresses are relative to."""

    @abstractmethod
    def to_read(self, address: str) -> str:
        """Return the full address of what is read, with the selector that holds where none is."""

    @abstractmethod
    def to_change(self, address: str | None) -> str:
        """Return the full address of what a service changes, or gives a selector of its own."""

    @abstractmethod
    def values(
        self, parameters: Iterable[Parameter], said: Sequence[Assignment], source: str | None
    ) -> dict[str, object]:
        """Return the values to render with: those of ``source``, and those ``said`` over them."""

    @abstractmethod
    def default(self, parameter: Parameter, text: str) -> object:
        """Return the default that was written for a parameter."""

    @abstractmethod
    def template(self, source: str | None) -> str:
        """Return the text to save."""

    @abstractmethod
    def declarations(self, source: str) -> Any:
        """Return the parameter declarations to save."""

    @abstractmethod
    def rows(self, source: str) -> object:
        """Return the rows to run over, or the path of a file of them."""

    @abstractmethod
    def function(self, source: str) -> Callable[[Any], object]:
        """Return the function to call with each rendered prompt."""

    @abstractmethod
    def expected(self, address: str) -> str | None:
        """Return the digest that a draft is expected to have, from what was read here before."""

    @abstractmethod
    def agreed(self, shown: str, question: str) -> bool:
        """Show what is to be done and ask whether to; no where there is nobody to ask."""

    @abstractmethod
    def progress(self) -> AbstractContextManager[Progress | None]:
        """Show how far a long command is."""


def open_at(place: Place) -> Workspace:
    """Open the workspace of a folder, this one or the nearest above it when none is said.

    Raises:
        SettingsError: when there is no such folder, or no workspace.
    """
    from pathlib import Path  # noqa: PLC0415 - help loads no pathlib

    from anvil_nb.workspace import open_workspace  # noqa: PLC0415 - nor the store

    folder, store, actor = place
    if folder is not None and not Path(folder).exists():
        msg = f"there is no folder {folder}"
        raise SettingsError(msg, f"Make a workspace there: anvil init {folder}")
    return open_workspace(folder, store=store, actor=actor)


def surface_in(ctx: click.Context) -> Surface | None:
    """Return the surface that a command was called from."""
    found = ctx.find_root().obj
    return found if isinstance(found, Surface) else None


def completing(ctx: click.Context) -> Surface | None:
    """Return the surface of a command line that is only completed, turned to its workspace."""
    surface = surface_in(ctx)
    if surface is not None:
        said = ctx.find_root().params
        place = [said.get(name) for name in ("workspace", "store", "actor")]
        if any(place):
            surface.locate(*place)
    return surface


def missing_argument(name: str) -> click.MissingParameter:
    """Return the refusal of a command line that leaves out an argument this surface needs."""
    return click.MissingParameter(
        ctx=click.get_current_context(), param_hint=f"'{name}'", param_type="argument"
    )
