"""Results that only the surfaces give: a text that was asked for, two sides of a conflict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.results.result import Result

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.textdiff import TextDiff
    from anvil_nb.errors import DraftConflictError
    from anvil_nb.results.html import Html


@dataclass(frozen=True, slots=True)
class Said(Result):
    """A text that was asked for: help, a version, a script."""

    text: str

    def to_text(self) -> str:
        """Return the text."""
        return self.text

    def to_html(self) -> Html:
        """Return the text as it is."""
        from anvil_nb.results import html  # noqa: PLC0415 - help in a terminal needs none

        return html.code_block(self.text)

    def to_json(self) -> Json:
        """Return the text."""
        return {"text": self.text}


@dataclass(frozen=True, slots=True)
class BothSides(Result):
    """What stands in a draft and what was to be saved over it, side by side."""

    error: DraftConflictError

    def to_text(self) -> str:
        """Return what saving would have changed, like ``diff -u``."""
        return f"--- in the draft now\n+++ not saved\n{self._diff().unified()}"

    def to_html(self) -> Html:
        """Return what saving would have changed, with words marked."""
        from anvil_nb.results import html  # noqa: PLC0415 - late, as above

        title = "In the draft now (−), and what was not saved (+)"  # noqa: RUF001 - the diff's own minus
        return html.section(title, html.diff_block(self._diff()))

    def to_json(self) -> Json:
        """Return the error, which holds both."""
        details: Json = self.error.to_json()
        return details

    def _diff(self) -> TextDiff:
        from anvil_nb.domain.textdiff import compare_text  # noqa: PLC0415 - late, as above

        return compare_text(self.error.theirs or "", self.error.ours or "")
