"""Small results: something was saved, made, moved or removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json


@dataclass(frozen=True, slots=True)
class Saved(Result):
    """A draft was saved.

    Args:
        address: Of the prompt, with ``@draft``.
        digest: Of what stands in the draft now.
        previous: Of what stood there before; ``None`` for a new prompt.
        notes: What deserves attention: undeclared parameters, unused ones, missing partials.
    """

    address: str
    digest: str
    previous: str | None
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the save changed anything."""
        return self.digest != self.previous

    def to_text(self) -> str:
        """Return one line, and a line for each note."""
        return "\n".join([f"{self._what()} {self.address}  {short(self.digest)}", *self._notes()])

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        notes = [html.element("div", html.muted(note)) for note in self.notes]
        digest = html.muted(short(self.digest))
        return html.section(self._what(), digest, *notes, address=self.address)

    def to_json(self) -> Json:
        """Return address, digests, whether it changed, and notes."""
        return {
            "address": self.address,
            "digest": self.digest,
            "previous": self.previous,
            "changed": self.changed,
            "notes": list(self.notes),
        }

    def _what(self) -> str:
        if not self.changed:
            return "Unchanged"
        return "Saved" if self.previous else "Created"

    def _notes(self) -> list[str]:
        return [f"  note: {visible(note)}" for note in self.notes]


@dataclass(frozen=True, slots=True)
class Done(Result):
    """Something was done; ``message`` says what, ``facts`` say it to programs."""

    message: str
    facts: Mapping[str, Json] = field(default_factory=dict)

    def to_text(self) -> str:
        """Return the message."""
        return visible(self.message)

    def to_html(self) -> html.Html:
        """Return the message as a card."""
        return html.section(self.message)

    def to_json(self) -> Json:
        """Return the message and the facts."""
        return {"message": self.message, **self.facts}
