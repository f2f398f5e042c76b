"""The editor as its page uses it, without a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

WELCOME = "desk/emails/welcome"


class Writer:
    """The editor as its page uses it: what is typed, and the draft it was begun from."""

    def __init__(self, ws: Workspace, address: str = WELCOME) -> None:
        self.view = ws.edit(address)
        draft: Any = self.view.state()["draft"]
        self.document: dict[str, Any] = draft["document"]
        self.base: str = draft["digest"]

    def check(self, text: str | None = None, **values: str) -> Any:
        return self.view.check(self._typed(text), values)

    def save(self, text: str | None = None) -> Any:
        return self.view.save(self._typed(text), self.base)

    def _typed(self, text: str | None) -> dict[str, Any]:
        if text is not None:
            self.document = {**self.document, "text": text}
        return self.document

    def declare(self, **row: Any) -> None:
        made = {"name": "a", "type": "", "required": True, "description": "", **row}
        self.document = {**self.document, "parameters": [*self.document["parameters"], made]}
