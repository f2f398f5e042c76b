"""Views: the workspace as the caller of a request may see it, part by part of what is offered.

Tools say themselves what right they need. What is read besides them, prompts, resources and
skills, has the right of its part: who syncs skills may read them, and bundle files are files of
the workspace's own organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import ForbiddenError, NotFoundError
from anvil_nb.mcp_server.desk import BEYOND_STORE

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

    from anvil_nb.domain.rights import Right
    from anvil_nb.mcp_server.desk import Desk, Toolset
    from anvil_nb.workspace import Workspace

RIGHTS: Final[dict[Toolset, Right]] = {
    "prompts": "read:prompts",
    "skills": "sync",
    "bundles": "read:prompts",
}
"""What is needed to read each part, in the order in which parts are listed."""


@dataclass(frozen=True, slots=True)
class View:
    """What the caller of a request may see.

    Args:
        desk: What is offered.
        context: Of the request.
    """

    desk: Desk
    context: Context

    def of(self, part: Toolset) -> Workspace:
        """Return the workspace to read a part in.

        Raises:
            NotFoundError: for a part that is not offered.
            ForbiddenError: when the caller has no right to it.
        """
        if part not in self.desk.toolsets:
            msg = f"no {part} are offered here"
            raise NotFoundError(msg, f"Offered are: {', '.join(self.desk.toolsets)}")
        ws = self.desk.workspace_for(self.context, RIGHTS[part], "read")
        if part in BEYOND_STORE:
            self.desk.check_own(ws)
        return ws

    def parts(self) -> dict[Toolset, Workspace]:
        """Return all parts that the caller may see, each with the workspace to read it in.

        Raises:
            ForbiddenError: when some are offered, and the caller may see none of them.
        """
        found: dict[Toolset, Workspace] = {}
        refusal: ForbiddenError | None = None
        for part in RIGHTS:
            if part in self.desk.toolsets:
                try:
                    found[part] = self.of(part)
                except ForbiddenError as error:
                    refusal = refusal or error
        if refusal is not None and not found:
            raise refusal
        return found
