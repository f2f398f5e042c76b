"""The prompt that is saved again and again, and how its draft changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

WELCOME = "desk/emails/welcome"
DRAFT = f"{WELCOME}@draft"


def changes(ws: Workspace, address: str = WELCOME) -> list[str]:
    return [f"{change.action} {change.message}".strip() for change in ws.draft_log(address)]
