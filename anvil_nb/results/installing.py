"""What an installation changes in the configuration of a client, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from anvil_nb.domain.textdiff import compare_text
from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.textdiff import TextDiff

State: TypeAlias = Literal["planned", "written", "unchanged", "refused"]

_CHANGES: Final = {
    "new": "is made",
    "added": "gets a server 'anvil'",
    "changed": "has another server 'anvil', which is changed",
}


@dataclass(frozen=True, slots=True)
class Installation(Result):
    """A client, and the change of its configuration.

    Args:
        client: Its name.
        title: As people know it.
        path: Of its configuration.
        state: What was done.
        change: What the change is: ``new``, ``added``, ``changed`` or ``same``; empty where there
            is none.
        command: What starts the server.
        following: What is to be done next; where it was refused, why.
        old: The file as it was, as far as it may be shown.
        new: The file as it is to be, the same.
    """

    client: str
    title: str
    path: str
    state: State
    change: str
    command: tuple[str, ...]
    following: str
    old: str = ""
    new: str = ""

    def to_text(self) -> str:
        """Return what was done, or the change as ``diff -u`` shows it."""
        lines = [f"{self.title}: {self._said()}"]
        if self.state == "planned":
            lines.append(self._diff().unified().rstrip("\n"))
        if self.state in {"written", "unchanged"}:
            lines.append(self.following)
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same, with the change marked."""
        parts = [html.diff_block(self._diff())] if self.state == "planned" else []
        after = [html.muted(self.following)] if self.state in {"written", "unchanged"} else []
        return html.section(f"{self.title}: {self._said()}", *parts, *after)

    def to_json(self) -> Json:
        """Return client, path, state, change and command, and the difference."""
        return {
            "client": self.client,
            "path": self.path,
            "state": self.state,
            "change": self.change,
            "command": list(self.command),
            "diff": self._diff().unified(),
            "next": self.following,
        }

    def _diff(self) -> TextDiff:
        return compare_text(self.old, self.new)

    def _said(self) -> str:
        path = visible(self.path, keep="")
        if self.state == "refused":
            return visible(self.following, keep="")
        if self.state == "unchanged":
            return f"{path} has the server already"
        if self.state == "written":
            return f"wrote {path}"
        return f"{path} {_CHANGES[self.change]}"


@dataclass(frozen=True, slots=True)
class Installations(Result):
    """The changes of several clients, or of the one that was named.

    Args:
        clients: What each is, or was, changed to.
        hint: What to do about it; empty where nothing is left to do.
    """

    clients: tuple[Installation, ...]
    hint: str = ""

    def to_text(self) -> str:
        """Return one after the other."""
        parts = [one.to_text() for one in self.clients]
        return "\n\n".join([*parts, self.hint] if self.hint else parts)

    def to_html(self) -> html.Html:
        """Return the same as cards."""
        hint = [html.muted(self.hint)] if self.hint else []
        return html.section("MCP server", *(one.to_html() for one in self.clients), *hint)

    def to_json(self) -> Json:
        """Return the list of clients, and the hint."""
        return {"clients": [one.to_json() for one in self.clients], "hint": self.hint}
