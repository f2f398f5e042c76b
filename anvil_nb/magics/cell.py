"""One call of the magic: what its line says in Python, and the body of its cell."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import InvalidInputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anvil_nb.cli.surface import Assignment
    from anvil_nb.magics.expressions import Namespace

BODY = "-"
"""The file that stands for the body of the cell."""


class Cell:
    """What one command can read.

    Args:
        names: Where its expressions find their names.
        body: What stands below the line of a ``%%anvil`` cell; ``None`` for ``%anvil``.
    """

    def __init__(self, names: Namespace, body: str | None = None) -> None:
        self._names = names
        self._body = body
        self._was_read = False

    def check(self, *, reads_input: bool) -> None:
        """Refuse a command that would leave the body unread."""
        if self._body is not None and not reads_input:
            msg = "this command takes no text from the body of its cell"
            raise InvalidInputError(msg, "Write %anvil in place of %%anvil, in a cell of its own.")

    def evaluate(self, expression: str, where: str) -> Any:
        """Return the value of an expression; ``where`` says in messages what it is for."""
        return self._names.evaluate(expression, where)

    def values(self, said: Iterable[Assignment], source: str | None) -> dict[str, object]:
        """Return the values of a mapping or a JSON file, and those said over them."""
        values: dict[str, object] = {}
        if source is not None:
            found = self._python_or_file(source, "--vars", self._json)
            try:
                values.update(found)
            except (TypeError, ValueError) as error:
                msg = f"--vars takes a dict of values by name, found {type(found).__name__}"
                raise InvalidInputError(msg, "For example: --vars {'customer': 'Ada'}") from error
        for name, expression in said:
            values[name] = self.evaluate(expression, f"--var {name}")
        return values

    def declarations(self, source: str) -> Any:
        """Return declarations written in Python, or those in a JSON or YAML file."""
        return self._python_or_file(source, "--params", self._declarations)

    def rows(self, source: str) -> object:
        """Return rows written in Python, those in the body, or the path of a file."""
        return self._python_or_file(source, "--data", self._rows)

    def template(self, source: str | None) -> str:
        """Return the body, or the text of a file."""
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
        """Return the body without the line feed that IPython ends every body with."""
        if self._body is None:
            msg = "there is no text: a cell's body is read when its first line begins with %%anvil"
            raise InvalidInputError(msg, "Write %%anvil in place of %anvil, or name a file.")
        if self._was_read:
            msg = "the body of a cell can be read once only, and two options ask for it"
            raise InvalidInputError(msg, "Name a file for one of them.")
        self._was_read = True
        return self._body.removesuffix("\n")

    def _python_or_file(self, source: str, where: str, read: Callable[[str], Any]) -> Any:
        """Return the value of an expression; where it is text or fails, what a file holds."""
        if source == BODY:
            return read(source)
        try:
            found = self.evaluate(source, where)
        except InvalidInputError as error:
            found = Path(source).expanduser()
            if not found.is_file():
                hint = f"There is no file {source} either. {error.hint}"
                raise InvalidInputError(error.message, hint) from error.__cause__
        return read(str(found)) if isinstance(found, (str, Path)) else found

    def _rows(self, source: str) -> object:
        if source != BODY:
            return source
        from anvil_nb.files import read_rows  # noqa: PLC0415 - late, on purpose

        text = self._read_body()
        ending = {"{": "jsonl", "[": "json"}.get(text.lstrip()[:1], "csv")
        with TemporaryDirectory() as folder:
            file = Path(folder, f"cell.{ending}")
            file.write_text(text, "utf-8")
            try:
                return read_rows(file)
            except SourceError as error:
                message = error.message.replace(f"{Path(folder).as_posix()}/", "")
                raise SourceError(message, error.hint) from error

    def _json(self, source: str) -> Any:
        from anvil_nb.files import read_json_file  # noqa: PLC0415 - late, on purpose
        from anvil_nb.files.text import parse_json  # noqa: PLC0415 - late, on purpose

        if source == BODY:
            return parse_json(self._read_body(), "the cell")
        return read_json_file(source)

    def _declarations(self, source: str) -> Any:
        from anvil_nb.cli.declarations import read_declarations  # noqa: PLC0415 - late, on purpose

        return self._json(source) if source == BODY else read_declarations(source)
