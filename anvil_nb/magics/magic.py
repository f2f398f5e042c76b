"""The magic itself: it parses its line, calls the command, and returns the result."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from traitlets import CBool, TraitError, Unicode, observe, validate

from anvil_nb.errors import AnvilError, DraftConflictError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from anvil_nb.magics.memory import Memory
    from anvil_nb.magics.notebook import Notebook

NAME = "anvil"
_CHOSEN = ("debug", "workspace", "working_set")


@dataclass(frozen=True, slots=True)
class Kept:
    """What outlives the magic, for the one that replaces it in the same kernel.

    Args:
        chosen: What was set, by name.
        memory: What the kernel knows of drafts; ``None`` where nothing was read yet.
    """

    chosen: Mapping[str, object]
    memory: Memory | None


@magics_class
class AnvilMagics(Magics):
    """Prompts in a notebook: what ``%anvil`` goes by."""

    debug = CBool(default_value=False, help="Show the whole traceback of an error.").tag(
        config=True
    )
    workspace = Unicode(
        "",
        help="The folder of anvil.toml; the current folder, or the nearest above it, when empty.",
    ).tag(config=True)
    working_set = Unicode(
        "",
        help="The set that short addresses are relative to, for example desk/emails. "
        "%anvil use sets it too.",
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        # First: traitlets tells of what the configuration sets while it initialises.
        self._ipython = shell
        self._surface: Notebook | None = None
        self._matcher: Any = None
        self._memory: Memory | None = None
        super().__init__(shell)

    @property
    def surface(self) -> Notebook:
        """The notebook as commands see it; made when it is first asked for."""
        if self._surface is None:
            from anvil_nb.magics.display import show_progress  # noqa: PLC0415 - late, on purpose
            from anvil_nb.magics.notebook import Notebook  # noqa: PLC0415 - late, on purpose

            self._surface = Notebook(self, lambda: show_progress(self._ipython), self._memory)
        return self._surface

    @validate("working_set")
    def _check_working_set(self, proposal: Any) -> str:
        if not proposal["value"]:
            return ""
        from anvil_nb.domain.address import parse_set_address  # noqa: PLC0415 - late, on purpose

        try:
            return str(parse_set_address(proposal["value"]))
        except AnvilError as error:
            # The one error after which traitlets keeps the old value.
            raise TraitError(str(error)) from error

    @observe("workspace")
    def _workspace_changed(self, _: object) -> None:
        if self._surface is not None:
            self._surface.close()

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def anvil(self, line: str, cell: str | None = None, local_ns: Any = None) -> Any:
        """Prompts with addresses, versions and digests: %anvil -h shows the commands."""
        # Raised outside of any except block, an error comes without a context of others.
        error = None
        try:
            return self._call(line, cell, local_ns or {})
        except AnvilError as raised:
            error = raised
        debug = self.debug or self.surface.debug
        if isinstance(error, DraftConflictError):
            self._show_both_sides(error)
        raise _traced(error) if debug else _bare(error)

    def _call(self, line: str, cell: str | None, local_ns: dict[str, Any]) -> Any:
        from anvil_nb.cli.dispatch import dispatch  # noqa: PLC0415 - late, on purpose
        from anvil_nb.magics.cell import Cell  # noqa: PLC0415 - late, on purpose
        from anvil_nb.magics.expressions import Namespace  # noqa: PLC0415 - late, on purpose
        from anvil_nb.magics.line import split  # noqa: PLC0415 - late, on purpose
        from anvil_nb.magics.program import PROGRAM, WRITTEN  # noqa: PLC0415 - late, on purpose

        surface = self.surface
        name = f"%{NAME}"
        surface.begin(Cell(Namespace(self._ipython.user_ns, local_ns), cell))
        try:
            result = dispatch(PROGRAM, split(line, WRITTEN), surface, name).result
            surface.note(result)
        finally:
            surface.end()
        value = result.to_json() if surface.json else result
        if surface.out is None:
            return value
        self._ipython.user_ns[surface.out] = value
        return None

    def _show_both_sides(self, error: DraftConflictError) -> None:
        from IPython.display import display  # noqa: PLC0415 - loads much

        from anvil_nb.cli.said import BothSides  # noqa: PLC0415 - late, on purpose

        display(BothSides(error))  # type: ignore[no-untyped-call]  # IPython's own

    def add(self, kept: Kept | None) -> None:
        """Register the magic and its completion; IPython has registered its configuration.

        Args:
            kept: What the magic that was here before has left.
        """
        from anvil_nb.magics.matcher import matcher_of  # noqa: PLC0415 - IPython's completer

        self._ipython.register_magics(self)
        self._matcher = matcher_of(self)
        self._ipython.Completer.custom_matchers.append(self._matcher)
        if kept is not None:
            self._memory = kept.memory
            for name, value in kept.chosen.items():
                setattr(self, name, value)

    def remove(self) -> Kept:
        """Undo what ``add`` did, let go of the store, and return what the next one goes on with."""
        manager = self._ipython.magics_manager
        for magics in manager.magics.values():
            if getattr(magics.get(NAME), "__self__", None) is self:
                del magics[NAME]
        if manager.registry.get(type(self).__name__) is self:
            del manager.registry[type(self).__name__]
        lists: tuple[list[Any], ...] = (
            self._ipython.configurables,
            self._ipython.Completer.custom_matchers,
        )
        for registered in lists:
            registered[:] = [one for one in registered if one not in (self, self._matcher)]
        if self._surface is not None:
            self._memory = self._surface.memory
            self._surface.close()
        return Kept({name: getattr(self, name) for name in _CHOSEN}, self._memory)


def _documentation() -> str:
    """Return what ``%anvil?`` shows; made when it is asked for, from the commands."""
    from anvil_nb.magics.program import documentation  # noqa: PLC0415 - late, on purpose

    return documentation()


# IPython asks an object for its documentation by this name before it looks for a docstring.
AnvilMagics.anvil.getdoc = _documentation  # type: ignore[union-attr]  # a function


def _bare(error: AnvilError) -> AnvilError:
    """Return the error without the exceptions behind it, which IPython would print too."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _traced(error: AnvilError) -> AnvilError:
    """Return the error, showing its traceback in place of its short form."""
    lines = traceback.format_exception(error)
    error._render_traceback_ = lambda: lines  # type: ignore[method-assign]
    return error
