"""What every result value can do: show itself as text and as HTML, and become JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.html import Html


class Result(ABC):
    """The parent of all result values.

    A result says what was found or done. Surfaces print ``to_text()`` or ``to_json()``;
    notebooks show ``to_html()`` beside the text.
    """

    __slots__ = ()

    @abstractmethod
    def to_text(self) -> str:
        """Return the result for a terminal."""

    @abstractmethod
    def to_html(self) -> Html:
        """Return the result for a notebook; everything that is not ours is escaped."""

    @abstractmethod
    def to_json(self) -> Json:
        """Return the result for programs."""

    def __str__(self) -> str:
        return self.to_text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Return what IPython displays."""
        del include, exclude
        return {"text/plain": self.to_text(), "text/html": str(self.to_html())}


def utc(moment: datetime) -> datetime:
    """Return a stored time, which is UTC without saying so, with its zone."""
    return moment.replace(tzinfo=UTC)


def shown(moment: datetime) -> str:
    """Return a time for people, to the minute: ``2026-11-21 05:12 UTC``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
